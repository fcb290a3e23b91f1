//! Role credentials for `aws login`: how long they live, and which roles may.

use model::accounts::account_assignment::Principal;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::signin::console_login::{ChosenRole, LoginClient};
use serde_json::json;
use testkit::fixture::Fixture;

use crate::plane::support::{ADMIN, MEMBER, World, account, refused};

fn chosen(role: &str) -> ChosenRole {
    ChosenRole { account_id: account(MEMBER), role_name: role.to_owned() }
}

fn allowed(world: &World, user: &UserId, role: &str, client: LoginClient) -> Result<(), Fault> {
    let cx = world.portal(user, "AuthorizeOAuth2Access");
    world.grants.allow_login(&world.fixture.store, &cx, &chosen(role), client)
}

fn issues(world: &World, user: &UserId, role: &str, client: LoginClient) -> Result<String, Fault> {
    let cx = world.portal(user, "CreateOAuth2Token");
    let issued = world.grants.issue_for_login(&world.fixture.store, &cx, &chosen(role), client);
    issued.map(|issued| {
        assert!(issued.minted.release(&cx).is_err(), "nothing leaves before its record is durable");
        issued.subject
    })
}

testkit::on_both_engines!(they_live_fifteen_minutes_and_say_whose_they_are, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT4H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let cx = world.portal(&jane, "CreateOAuth2Token");
    let store = &world.fixture.store;
    let made = world.grants.issue_for_login(store, &cx, &chosen("Admin"), LoginClient::SameDevice).unwrap();
    store.write(&cx, |_, _| Ok(())).await.unwrap();
    let (issued, arn) = (made.minted.release(&cx).unwrap(), made.subject);
    assert_eq!(issued.expires_at.since(world.fixture.now).as_secs(), 900);
    let caller = world.caller(&issued).unwrap();
    assert_eq!(caller.arn(), arn);
    assert!(
        arn.starts_with(&format!("arn:aws:sts::{MEMBER}:assumed-role/AWSReservedSSO_Admin_"))
            && arn.ends_with("/jane")
    );
});

testkit::on_both_engines!(who_has_no_such_role_is_refused_in_one_way, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (jane, john) = (world.person("jane").await, world.person("john").await);
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    for client in LoginClient::ALL {
        assert!(allowed(&world, &jane, "Admin", client).is_ok());
        assert!(issues(&world, &jane, "Admin", client).is_ok());
        for (user, role) in [(&john, "Admin"), (&jane, "Other"), (&jane, "admin"), (&jane, "")] {
            assert_eq!(refused(allowed(&world, user, role, client)), FaultKind::Forbidden);
            assert_eq!(refused(issues(&world, user, role, client)), FaultKind::Forbidden);
        }
    }
    world.unassign(MEMBER, &set, Principal::User(jane.clone())).await;
    assert_eq!(refused(issues(&world, &jane, "Admin", LoginClient::SameDevice)), FaultKind::Forbidden);
});

testkit::on_both_engines!(
    a_role_that_forbids_it_is_refused_by_action_and_program,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let jane = world.person("jane").await;
        let forbids = |action: &str, resource: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": resource}]});
        let remote = "arn:aws:signin:*:*:oauth2/public-client/remote";
        for (name, policy) in [
            ("Never", forbids("signin:*", "*")),
            ("NoToken", forbids("signin:CreateOAuth2Token", "*")),
            ("NotRemote", forbids("signin:*", remote)),
            ("NoOther", forbids("s3:*", "*")),
        ] {
            let set = world.permission_set(name, "PT1H", &[ADMIN]).await;
            world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
            let mut role = world.role_of(MEMBER, &set);
            role.inline_policies = vec![("AwsSSOInlinePolicy".to_owned(), policy)];
            world.change(move |tx, _| store::accounts::roles::upsert(tx, &role)).await;
        }
        let (same, cross) = (LoginClient::SameDevice, LoginClient::CrossDevice);
        let may = |role: &str, client| {
            (allowed(&world, &jane, role, client).is_ok(), issues(&world, &jane, role, client).is_ok())
        };
        assert_eq!((may("Never", same), may("Never", cross)), ((false, false), (false, false)));
        assert_eq!((may("NoToken", same), may("NoToken", cross)), ((true, false), (true, false)));
        assert_eq!((may("NotRemote", same), may("NotRemote", cross)), ((true, true), (false, false)));
        assert_eq!((may("NoOther", same), may("NoOther", cross)), ((true, true), (true, true)));
        let fault = issues(&world, &jane, "NotRemote", cross).unwrap_err();
        assert_eq!(fault.kind(), &FaultKind::AccessDenied);
        let named = format!(
            "signin:CreateOAuth2Token on resource: arn:aws:signin:us-east-1:{MEMBER}:oauth2/public-client/remote"
        );
        assert!(fault.message().contains(&named), "{}", fault.message());
    }
);

testkit::on_both_engines!(in_strict_mode_a_policy_must_allow_it_as_at_aws, |fixture: Fixture| async move {
    const LOCAL: &str = "arn:aws:iam::aws:policy/SignInLocalDevelopmentAccess";
    const READ: &str = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";
    let world = World::new(fixture).await;
    let strict = World { fixture: world.fixture.strict(), ..world.clone() };
    let jane = world.person("jane").await;
    for (name, policies, in_strict) in
        [("Admin", vec![ADMIN], true), ("Viewer", vec![READ], false), ("Local", vec![READ, LOCAL], true)]
    {
        let set = world.permission_set(name, "PT1H", &policies).await;
        world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
        assert!(issues(&world, &jane, name, LoginClient::SameDevice).is_ok(), "{name}");
        assert_eq!(issues(&strict, &jane, name, LoginClient::SameDevice).is_ok(), in_strict, "{name}");
    }
});

/// What a policy of the account's own says is not known here, and forbids whatever is asked here; the person is not kept from the role.
#[tokio::test]
async fn a_policy_that_nothing_is_known_of_keeps_nobody_from_the_role() {
    let world = World::new(Fixture::sqlite().await).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let mut role = world.role_of(MEMBER, &set);
    role.managed_policies.push(format!("arn:aws:iam::{MEMBER}:policy/ours"));
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &role)).await;
    assert!(issues(&world, &jane, "Admin", LoginClient::SameDevice).is_ok());
    let strict = World { fixture: world.fixture.strict(), ..world.clone() };
    assert!(
        issues(&strict, &jane, "Admin", LoginClient::SameDevice).is_err(),
        "as a call by the role would be"
    );
}
