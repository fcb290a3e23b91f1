//! Who may do what: nobody without a policy, member accounts the eleven reads, the owner everything.

use std::sync::Arc;

use directory::groups::{self, GroupKey};
use directory::identity_stores;
use directory::memberships::{self, Listing};
use directory::users::{self, UserKey};
use model::access::{Authority, Decision, Question};
use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::RoleName;
use model::caller::{Caller, RoleSession};
use model::cx::Cx;
use model::directory::membership::MembershipId;
use model::fault::{Fault, FaultKind};
use model::page::PageRequest;
use testkit::fixture::Fixture;

use crate::support::{at, describe, make, make_group, person, set};

/// Allows every action on these ARNs.
#[derive(Debug)]
struct Only(Vec<String>);

impl Authority for Only {
    fn decide(&self, question: &Question<'_>) -> Decision {
        if self.0.contains(&question.resource.arn) { Decision::Allow } else { Decision::ImplicitDeny }
    }
}

fn role(fixture: &Fixture, account: &str, arns: Vec<String>) -> Cx {
    let session = RoleSession {
        is_delegated: false,
        account_id: AccountId::trusted(account),
        role_name: RoleName::trusted("Reader"),
        account_path: UnitPath::ROOT,
        role_path: "/".to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        session_name: "jane".to_owned(),
        access_key_id: "ASIAEXAMPLE".to_owned(),
        issued_at: fixture.now,
        expires_at: fixture.now,
        tags: std::collections::BTreeMap::new(),
        provided_context: None,
        federated_provider: None,
        mfa_at: None,
        handed_on: <_>::default(),
        on_behalf_of: None,
    };
    let caller = Caller::role(session, Arc::new(Only(arns)));
    fixture.cx(caller, "identitystore.amazonaws.com", "Test")
}

/// How each of the 22 operations (and the change of status) goes for this caller: made on things that exist.
async fn try_everything(fixture: &Fixture, cx: &Cx) -> Vec<(&'static str, bool, Result<(), Fault>)> {
    let (store, at, page) = (&fixture.store, &at(fixture), &PageRequest::first(1));
    let suffix = cx.caller.arn().len().to_string();
    let jane = make(fixture, &format!("jane{suffix}")).await.id;
    let ops = make_group(fixture, &format!("ops{suffix}")).await.id;
    let john = make(fixture, &format!("john{suffix}")).await.id;
    let root = fixture.root("identitystore.amazonaws.com", "Setup");
    let pair = memberships::create(store, &root, at, &ops, &jane).await.unwrap().id;
    let change = || set("displayName", serde_json::json!("Changed"));
    let read = true;
    vec![
        ("DescribeUser", read, describe(store, cx, at, &jane).map(drop)),
        ("ListUsers", read, users::list(store, cx, at, None, page).map(drop)),
        (
            "GetUserId",
            read,
            users::get_id(store, cx, at, &UserKey::UserName(format!("jane{suffix}"))).map(drop),
        ),
        ("DescribeGroup", read, groups::describe(store, cx, at, &ops).map(drop)),
        ("ListGroups", read, groups::list(store, cx, at, None, page).map(drop)),
        (
            "GetGroupId",
            read,
            groups::get_id(store, cx, at, &GroupKey::DisplayName(format!("ops{suffix}"))).map(drop),
        ),
        ("DescribeGroupMembership", read, memberships::describe(store, cx, at, &pair).map(drop)),
        ("GetGroupMembershipId", read, memberships::get_id(store, cx, at, &ops, &jane).map(drop)),
        (
            "ListGroupMemberships",
            read,
            memberships::list(store, cx, at, &ops, Listing::new(page, |_| ())).map(drop),
        ),
        (
            "ListGroupMembershipsForMember",
            read,
            memberships::list_for_member(store, cx, at, &jane, Listing::new(page, |_| ())).map(drop),
        ),
        (
            "IsMemberInGroups",
            read,
            memberships::is_member(store, cx, at, &jane, std::slice::from_ref(&ops)).map(drop),
        ),
        ("DescribeIdentityStore", false, identity_stores::describe(store, cx, at).map(drop)),
        ("UpdateIdentityStore", false, identity_stores::update(store, cx, at, false).await.map(drop)),
        ("CreateUser", false, users::create(store, cx, at, person(&format!("new{suffix}"))).await.map(drop)),
        ("UpdateUser", false, users::update(store, cx, at, &jane, change()).await.map(drop)),
        ("CreateGroup", false, groups::create(store, cx, at, &format!("new{suffix}"), None).await.map(drop)),
        ("UpdateGroup", false, groups::update(store, cx, at, &ops, change()).await.map(drop)),
        ("CreateGroupMembership", false, memberships::create(store, cx, at, &ops, &john).await.map(drop)),
        ("DeleteGroupMembership", false, memberships::delete(store, cx, at, &pair).await),
        (
            "DisableUser",
            false,
            users::set_status(store, cx, at, &jane, model::directory::user::UserStatus::Disabled)
                .await
                .map(drop),
        ),
        ("DeleteUser", false, users::delete(store, cx, at, &jane, None).await),
        ("DeleteGroup", false, groups::delete(store, cx, at, &ops, None).await),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_anything_without_a_policy() {
    let fixture = Fixture::sqlite().await;
    let powerless = role(&fixture, "111122223333", vec![]);
    let anonymous = fixture.cx(Caller::anonymous(), "identitystore.amazonaws.com", "Test");
    for cx in [powerless, anonymous] {
        for (operation, _, result) in try_everything(&fixture, &cx).await {
            assert_eq!(*result.expect_err(operation).kind(), FaultKind::AccessDenied, "{operation}");
        }
        let listed = identity_stores::list(&fixture.store, &cx, &PageRequest::first(1));
        assert_eq!(*listed.unwrap_err().kind(), FaultKind::AccessDenied);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn member_accounts_read_people_and_change_nothing() {
    let fixture = Fixture::sqlite().await;
    let member = fixture.cx(
        Caller::root(AccountId::trusted("444455556666"), "AKIA"),
        "identitystore.amazonaws.com",
        "Test",
    );
    for (operation, may, result) in try_everything(&fixture, &member).await {
        match result {
            Ok(()) => assert!(may, "{operation} was allowed"),
            Err(fault) => assert!(!may && *fault.kind() == FaultKind::AccessDenied, "{operation}: {fault}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_may_do_everything() {
    let fixture = Fixture::sqlite().await;
    let root = fixture.root("identitystore.amazonaws.com", "Test");
    for (operation, _, result) in try_everything(&fixture, &root).await {
        assert!(result.is_ok(), "{operation}: {result:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_resource_of_an_action_must_be_allowed() {
    let fixture = Fixture::sqlite().await;
    let (jane, john) = (make(&fixture, "jane").await.id, make(&fixture, "john").await.id);
    let store_arn = fixture.instance.identity_store_id.arn(&fixture.instance.owner);
    let describe = |cx: &Cx, id| describe(&fixture.store, cx, &at(&fixture), id);
    let both = role(&fixture, "111122223333", vec![store_arn.clone(), jane.arn()]);
    assert!(describe(&both, &jane).is_ok());
    assert!(describe(&both, &john).is_err());
    assert!(users::list(&fixture.store, &both, &at(&fixture), None, &PageRequest::first(1)).is_err());
    for arns in [vec![store_arn], vec![jane.arn()]] {
        assert!(describe(&role(&fixture, "111122223333", arns), &jane).is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegate_for_one_group_touches_memberships_of_no_other() {
    let fixture = Fixture::sqlite().await;
    let (store, at, root) =
        (&fixture.store, &at(&fixture), fixture.root("identitystore.amazonaws.com", "Setup"));
    let (jane, mine) = (make(&fixture, "jane").await.id, make_group(&fixture, "mine").await.id);
    let theirs = make_group(&fixture, "theirs").await.id;
    let own = memberships::create(store, &root, at, &mine, &jane).await.unwrap().id;
    let other = memberships::create(store, &root, at, &theirs, &jane).await.unwrap().id;
    let absent = MembershipId::trusted("00000000-0000-4000-8000-000000000000");
    let store_arn = fixture.instance.identity_store_id.arn(&fixture.instance.owner);
    let arns = vec![store_arn, mine.arn(), jane.arn(), own.arn(), other.arn(), absent.arn()];
    let delegate = || role(&fixture, "111122223333", arns.clone());
    let text = |fault: Fault, id: &MembershipId| {
        assert_eq!(*fault.kind(), FaultKind::AccessDenied, "{fault}");
        fault.message().replace(id.as_str(), "ID")
    };
    let describe =
        |id: &MembershipId| text(memberships::describe(store, &delegate(), at, id).unwrap_err(), id);
    assert_eq!(describe(&other), describe(&absent), "a refusal tells what is there");
    let mut told = Vec::new();
    for id in [&other, &absent] {
        told.push(text(memberships::delete(store, &delegate(), at, id).await.unwrap_err(), id));
    }
    assert_eq!(told[0], told[1], "a refusal tells what is there");
    assert!(memberships::describe(store, &root, at, &other).is_ok(), "it was deleted");
    memberships::describe(store, &delegate(), at, &own).unwrap();
    memberships::delete(store, &delegate(), at, &own).await.unwrap();
    let ids = |name: &str| groups::get_id(store, &delegate(), at, &GroupKey::DisplayName(name.to_owned()));
    assert_eq!(ids("mine").unwrap(), mine);
    let (there, gone) = (ids("theirs").unwrap_err(), ids("nothing").unwrap_err());
    assert_eq!(
        (there.kind(), there.message()),
        (gone.kind(), gone.message()),
        "a refusal tells what is there"
    );
}
