//! Who could come in by a password alone follows from three other tables: whatever changes one of them changes this one.

use model::directory::user::{User, UserId, UserProfile, UserStatus};
use model::fault::Fault;
use model::page::PageRequest;
use model::signin::mfa::{DeviceId, DeviceKind, MfaDevice};
use model::signin::mfa::{Method, Proofs};
use store::signin::mfa_devices::Kept;
use store::signin::passwords::Password;
use store::signin::portal_sessions::NewPortalSession;
use store::signin::{mfa_devices, passwords, user_sign_ins, users_without_mfa_device};
use store::tx::Tx;
use testkit::fixture::Fixture;

const ID: &str = "11111111-2222-3333-4444-555555555555";

fn jane(fixture: &Fixture, status: UserStatus) -> User {
    User {
        id: UserId::trusted(ID),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        profile: UserProfile {
            user_name: "jane".to_owned(),
            display_name: "Jane Doe".to_owned(),
            ..UserProfile::default()
        },
        status,
        external_ids: Vec::new(),
        revision: 1,
        created_at: fixture.now,
        created_by: String::new(),
        updated_at: fixture.now,
        updated_by: String::new(),
    }
}

fn device(fixture: &Fixture, id: &str) -> Kept {
    let device = MfaDevice {
        id: DeviceId::trusted(id),
        user_id: UserId::trusted(ID),
        kind: DeviceKind::Totp,
        name: "Phone".to_owned(),
        created_at: fixture.now,
        last_used_at: None,
    };
    Kept { device, sealed_secret: None, credential: None, last_step: 0 }
}

async fn change(fixture: &Fixture, with: impl Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + 'static) {
    let cx = fixture.root("sso.amazonaws.com", "Setup");
    fixture.store.maintain(&cx, move |tx, _| with(tx)).await.unwrap();
}

/// Their names.
fn listed(fixture: &Fixture) -> Vec<String> {
    let at = &fixture.instance.identity_store_id;
    let page = PageRequest::first(10);
    let rows = fixture.store.read(|rx| Ok(users_without_mfa_device::page(rx, at, &page)?)).unwrap();
    rows.into_iter().map(|user| user.user_name).collect()
}

async fn set_password(fixture: &Fixture) {
    let new = Password {
        hash: "hash".to_owned(),
        changed_at: fixture.now,
        must_change: false,
        expires_at: None,
        former: Vec::new(),
    };
    change(fixture, move |tx| passwords::put(tx, &UserId::trusted(ID), &new)).await;
}

testkit::on_both_engines!(who_has_a_password_and_no_device_is_listed, |fixture: Fixture| async move {
    let user = UserId::trusted(ID);
    let row = jane(&fixture, UserStatus::Enabled);
    change(&fixture, move |tx| store::directory::users::insert(tx, &row)).await;
    assert!(listed(&fixture).is_empty(), "nobody comes in without a password");
    set_password(&fixture).await;
    set_password(&fixture).await;
    assert_eq!(listed(&fixture), ["jane"]);

    for id in ["a", "b"] {
        let kept = device(&fixture, id);
        change(&fixture, move |tx| mfa_devices::insert(tx, &kept, None)).await;
    }
    assert!(listed(&fixture).is_empty());
    set_password(&fixture).await;
    assert!(listed(&fixture).is_empty(), "a new password takes no device away");
    let delete = |id: &'static str| {
        move |tx: &mut Tx<'_>| {
            mfa_devices::delete(tx, &UserId::trusted(ID), &DeviceId::trusted(id)).map(|_| ())
        }
    };
    change(&fixture, delete("a")).await;
    assert!(listed(&fixture).is_empty(), "one is left");
    change(&fixture, delete("b")).await;
    assert_eq!(listed(&fixture), ["jane"]);

    for (status, expected) in [(UserStatus::Disabled, 0), (UserStatus::Enabled, 1)] {
        let row = jane(&fixture, status);
        change(&fixture, move |tx| store::directory::users::update(tx, &row)).await;
        assert_eq!(listed(&fixture).len(), expected, "{status:?}");
    }
    let whose = user.clone();
    change(&fixture, move |tx| passwords::delete(tx, &whose)).await;
    assert!(listed(&fixture).is_empty());
    set_password(&fixture).await;
    let (whose, now) = (user.clone(), fixture.now);
    change(&fixture, move |tx| {
        store::signin::sign_outs::forget(tx, &whose, now)?;
        store::directory::users::delete(tx, &whose, now)
    })
    .await;
    assert!(listed(&fixture).is_empty());
});

testkit::on_both_engines!(a_session_says_when_its_person_signed_in, |fixture: Fixture| async move {
    let user = UserId::trusted(ID);
    let last = || fixture.store.read(|rx| Ok(user_sign_ins::find(rx, &UserId::trusted(ID))?)).unwrap();
    let row = jane(&fixture, UserStatus::Enabled);
    change(&fixture, move |tx| store::directory::users::insert(tx, &row)).await;
    assert_eq!(last(), None);
    // The second begins earlier: a clock that is set back takes nothing away.
    for (token, seconds) in [(1, 100), (2, 50), (3, 200)] {
        let at = fixture.now.plus(std::time::Duration::from_secs(seconds));
        let session = NewPortalSession {
            token_hash: [token; 32],
            session_id: format!("session-{token}"),
            user_id: user.clone(),
            source_ip: String::new(),
            user_agent: String::new(),
            created_at: at,
            expires_at: at.plus(model::limits::PORTAL_SESSION),
            proofs: Proofs { methods: vec![Method::Password], mfa_at: None },
            idle: None,
            external: None,
            tags: std::collections::BTreeMap::new(),
        };
        change(&fixture, move |tx| store::signin::portal_sessions::insert(tx, &session)).await;
        let expected = if token == 2 { 100 } else { seconds };
        assert_eq!(last(), Some(fixture.now.plus(std::time::Duration::from_secs(expected))));
    }
    let (whose, now) = (user, fixture.now);
    change(&fixture, move |tx| store::signin::sign_outs::forget(tx, &whose, now)).await;
    assert_eq!(last(), None);
});
