//! Session tokens: what opens, what does not, and that the role as it is now decides.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::accounts::account::AccountState;
use model::accounts::account_assignment::Principal;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::secret::Secret;
use policy::require::{Action, require};
use serde_json::json;
use store::tx::Tx;

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

const INVALID: FaultKind = FaultKind::Service("UnrecognizedClientException");

testkit::on_both_engines!(a_token_opens_for_its_key_alone_and_unaltered, |fixture| async move {
    let world = World::new(fixture).await;
    let (issued, other) = (world.admin(MEMBER).await, {
        let john = world.person("john").await;
        let set = world.permission_set("Other", "PT1H", &[ADMIN]).await;
        world.assign(MEMBER, &set, Principal::User(john.clone())).await;
        world.issue(&john, MEMBER, "Other").await.unwrap()
    });
    let (store, now) = (&world.fixture.store, world.fixture.now);
    let (key, token) = (issued.access_key_id.as_str(), issued.session_token.expose());
    let open = |store, key, token: &str, now| world.sessions.open(store, key, token, now);
    let opened = open(store, key, token, now).unwrap();
    assert_eq!(opened.secret.expose(), issued.secret_access_key.expose());

    let sealed = STANDARD.decode(token).unwrap();
    for at in (0..sealed.len()).step_by(7).chain([0, sealed.len() - 1]) {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert_eq!(refused(open(store, key, &STANDARD.encode(altered), now)), INVALID, "byte {at}");
    }
    let cut = STANDARD.encode(&sealed[..sealed.len() - 1]);
    let garbage = "!".repeat(40);
    for (key, token) in [
        (other.access_key_id.as_str(), token),
        (key, other.session_token.expose()),
        ("AKIAIOSFODNN7EXAMPLE", token),
        ("", token),
        (key, ""),
        (key, cut.as_str()),
        (key, garbage.as_str()),
    ] {
        let fault = open(store, key, token, now).map(drop).unwrap_err();
        assert_eq!(fault.message(), "The security token included in the request is invalid.");
    }
});

testkit::on_both_engines!(a_session_ends_on_its_second, |fixture| async move {
    let world = World::new(fixture).await;
    let issued = world.admin(MEMBER).await;
    assert!(world.later(8 * 3_600 - 1).caller(&issued).is_ok());
    let fault = world.later(8 * 3_600).caller(&issued).unwrap_err();
    assert_eq!(*fault.kind(), FaultKind::Service("ExpiredTokenException"));
    assert_eq!(fault.message(), "The security token included in the request is expired");
});

testkit::on_both_engines!(who_is_of_no_active_account_of_the_organization_is_nobody, |fixture| async move {
    let world = World::new(fixture).await;
    let issued = world.admin(MEMBER).await;
    let keys = [("AKIAMEMBER", MEMBER), ("AKIASTRANGER", "999999999999")];
    for (id, of) in keys {
        let add = move |tx: &mut Tx<'_>, cx: &Cx| {
            store::accounts::access_keys::insert(tx, cx, id, &account(of), &Secret::new("secret"))
        };
        world.change(add).await;
    }
    let holds = |id: &str| {
        world.fixture.store.read(|rx| store::accounts::access_keys::find_active(rx, id)).unwrap().is_some()
    };
    assert_eq!(keys.map(|(id, _)| holds(id)), [true, false], "a root key of a stranger is no key");
    assert!(world.caller(&issued).is_ok());

    world
        .change(|tx, cx| {
            store::accounts::accounts::set_state(tx, &account(MEMBER), AccountState::Suspended, cx.now)
        })
        .await;
    assert!(!holds("AKIAMEMBER"));
    assert_eq!(refused(world.caller(&issued)), INVALID);

    world
        .change(|tx, cx| {
            store::accounts::accounts::set_state(tx, &account(MEMBER), AccountState::Active, cx.now)
        })
        .await;
    assert!(holds("AKIAMEMBER") && world.caller(&issued).is_ok());
});

testkit::on_both_engines!(a_changed_role_counts_at_the_next_call, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MANAGEMENT, &set, Principal::User(jane.clone())).await;
    let issued = world.issue(&jane, MANAGEMENT, "Admin").await.unwrap();
    let may = |action: &'static str| -> Result<(), Fault> {
        require(&world.cx(&issued, "sso.amazonaws.com", "Test"), Action(action), &[])
    };
    assert!(may("sso:ListInstances").is_ok());

    let mut role = world.role_of(MANAGEMENT, &set);
    role.inline_policies = vec![(
        "AwsSSOInlinePolicy".to_owned(),
        json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": "sso:Delete*", "Resource": "*"}]}),
    )];
    let changed = role.clone();
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &changed)).await;
    assert!(may("sso:ListInstances").is_ok());
    assert_eq!(refused(may("sso:DeletePermissionSet")), FaultKind::AccessDenied);

    role.managed_policies.clear();
    let changed = role.clone();
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &changed)).await;
    assert_eq!(refused(may("sso:ListInstances")), FaultKind::AccessDenied);

    // Back again, then bound.
    role.managed_policies = vec![ADMIN.to_owned()];
    role.permissions_boundary = Some("arn:aws:iam::aws:policy/IAMReadOnlyAccess".to_owned());
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &role)).await;
    assert_eq!(refused(may("sso:ListInstances")), FaultKind::AccessDenied);
    assert!(may("iam:GetRole").is_ok());
});

testkit::on_both_engines!(a_role_made_again_is_another_role, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let issued = world.issue(&jane, MEMBER, "Admin").await.unwrap();
    let role = world.role_of(MEMBER, &set);

    let renewed = role.clone();
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &renewed)).await;
    assert!(world.caller(&issued).is_ok(), "provisioned again: the same role");

    let name = role.name.clone();
    assert!(
        world.change(move |tx, _| store::accounts::roles::delete(tx, &account(MEMBER), name.as_str())).await
    );
    assert_eq!(refused(world.caller(&issued)), INVALID);

    let id = set.id.clone();
    world
        .change(move |tx, cx| {
            store::accounts::provisioned_permission_sets::delete(tx, &account(MEMBER), &id, cx.now)
        })
        .await;
    world.unassign(MEMBER, &set, Principal::User(jane.clone())).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let made = world.role_of(MEMBER, &set);
    assert_eq!(made.arn(), role.arn(), "relaxed mode keeps the ARN");
    assert_ne!(made.role_id, role.role_id);
    assert_eq!(refused(world.caller(&issued)), INVALID, "sessions of the old role stay dead");
    assert!(world.caller(&world.issue(&jane, MEMBER, "Admin").await.unwrap()).is_ok());
});
