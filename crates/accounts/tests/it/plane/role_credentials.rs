//! Role credentials: who gets them, who does not, and what is on record when they leave.

use model::accounts::account::AccountState;
use model::accounts::account_assignment::Principal;
use model::caller::{Caller, Identity};
use model::directory::user::{UserId, UserStatus};
use model::fault::FaultKind;
use serde_json::{Value, json};

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

testkit::on_both_engines!(a_person_gets_credentials_of_an_assigned_role, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane.doe@example.com").await;
    let set = world.permission_set("Admin", "PT4H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;

    let issued = world.issue(&jane, MEMBER, "Admin").await.unwrap();
    assert!(issued.access_key_id.starts_with("ASIA") && issued.access_key_id.len() == 20);
    assert_eq!(issued.secret_access_key.expose().len(), 40);
    assert_eq!(issued.expires_at.since(world.fixture.now).as_secs(), 4 * 3_600);

    let caller = world.caller(&issued).unwrap();
    let Identity::Role(session) = caller.identity() else { unreachable!("{caller:?}") };
    assert_eq!(session.session_name, "jane.doe@example.com");
    assert_eq!(session.account_id, account(MEMBER));
    assert!(session.role_name.as_str().starts_with("AWSReservedSSO_Admin_"));
    assert_eq!(session.on_behalf_of.as_ref().unwrap().user_id, jane);

    let again = world.issue(&jane, MEMBER, "Admin").await.unwrap();
    assert_ne!(again.access_key_id, issued.access_key_id);
    assert_ne!(again.secret_access_key.expose(), issued.secret_access_key.expose());
});

testkit::on_both_engines!(the_record_is_there_and_holds_no_secret, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let issued = world.issue(&jane, MEMBER, "Admin").await.unwrap();

    let records = world.records("GetRoleCredentials");
    let [record] = records.as_slice() else { unreachable!("{records:?}") };
    let json: Value = serde_json::from_str(&record.json).unwrap();
    assert_eq!(json["serviceEventDetails"], json!({"role_name": "Admin", "account_id": MEMBER}));
    assert_eq!(json["userIdentity"]["type"], "IdentityCenterUser");
    assert_eq!(json["userIdentity"]["onBehalfOf"]["userId"], jane.as_str());
    assert_eq!(record.user_name.as_deref(), Some("jane"));
    for secret in [issued.secret_access_key.expose(), issued.session_token.expose()] {
        assert!(!record.json.contains(secret));
        assert!(!format!("{issued:?}").contains(secret));
    }
});

testkit::on_both_engines!(a_group_is_enough_and_only_while_one_is_in_it, |fixture| async move {
    let world = World::new(fixture).await;
    let (jane, john) = (world.person("jane").await, world.person("john").await);
    let group = world.group_of(&jane).await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::Group(group.clone())).await;

    assert!(world.issue(&jane, MEMBER, "Admin").await.is_ok());
    assert_eq!(refused(world.issue(&john, MEMBER, "Admin").await), FaultKind::Forbidden);
    let member = jane.clone();
    world.change(move |tx, cx| store::directory::memberships::delete(tx, &group, &member, cx.now)).await;
    assert_eq!(refused(world.issue(&jane, MEMBER, "Admin").await), FaultKind::Forbidden);
});

testkit::on_both_engines!(no_access_is_one_answer_whatever_lacks, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    world.permission_set("Other", "PT1H", &[ADMIN]).await;
    world.add_account("333344445555", "Suspended", AccountState::Suspended).await;
    world.assigned_before("333344445555", &set, Principal::User(jane.clone())).await;
    let role = world.role_of(MEMBER, &set).name;
    let stranger = UserId::trusted("99999999-2222-4333-8444-555555555555");
    assert_eq!(refused(world.issue(&stranger, MEMBER, "Admin").await), FaultKind::Unauthorized);

    for (user, id, name) in [
        (&jane, MANAGEMENT, "Admin"),
        (&jane, "999988887777", "Admin"),
        (&jane, "333344445555", "Admin"),
        (&jane, MEMBER, "Other"),
        (&jane, MEMBER, "admin"),
        (&jane, MEMBER, "Admi%"),
        (&jane, MEMBER, ""),
        (&jane, MEMBER, role.as_str()),
    ] {
        let fault = world.issue(user, id, name).await.unwrap_err();
        assert_eq!((fault.kind(), fault.message()), (&FaultKind::Forbidden, "No access"), "{id} {name}");
    }
    assert!(
        world.records("GetRoleCredentials").is_empty(),
        "a refusal is recorded at the edge, with its code"
    );
});

testkit::on_both_engines!(what_changed_a_moment_ago_counts, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    assert!(world.issue(&jane, MEMBER, "Admin").await.is_ok());

    world.set_status(&jane, UserStatus::Disabled).await;
    assert_eq!(refused(world.issue(&jane, MEMBER, "Admin").await), FaultKind::Unauthorized);
    world.set_status(&jane, UserStatus::Enabled).await;
    assert!(world.issue(&jane, MEMBER, "Admin").await.is_ok());

    world.unassign(MEMBER, &set, Principal::User(jane.clone())).await;
    assert_eq!(refused(world.issue(&jane, MEMBER, "Admin").await), FaultKind::Forbidden);
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    assert!(world.issue(&jane, MEMBER, "Admin").await.is_ok());

    // An assignment whose role is not provisioned gives nothing.
    let id = set.id.clone();
    world
        .change(move |tx, cx| {
            store::accounts::provisioned_permission_sets::delete(tx, &account(MEMBER), &id, cx.now)
        })
        .await;
    assert_eq!(refused(world.issue(&jane, MEMBER, "Admin").await), FaultKind::Forbidden);
});

testkit::on_both_engines!(late_use_a_session_that_ended_a_moment_ago_gets_no_keys, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    // The call was let in while the session was there: what it asks for is decided where it is recorded.
    let seconds = model::limits::PORTAL_SESSION.as_secs();
    assert!(world.later(seconds - 1).issue(&jane, MEMBER, "Admin").await.is_ok());
    assert_eq!(refused(world.later(seconds).issue(&jane, MEMBER, "Admin").await), FaultKind::Unauthorized);
    world.sign_out(&jane).await;
    assert_eq!(refused(world.issue(&jane, MEMBER, "Admin").await), FaultKind::Unauthorized);
    assert_eq!(world.records("GetRoleCredentials").len(), 1);
});

testkit::on_both_engines!(nobody_but_a_person_at_the_portal_asks, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let session = world.caller(&world.issue(&jane, MEMBER, "Admin").await.unwrap()).unwrap();
    for caller in [
        Caller::anonymous(),
        Caller::root(account(MANAGEMENT), "AKIAIOSFODNN7EXAMPLE"),
        Caller::service(account(MANAGEMENT)),
        session,
    ] {
        let cx = world.fixture.cx(caller, "sso.amazonaws.com", "GetRoleCredentials");
        let answer = world.grants.issue(&world.fixture.store, &cx, &account(MEMBER), "Admin");
        assert_eq!(refused(answer), FaultKind::Unauthorized);
    }
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_record_there_are_no_credentials() {
    let world = World::new(testkit::fixture::Fixture::sqlite().await).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let cx = world.portal(&jane, "GetRoleCredentials");
    let (minted, _) = world.grants.issue(&world.fixture.store, &cx, &account(MEMBER), "Admin").unwrap();
    assert!(minted.release(&cx).is_err());
}
