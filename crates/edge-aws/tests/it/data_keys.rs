//! Data keys are replaced under a world that has something of everything: all of it is sealed anew and stays what it was, on both engines.

use std::time::Duration;

use accounts::role_sessions::Credentials;
use http::StatusCode;
use instances::data_keys::{self, SETTLED};
use model::accounts::account::AccountId;
use model::caller::Caller;
use model::clock::Clock as _;
use model::cx::Cx;
use model::directory::user::UserId;
use model::signin::letter::{LetterKind, LetterState};
use model::signin::mfa::{DeviceId, DeviceKind, MfaDevice};
use model::sources::external_idp::ExternalIdpId;
use serde_json::{Value, json};
use store::instances::resealing;
use store::sealing::Purpose;
use store::signin::mails::Mail;
use store::statement::Statement;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::served::Served;
use crate::world::{INSTANCE, OWNER, STORE, World};

// A sealed value is bound to its row: under another id it does not open.
static SPOIL: Statement = Statement::new(
    "test::SPOIL",
    "UPDATE mfa_devices SET device_id = device_id || 'x' WHERE sealed_secret IS NOT NULL",
);
static MEND: Statement = Statement::new(
    "test::MEND",
    "UPDATE mfa_devices SET device_id = substr(device_id, 1, length(device_id) - 1) WHERE sealed_secret IS NOT NULL",
);

async fn encryption(world: &World) -> Value {
    let input = json!({"InstanceArn": INSTANCE});
    let answer = world.as_root("sso-admin", "DescribeInstance", &input).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.body["EncryptionConfigurationDetails"].clone()
}

fn counts(world: &World, number: u32) -> Vec<(&'static str, usize)> {
    world.served.fixture.store.read(|rx| resealing::counts(rx, number)).unwrap()
}

async fn is_somebody(world: &World, credentials: &Credentials) -> bool {
    let answer = world.by(credentials, ("sts", "GetCallerIdentity"), &json!({})).await;
    answer.status == StatusCode::OK
}

/// What the world has no way to come by: a provider with a secret, a letter that waits, a phone that shows codes.
async fn give_secrets(world: &World) {
    let (idp, user) = (ExternalIdpId::parse(world.word("idp")).unwrap(), UserId::trusted(world.word("user")));
    let change = move |tx: &mut Tx<'_>, cx: &Cx| {
        let seal = |tx: &Tx<'_>, purpose, place: &str| {
            tx.keyring().seal(cx.entropy(), purpose, place, b"kept").map(Some)
        };
        let secret = seal(tx, Purpose::ClientSecret, idp.as_str())?;
        store::sources::external_idps::set_secret(tx, &idp, secret.as_deref())?;
        let letter = Mail {
            id: "letter-1".to_owned(),
            kind: LetterKind::Invitation,
            user_id: user.clone(),
            recipient: "jane@acme.example".to_owned(),
            sealed_content: seal(tx, Purpose::Letter, "letter-1")?,
            state: LetterState::Waiting,
            attempts: 0,
            created_at: cx.now,
            expires_at: cx.now.plus(Duration::from_secs(3_600)),
        };
        store::signin::mails::insert(tx, &letter)?;
        let id = DeviceId::trusted("mfa-0123456789abcdef");
        let phone = store::signin::mfa_devices::Kept {
            sealed_secret: seal(tx, Purpose::MfaSecret, id.as_str())?,
            device: MfaDevice {
                id,
                user_id: user.clone(),
                kind: DeviceKind::Totp,
                name: "Phone".to_owned(),
                created_at: cx.now,
                last_used_at: None,
            },
            credential: None,
            last_step: 0,
        };
        store::signin::mfa_devices::insert(tx, &phone, None)
    };
    world.served.fixture.store.maintain(&cx(world), change).await.unwrap();
}

/// A call of the service itself, now.
fn cx(world: &World) -> Cx {
    let mut fixture = world.served.fixture.clone();
    fixture.now = world.served.clock.now();
    fixture.cx(Caller::service(AccountId::trusted(OWNER)), "test", "Keys")
}

async fn everything_is_sealed_anew(fixture: Fixture) {
    let world = World::over(Served::over(fixture)).await;
    let (store, instance) = (world.served.fixture.store.clone(), world.served.fixture.instance.clone());
    let role = world.role(OWNER, "Held", &[("all", crate::world::allow("*"))]).await;
    let held = world.session(&role, Duration::from_secs(60)).await;
    give_secrets(&world).await;
    let before = counts(&world, 0);
    let nothing: Vec<_> = before.iter().filter(|(_, count)| *count == 0).map(|(column, _)| *column).collect();
    assert_eq!(nothing, Vec::<&str>::new(), "of these the world has nothing");
    assert_eq!(encryption(&world).await["EncryptionStatus"], "ENABLED");

    let refused = data_keys::retire(&store, &cx(&world), &instance, (0, false)).await.unwrap_err();
    assert!(refused.to_string().contains("in use"), "{refused}");
    let number = data_keys::rotate(&store, &cx(&world), &instance, cx(&world).now).await.unwrap();
    assert_eq!(number, 1);
    assert_eq!(encryption(&world).await["EncryptionStatus"], "UPDATING");
    let refused = data_keys::rotate(&store, &cx(&world), &instance, cx(&world).now).await.unwrap_err();
    assert!(refused.to_string().contains("being taken into use"), "{refused}");
    assert_eq!(data_keys::reseal(&store, &cx(&world), |_| {}).await.unwrap(), None, "others may still seal");
    world.served.wait(SETTLED.as_secs());

    // What does not open stays, is told, and is no reason to lose anything.
    let change = |statement: &'static Statement| {
        let (store, cx) = (store.clone(), cx(&world));
        async move { store.maintain(&cx, move |tx, _| Ok(tx.execute(statement, &[])?)).await.unwrap() }
    };
    change(&SPOIL).await;
    assert!(data_keys::reseal(&store, &cx(&world), |_| {}).await.is_err());
    let told = encryption(&world).await;
    assert_eq!(told["EncryptionStatus"], "UPDATE_FAILED");
    assert!(told["EncryptionStatusReason"].as_str().unwrap().contains("does not open"), "{told}");
    change(&MEND).await;

    let mut told = 0;
    data_keys::reseal(&store, &cx(&world), |sealed| told = sealed).await.unwrap().unwrap();
    assert!(told > 0);
    assert_eq!(encryption(&world).await["EncryptionStatus"], "ENABLED");
    assert_eq!(counts(&world, 1), before, "each is there, sealed anew");
    assert_eq!(counts(&world, 0).iter().map(|(_, count)| count).sum::<usize>(), 0);
    assert_eq!(data_keys::reseal(&store, &cx(&world), |_| {}).await.unwrap(), None, "once is enough");

    // What was given out goes on until its key is retired; what is given out now goes on after it.
    assert!(is_somebody(&world, &held).await);
    let later = world.session(&role, Duration::ZERO).await;
    world.served.wait(SETTLED.as_secs());
    data_keys::retire(&store, &cx(&world), &instance, (0, false)).await.unwrap();
    store::instances::data_keys::know(&store, cx(&world).now).unwrap();
    assert!(!is_somebody(&world, &held).await, "its key is retired");
    assert!(is_somebody(&world, &later).await);
    let users = world.as_root("identitystore", "ListUsers", &json!({"IdentityStoreId": STORE})).await;
    assert_eq!(users.status, StatusCode::OK, "a root key's secret is sealed anew");
    let refused = data_keys::retire(&store, &cx(&world), &instance, (0, false)).await.unwrap_err();
    assert!(refused.to_string().contains("retired already"), "{refused}");
    let refused = data_keys::retire(&store, &cx(&world), &instance, (7, false)).await.unwrap_err();
    assert!(refused.to_string().contains("no data key 7"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_sealed_anew_on_sqlite() {
    everything_is_sealed_anew(Fixture::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_sealed_anew_on_postgres() {
    everything_is_sealed_anew(Fixture::postgres().await).await;
}
