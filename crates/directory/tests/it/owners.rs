//! Who owns whom: what is another's is not changed, and is handed over by an administrator alone.

use std::sync::Arc;

use directory::memberships::{self, Listing};
use directory::owners::{self, HandOver, Owned};
use directory::ownership::Named;
use directory::provisioned_groups::{self, GroupChange, MembersChange, NamedMember};
use directory::provisioning::{self, Meant, Person};
use directory::source_id::SourceId;
use directory::{arrivals, groups, users};
use model::access::Unrestricted;
use model::caller::Caller;
use model::cx::Cx;
use model::directory::group::Group;
use model::directory::user::{User, UserId, UserStatus};
use model::fault::{ConflictReason, Fault, FaultKind};
use model::page::PageRequest;
use model::sources::arrival::Arrival;
use model::sources::external_idp::{
    Arrivals, AttributeRule, ExternalIdp, ExternalIdpId, ExternalIdpSettings, ExternalIdpStatus, GroupRule,
    Protocol, SamlIdp, SubjectMatch,
};
use model::sources::provisioning_tenant::{BearerTokenId, Provisioner, ProvisioningTenant, TenantId};
use serde_json::json;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::support::{at, cx, describe, make, make_group, person, set};

pub(crate) const FIRST: &str = "11111111111-2222-3333-4444-555555555555";
pub(crate) const SECOND: &str = "11111111111-2222-3333-4444-666666666666";

/// A tenant by its row.
pub(crate) async fn tenant(fixture: &Fixture, id: &str, name: &str) -> TenantId {
    let tenant = ProvisioningTenant {
        id: TenantId::trusted(id),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        name: Some(name.to_owned()),
        may_set_passwords: false,
        created_at: fixture.now,
        created_by: String::new(),
    };
    let id = tenant.id.clone();
    let insert = move |tx: &mut Tx<'_>, _: &Cx| store::sources::provisioning_tenants::insert(tx, &tenant);
    fixture.store.write(&cx(fixture, "CreateProvisioningTenant"), insert).await.unwrap();
    id
}

/// A call with a token of a tenant.
pub(crate) fn by(fixture: &Fixture, tenant: &TenantId) -> Cx {
    let provisioner = Provisioner {
        account_id: fixture.instance.owner.clone(),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        tenant_id: tenant.clone(),
        token_id: BearerTokenId::trusted("12121212-1212-4212-8212-121212121212"),
        token_name: None,
    };
    let caller = Caller::provisioner(provisioner, Arc::new(Unrestricted));
    fixture.cx(caller, "identitystore-scim.amazonaws.com", "PatchUser")
}

pub(crate) fn issuer(tenant: &TenantId) -> String {
    tenant.issuer("us-east-1")
}

fn as_given(name: &str, status: UserStatus) -> Person {
    Person { profile: person(name), status, external_id: None }
}

/// Somebody whom a tenant brings.
pub(crate) async fn bring(fixture: &Fixture, tenant: &TenantId, name: &str) -> User {
    let new = (as_given(name, UserStatus::Enabled), issuer(tenant));
    let nothing_else = |_: &mut Tx<'_>, _: &Cx, _: &User| Ok(());
    provisioning::create(&fixture.store, &by(fixture, tenant), &at(fixture), new, nothing_else).await.unwrap()
}

async fn bring_group(fixture: &Fixture, tenant: &TenantId, members: &[&User]) -> Group {
    let members =
        vec![MembersChange::Add(members.iter().map(|user| NamedMember::User(user.id.clone())).collect())];
    let change = GroupChange { display_name: "Brought".to_owned(), external_id: None, members };
    let new = (change, issuer(tenant));
    provisioned_groups::create(&fixture.store, &by(fixture, tenant), &at(fixture), new).await.unwrap()
}

/// A tenant sends the whole person anew.
async fn send(
    fixture: &Fixture,
    tenant: &TenantId,
    id: &UserId,
    (name, status): (&'static str, UserStatus),
) -> Result<User, Fault> {
    let meant = Meant { id: id.clone(), revision: None, issuer: issuer(tenant) };
    let with = move |_: &User| Ok(as_given(name, status));
    let nothing_else = |_: &mut Tx<'_>, _: &Cx, _: &User| Ok(());
    let then = (with, Some(nothing_else));
    provisioning::change(&fixture.store, &by(fixture, tenant), &at(fixture), meant, then).await
}

async fn delete(fixture: &Fixture, cx: &Cx, id: &UserId) -> Result<(), Fault> {
    users::delete(&fixture.store, cx, &at(fixture), id, None).await
}

pub(crate) async fn hand_over(
    fixture: &Fixture,
    of: Vec<Owned>,
    to: Option<&TenantId>,
) -> Vec<owners::Failure> {
    let hand_over = HandOver { of, to: to.cloned().map(SourceId::Tenant) };
    owners::take(&fixture.store, &cx(fixture, "TakeOwnership"), &at(fixture), hand_over).await.unwrap()
}

async fn set_status(fixture: &Fixture, id: &UserId, status: UserStatus) -> User {
    users::set_status(&fixture.store, &cx(fixture, "SetStatus"), &at(fixture), id, status)
        .await
        .unwrap()
        .unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "each is made for the question")]
fn owner(fixture: &Fixture, of: Owned) -> Option<Named> {
    owners::describe(&fixture.store, &cx(fixture, "DescribeOwner"), &at(fixture), &of).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "what is unwrapped is looked at here")]
#[track_caller]
pub(crate) fn is_refused(refused: Fault, kind: FaultKind, words: &[&str]) {
    assert_eq!(*refused.kind(), kind, "{refused}");
    for word in words {
        assert!(refused.message().contains(word), "{word}: {refused}");
    }
}

/// A provider by which people sign in, which makes and changes them.
pub(crate) fn external_idp(fixture: &Fixture, group: &Group, update: bool) -> ExternalIdp {
    let arrivals = Arrivals {
        create: true,
        update,
        attributes: vec![AttributeRule { attribute: "displayName".to_owned(), from: "name".to_owned() }],
        groups_from: Some("groups".to_owned()),
        groups: vec![GroupRule { value: "staff".to_owned(), group_id: group.id.to_string() }],
    };
    ExternalIdp {
        id: ExternalIdpId::trusted(FIRST),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        status: ExternalIdpStatus::Enabled,
        issuer: "https://idp.example".to_owned(),
        settings: ExternalIdpSettings {
            name: "Example".to_owned(),
            protocol: Protocol::Saml(SamlIdp::default()),
            domains: Vec::new(),
            any_domain: true,
            required: false,
            hidden: false,
            subject: SubjectMatch::UserName,
            subject_from: None,
            trust_mfa: false,
            arrivals,
            tags: Vec::new(),
        },
        document: String::new(),
        fetched_at: fixture.now,
        fetch_error: None,
        created_at: fixture.now,
        created_by: String::new(),
        updated_at: fixture.now,
        updated_by: String::new(),
    }
}

/// Somebody signs in by it.
pub(crate) async fn arrive(fixture: &Fixture, idp: &ExternalIdp, name: &str) -> User {
    try_to_arrive(fixture, idp, name).await.unwrap()
}

async fn try_to_arrive(fixture: &Fixture, idp: &ExternalIdp, name: &str) -> Result<User, Fault> {
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let arrival = Arrival {
        subject: name.to_owned(),
        called: name.to_owned(),
        index: None,
        until: None,
        mfa: false,
        attributes: [("name", values(&["As it says"])), ("groups", values(&["staff"]))]
            .map(|(name, values)| (name.to_owned(), values))
            .into(),
    };
    arrivals::settle(&fixture.store, &cx(fixture, "SignIn"), idp, &arrival).await
}

const STATE: FaultKind = FaultKind::Conflict(ConflictReason::State);

testkit::on_both_engines!(what_a_source_brought_is_changed_by_it_alone, |fixture: Fixture| async move {
    let (f, first) = (&fixture, tenant(&fixture, FIRST, "Entra ID").await);
    let jane = bring(f, &first, "jane").await;
    let group = bring_group(f, &first, &[&jane]).await;
    let said = owner(f, Owned::User(jane.id.clone())).unwrap();
    assert_eq!((said.tenant.as_ref(), said.name.as_deref()), (Some(&first), Some("Entra ID")));
    assert_eq!((said.owner.source, said.owner.since), (issuer(&first), fixture.now));
    assert!(owner(f, Owned::Group(group.id.clone())).is_some());
    let words = ["Entra ID", FIRST, "TakeOwnership", "no TenantId"];

    let change = set("displayName", json!("J"));
    let refused = users::update(&f.store, &cx(f, "UpdateUser"), &at(f), &jane.id, change).await.unwrap_err();
    is_refused(refused, STATE, &words);
    let refused = delete(f, &cx(f, "DeleteUser"), &jane.id).await.unwrap_err();
    is_refused(refused, STATE, &["DisableUser", jane.id.as_str()]);
    let change = set("displayName", json!("G"));
    let refused = groups::update(&f.store, &cx(f, "UpdateGroup"), &at(f), &group.id, change).await;
    is_refused(refused.unwrap_err(), STATE, &words);
    let refused = groups::delete(&f.store, &cx(f, "DeleteGroup"), &at(f), &group.id, None).await;
    is_refused(refused.unwrap_err(), STATE, &words);

    // Who is in a group is for its owner to say, whoever the members are.
    let (sam, own) = (make(f, "sam").await, make_group(f, "Own").await);
    let join = async |group: &Group, user: &User| {
        memberships::create(&f.store, &cx(f, "CreateGroupMembership"), &at(f), &group.id, &user.id).await
    };
    is_refused(join(&group, &sam).await.unwrap_err(), STATE, &words);
    join(&own, &jane).await.unwrap();
    let mut ids = Vec::new();
    let page = PageRequest::first(9);
    let listing = Listing::new(&page, |row| ids.push(row.id.to_owned()));
    memberships::list(&f.store, &cx(f, "ListGroupMemberships"), &at(f), &group.id, listing).unwrap();
    let membership = model::directory::membership::MembershipId::trusted(ids.remove(0));
    let leave = memberships::delete(&f.store, &cx(f, "DeleteGroupMembership"), &at(f), &membership).await;
    is_refused(leave.unwrap_err(), STATE, &words);

    send(f, &first, &jane.id, ("jane2", UserStatus::Enabled)).await.unwrap();
    delete(f, &by(f, &first), &jane.id).await.unwrap();
    groups::delete(&f.store, &by(f, &first), &at(f), &group.id, None).await.unwrap();
});

testkit::on_both_engines!(a_source_changes_nothing_that_is_not_its_own, |fixture: Fixture| async move {
    let f = &fixture;
    let (first, second) = (tenant(f, FIRST, "Entra ID").await, tenant(f, SECOND, "Okta").await);
    let (jane, sam) = (bring(f, &first, "jane").await, make(f, "sam").await);
    for (who, whose) in [(&jane, "Entra ID"), (&sam, "no source")] {
        let refused = send(f, &second, &who.id, ("x", UserStatus::Disabled)).await.unwrap_err();
        is_refused(refused, FaultKind::AccessDenied, &[whose, "TakeOwnership", who.id.as_str()]);
        let refused = delete(f, &by(f, &second), &who.id).await.unwrap_err();
        is_refused(refused, FaultKind::AccessDenied, &[whose]);
        let now = describe(&f.store, &cx(f, "DescribeUser"), &at(f), &who.id).unwrap();
        assert_eq!((now.revision, now.status), (1, UserStatus::Enabled));
    }
    let own = make_group(f, "Own").await;
    let meant = Meant { id: own.id.clone(), revision: None, issuer: issuer(&second) };
    let with = |_: &Group| {
        Ok(GroupChange { display_name: "Other".to_owned(), external_id: None, members: Vec::new() })
    };
    let refused = provisioned_groups::change(&f.store, &by(f, &second), &at(f), meant, with).await;
    is_refused(refused.unwrap_err(), FaultKind::AccessDenied, &["group", "no source", "GroupIds"]);
    let refused = groups::delete(&f.store, &by(f, &second), &at(f), &own.id, None).await;
    is_refused(refused.unwrap_err(), FaultKind::AccessDenied, &["no source"]);
});

testkit::on_both_engines!(who_is_kept_out_does_not_come_by_signing_in, |fixture: Fixture| async move {
    let f = &fixture;
    let (tenant, own) = (tenant(f, FIRST, "Entra ID").await, make_group(f, "Own").await);
    let jane = bring(f, &tenant, "jane").await;
    set_status(f, &jane.id, UserStatus::Disabled).await;
    delete(f, &by(f, &tenant), &jane.id).await.unwrap();
    let idp = external_idp(f, &own, true);
    let refused = try_to_arrive(f, &idp, "jane").await.unwrap_err();
    is_refused(refused, FaultKind::Forbidden, &["jane was disabled here", "deleted by their source"]);
    let gone = owner(f, Owned::User(jane.id.clone())).unwrap();
    assert_eq!((gone.tenant.as_ref(), gone.deleted_at), (Some(&tenant), Some(f.now)));
    let let_in =
        users::set_status(&f.store, &cx(f, "EnableUser"), &at(f), &jane.id, UserStatus::Enabled).await;
    assert_eq!(let_in.unwrap(), None);
    assert_eq!(arrive(f, &idp, "jane").await.status, UserStatus::Enabled);
    // Whom an administrator takes away nobody keeps out: it was theirs to decide.
    let sam = make(f, "sam").await;
    set_status(f, &sam.id, UserStatus::Disabled).await;
    delete(f, &cx(f, "DeleteUser"), &sam.id).await.unwrap();
    assert_eq!(bring(f, &tenant, "sam").await.status, UserStatus::Enabled);
});

testkit::on_both_engines!(ownership_is_handed_over_explicitly, |fixture: Fixture| async move {
    let f = &fixture;
    let (first, second) = (tenant(f, FIRST, "Entra ID").await, tenant(f, SECOND, "Okta").await);
    let (jane, sam, own) = (bring(f, &first, "jane").await, make(f, "sam").await, make_group(f, "Own").await);
    let nobody = UserId::trusted("12121212-1212-4212-8212-121212121212");
    let all = [&jane.id, &sam.id, &nobody].map(|id| Owned::User(id.clone()));
    let all = all.into_iter().chain([Owned::Group(own.id.clone())]).collect();
    let failures = hand_over(f, all, Some(&second)).await;
    let [failure] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!((&failure.of, failure.reason.as_str()), (&Owned::User(nobody), "USER not found."));
    for of in [Owned::User(jane.id.clone()), Owned::User(sam.id.clone()), Owned::Group(own.id.clone())] {
        assert_eq!(owner(f, of).unwrap().tenant.as_ref(), Some(&second));
    }
    send(f, &first, &jane.id, ("jane", UserStatus::Disabled)).await.unwrap_err();
    send(f, &second, &jane.id, ("jane3", UserStatus::Enabled)).await.unwrap();

    let failures = hand_over(f, vec![Owned::User(jane.id.clone())], None).await;
    assert!(failures.is_empty() && owner(f, Owned::User(jane.id.clone())).is_none());
    send(f, &second, &jane.id, ("jane", UserStatus::Enabled)).await.unwrap_err();
    delete(f, &cx(f, "DeleteUser"), &jane.id).await.unwrap();

    let take = async |of: Vec<Owned>, to: Option<&str>| {
        let hand_over = HandOver { of, to: to.map(TenantId::trusted).map(SourceId::Tenant) };
        let cx = cx(f, "TakeOwnership");
        owners::take(&f.store, &cx, &at(f), hand_over).await.unwrap_err()
    };
    let sam = Owned::User(sam.id);
    is_refused(take(vec![], None).await, FaultKind::Validation, &["1 to 100", "they name 0 and 0"]);
    is_refused(take(vec![sam.clone(); 101], None).await, FaultKind::Validation, &["they name 101 and 0"]);
    let gone = "11111111111-2222-3333-4444-777777777777";
    let refused = take(vec![sam], Some(gone)).await;
    assert!(matches!(refused.kind(), FaultKind::NotFound(_)) && refused.message().contains(gone));
});

testkit::on_both_engines!(
    whom_an_administrator_disabled_no_source_lets_in_again,
    |fixture: Fixture| async move {
        let (f, first) = (&fixture, tenant(&fixture, FIRST, "Entra ID").await);
        let jane = bring(f, &first, "jane").await.id;
        let enabled = ("jane", UserStatus::Enabled);
        let disabled = ("jane", UserStatus::Disabled);

        // The source lets go and lets in as it likes.
        send(f, &first, &jane, disabled).await.unwrap();
        assert_eq!(send(f, &first, &jane, enabled).await.unwrap().status, UserStatus::Enabled);

        set_status(f, &jane, UserStatus::Disabled).await;
        let refused = send(f, &first, &jane, enabled).await.unwrap_err();
        is_refused(refused, FaultKind::AccessDenied, &["disabled here", "EnableUser"]);
        // It may say that they are disabled, and that does not make it the source's word alone.
        send(f, &first, &jane, ("jane2", UserStatus::Disabled)).await.unwrap();
        send(f, &first, &jane, enabled).await.unwrap_err();
        assert!(owner(f, Owned::User(jane.clone())).unwrap().owner.disabled_here_at.is_some());

        set_status(f, &jane, UserStatus::Enabled).await;
        assert_eq!(owner(f, Owned::User(jane.clone())).unwrap().owner.disabled_here_at, None);
        send(f, &first, &jane, disabled).await.unwrap();
        send(f, &first, &jane, enabled).await.unwrap();

        // Also of whoever is disabled when they are handed over, and whom the source had disabled itself.
        let sam = make(f, "sam").await.id;
        set_status(f, &sam, UserStatus::Disabled).await;
        hand_over(f, vec![Owned::User(sam.clone())], Some(&first)).await;
        is_refused(
            send(f, &first, &sam, ("sam", UserStatus::Enabled)).await.unwrap_err(),
            FaultKind::AccessDenied,
            &["EnableUser"],
        );
        send(f, &first, &jane, disabled).await.unwrap();
        set_status(f, &jane, UserStatus::Disabled).await;
        send(f, &first, &jane, enabled).await.unwrap_err();
    }
);

testkit::on_both_engines!(a_sign_in_changes_nobody_whom_another_source_owns, |fixture: Fixture| async move {
    let (f, first) = (&fixture, tenant(&fixture, FIRST, "Entra ID").await);
    let jane = bring(f, &first, "jane").await;
    let (brought, own) = (bring_group(f, &first, &[]).await, make_group(f, "Own").await);
    let members = |group: &Group| {
        let (mut users, page) = (Vec::new(), PageRequest::first(9));
        let listing = Listing::new(&page, |row| users.push(row.user_id.to_owned()));
        let cx = cx(f, "ListGroupMemberships");
        memberships::list(&f.store, &cx, &at(f), &group.id, listing).unwrap();
        users
    };
    let came = arrive(f, &external_idp(f, &brought, true), "jane").await;
    assert_eq!(came.profile, jane.profile);
    assert_eq!(members(&brought), [] as [&str; 0]);
    arrive(f, &external_idp(f, &own, true), "jane").await;
    assert_eq!(members(&own), [jane.id.as_str()]);

    // Whom it makes and keeps as it says it owns; whom it only makes is the administrators'.
    let lin = arrive(f, &external_idp(f, &own, true), "lin").await;
    let said = owner(f, Owned::User(lin.id.clone())).unwrap();
    assert_eq!((said.owner.source.as_str(), said.name.as_deref()), ("https://idp.example", None));
    let change = set("displayName", json!("J"));
    let refused = users::update(&f.store, &cx(f, "UpdateUser"), &at(f), &lin.id, change).await.unwrap_err();
    is_refused(refused, STATE, &["https://idp.example"]);
    let ida = arrive(f, &external_idp(f, &own, false), "ida").await;
    assert_eq!(owner(f, Owned::User(ida.id)), None);
});

testkit::on_both_engines!(a_source_tells_whom_it_owns_page_by_page, |fixture: Fixture| async move {
    let (f, first) = (&fixture, tenant(&fixture, FIRST, "Entra ID").await);
    let second = tenant(f, SECOND, "Okta").await;
    let mut own: Vec<UserId> = Vec::new();
    for name in ["jane", "lin", "ida"] {
        own.push(bring(f, &first, name).await.id);
    }
    own.sort();
    let group = bring_group(f, &first, &[]).await;
    bring(f, &second, "sam").await;
    make(f, "nobodys").await;
    set_status(f, &own[0], UserStatus::Disabled).await;

    let cx = cx(f, "ListOwned");
    let (at, of) = (at(f), SourceId::Tenant(first.clone()));
    let mut page = PageRequest::first(2);
    let mut listed = Vec::new();
    loop {
        let found = owners::users_of(&f.store, &cx, (&at, &of), &page).unwrap();
        assert!(found.items.len() <= 2);
        listed.extend(found.items);
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    assert_eq!(listed.iter().map(|(_, user)| user.id.clone()).collect::<Vec<_>>(), own);
    let (owner, user) = &listed[0];
    assert_eq!((user.status, owner.source.as_str()), (UserStatus::Disabled, issuer(&first).as_str()));
    assert!(owner.disabled_here_at.is_some() && listed[1].0.disabled_here_at.is_none());
    let groups = owners::groups_of(&f.store, &cx, (&at, &of), &PageRequest::first(9)).unwrap().items;
    assert!(groups.iter().map(|(_, one)| &one.id).eq([&group.id]), "{groups:?}");
    let counted = |of: &SourceId| {
        let found = owners::counts(&f.store, &cx, (&at, of)).unwrap();
        assert!(!found.users.at_least && !found.groups.at_least);
        (found.users.count, found.groups.count)
    };
    assert_eq!((counted(&of), counted(&SourceId::Tenant(second))), ((3, 1), (1, 0)));

    // Who is released, or gone, is counted no more.
    hand_over(f, vec![Owned::User(own[1].clone()), Owned::Group(group.id)], None).await;
    delete(f, &by(f, &first), &own[2]).await.unwrap();
    assert_eq!(counted(&of), (1, 0));

    let gone = TenantId::trusted("11111111111-2222-3333-4444-777777777777");
    let refused = owners::counts(&f.store, &cx, (&at, &SourceId::Tenant(gone.clone()))).unwrap_err();
    assert!(matches!(refused.kind(), FaultKind::NotFound(_)) && refused.message().contains(gone.as_str()));
    let gone = SourceId::Idp(ExternalIdpId::trusted(FIRST));
    let refused = owners::users_of(&f.store, &cx, (&at, &gone), &PageRequest::first(9)).unwrap_err();
    assert!(matches!(refused.kind(), FaultKind::NotFound(_)));
});

testkit::on_both_engines!(whom_an_identity_provider_made_is_listed_with_it, |fixture: Fixture| async move {
    let f = &fixture;
    let idp = external_idp(f, &make_group(f, "Own").await, true);
    let kept = idp.clone();
    let insert = move |tx: &mut Tx<'_>, _: &Cx| store::sources::external_idps::insert(tx, &kept);
    f.store.write(&cx(f, "Connect"), insert).await.unwrap();
    let lin = arrive(f, &idp, "lin").await.id;
    let (at, of, cx) = (at(f), SourceId::Idp(idp.id.clone()), cx(f, "ListOwned"));
    let found = owners::users_of(&f.store, &cx, (&at, &of), &PageRequest::first(9)).unwrap().items;
    assert!(found.iter().map(|(_, user)| &user.id).eq([&lin]), "{found:?}");
    assert_eq!(owners::counts(&f.store, &cx, (&at, &of)).unwrap().users.count, 1);
    let said = owner(f, Owned::User(lin)).unwrap();
    assert_eq!((said.idp, said.name.as_deref()), (Some(idp.id), Some("Example")));
});

testkit::on_both_engines!(strict_mode_holds_nobody_back, |fixture: Fixture| async move {
    let f = &fixture.strict();
    let (first, second) = (tenant(f, FIRST, "Entra ID").await, tenant(f, SECOND, "Okta").await);
    let jane = bring(f, &first, "jane").await.id;
    send(f, &second, &jane, ("jane2", UserStatus::Enabled)).await.unwrap();
    set_status(f, &jane, UserStatus::Disabled).await;
    send(f, &second, &jane, ("jane2", UserStatus::Enabled)).await.unwrap();
    // Whose they are is kept for when it counts.
    let said = owner(f, Owned::User(jane.clone())).unwrap();
    assert_eq!((said.tenant, said.owner.disabled_here_at), (Some(first), None));
    delete(f, &cx(f, "DeleteUser"), &jane).await.unwrap();
});
