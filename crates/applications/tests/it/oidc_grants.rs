//! What applications that speak OpenID Connect may have beside codes that a browser asks for, on both engines: questions that they push, tokens of their own, sign-ins at devices, and
//! the news that somebody's session ended.

use std::time::Duration;

use applications::oidc_clients::{Presented, Proof};
use applications::oidc_devices::{self, Started};
use applications::oidc_logouts::{self, Told};
use applications::oidc_pushed::{self, Pushed};
use applications::oidc_sign_ons::Refusal;
use applications::oidc_tokens::{Grant, Issued};
use applications::{oidc_applications, oidc_uses};
use jose::algorithm::Algorithm;
use jose::jwks::KeySet;
use jose::openid::logout_token::{Expected, LogoutToken};
use model::applications::application::Application;
use model::applications::oidc_application::{ClientAuthentication, FurtherGrant, OidcSettings};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind, OAuthError};
use model::job::{Job, JobKind, Queue};
use model::secret::Secret;
use model::signin::mfa::{Method, Proofs};
use model::signin::oauth::DeviceStatus;
use store::applications::oidc_pushed_requests::Origin;
use store::applications::{oidc_devices as device_rows, oidc_pushed_requests};
use store::jobs::Claim;
use store::signin::portal_sessions;
use testkit::fixture::Fixture;

use crate::oidc_applications::{
    CALLBACK, CHALLENGE, assign, by, code, decide, exchange, is_oauth, ours, session, settings, speaking,
    userinfo, with_code,
};
use crate::world::{JANE, World, is_validation, refusal, user};

const ENDED: &str = "https://app.example/ended";

fn asked(state: &str) -> Vec<(String, String)> {
    [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", state),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("client_secret", "is no part of a question"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

async fn push(
    world: &World,
    (application, presented): (&Application, Presented),
    asked: &[(String, String)],
) -> Result<Pushed, Fault> {
    let ours = ours();
    let at = (&ours, &application.id);
    oidc_pushed::push(&world.fixture.store, &world.cx(), at, (presented, asked, None)).await
}

/// What comes of a question by this name: its refusal's sentence, or the query by which it is asked again.
async fn brought(world: &World, application: &Application, name: &Secret) -> Result<String, String> {
    let ours = ours();
    let pairs = [("client_id", application.id.as_str()), ("request_uri", name.expose())]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (store, cx) = (&world.fixture.store, world.cx());
    match oidc_pushed::open(store, &cx, (&ours, &application.id), &pairs).await {
        Ok(question) => Ok(oidc_pushed::again(store, &cx, &question).await.unwrap().unwrap()),
        Err(Refusal::Page(fault)) => Err(fault.message().to_owned()),
        Err(Refusal::Redirect(answer)) => Err(answer.to),
    }
}

testkit::on_both_engines!(
    a_pushed_question_is_good_once_for_whom_it_was_pushed,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (application, secret) = speaking(&world).await;
        let (other, _) = speaking(&world).await;
        let client = || (&application, by(&application.id, &secret));
        let nobody = Presented { client_id: Some(application.id.to_string()), proof: Proof::Nothing };
        refusal(push(&world, (&application, nobody), &asked("s")).await, is_oauth(OAuthError::InvalidClient));
        for (name, value, error) in [
            ("redirect_uri", "https://evil.example/", OAuthError::InvalidRedirectUri),
            ("response_type", "token", OAuthError::InvalidRequest),
            ("scope", "email", OAuthError::InvalidScope),
            ("request_uri", "urn:ietf:params:oauth:request_uri:x", OAuthError::InvalidRequest),
            ("dpop_jkt", CHALLENGE, OAuthError::InvalidRequest),
        ] {
            let mut bad = asked("s");
            bad.retain(|(other, _)| other != name);
            bad.push((name.to_owned(), value.to_owned()));
            refusal(push(&world, client(), &bad).await, is_oauth(error));
        }
        let pushed = push(&world, client(), &asked("s")).await.unwrap();
        assert_eq!(pushed.expires_in, 60);
        assert!(
            brought(&world, &other, &pushed.request_uri).await.unwrap_err().contains("another application's")
        );
        // It waits under another name while its person signs in, and that one is good once too.
        let query = brought(&world, &application, &pushed.request_uri).await.unwrap();
        assert!(
            brought(&world, &application, &pushed.request_uri).await.unwrap_err().contains("was used before")
        );
        let (_, name) = query.split_once("request_uri=").unwrap();
        let name = Secret::new(name.replace("%3A", ":"));
        let later = world.later(800_000);
        brought(&later, &application, &name).await.unwrap();
        assert!(brought(&later, &application, &name).await.is_err());
        let old = push(&world, client(), &asked("s")).await.unwrap();
        assert!(brought(&world.later(61_000), &application, &old.request_uri).await.is_err());
        // Where they must be pushed, a question of a browser's own is none.
        decide(&world, &application, OidcSettings { require_pushed_requests: true, ..settings() })
            .await
            .unwrap();
        let (ours, mut pairs) = (ours(), asked("s"));
        pairs.push(("client_id".to_owned(), application.id.to_string()));
        let refused =
            oidc_pushed::open(&world.fixture.store, &world.cx(), (&ours, &application.id), &pairs).await;
        let Err(Refusal::Redirect(answer)) = refused else { panic!("{refused:?}") };
        assert_eq!(answer.error, "invalid_request");
        let pushed = push(&world, client(), &asked("s")).await.unwrap();
        brought(&world, &application, &pushed.request_uri).await.unwrap();
    }
);

testkit::on_both_engines!(so_many_questions_wait_and_no_more, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (application, secret) = speaking(&world).await;
    let id = application.id.clone();
    let until = world.fixture.now.plus(Duration::from_secs(60));
    world
        .change(move |tx, cx| {
            (0..2_000_u32).try_for_each(|number| {
                let mut hash = [0; 32];
                hash[..4].copy_from_slice(&number.to_be_bytes());
                let from = Origin { site: "192.0.2.1", waits: false };
                oidc_pushed_requests::insert(tx, cx, (&id, &hash), (b"[]", from, until))
            })
        })
        .await;
    let refused = push(&world, (&application, by(&application.id, &secret)), &asked("s")).await;
    refusal(refused, |kind| matches!(kind, FaultKind::Throttled(_)));
    push(&world.later(60_001), (&application, by(&application.id, &secret)), &asked("s")).await.unwrap();
});

testkit::on_both_engines!(a_customer_s_addresses_are_one_source, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (application, _) = speaking(&world).await;
    let nobody = OidcSettings { authentication: ClientAuthentication::None, ..settings() };
    decide(&world, &application, nobody).await.unwrap();
    let ours = ours();
    let from = async |address: String| {
        let presented = Presented { client_id: Some(application.id.to_string()), proof: Proof::Nothing };
        let mut cx = world.cx();
        cx.source_ip = address.into();
        let at = (&ours, &application.id);
        oidc_pushed::push(&world.fixture.store, &cx, at, (presented, &asked("s"), None)).await
    };
    for host in 0..100 {
        from(format!("2001:db8:1:{host:x}::1")).await.unwrap();
    }
    refusal(from("2001:db8:1:ffff::1".to_owned()).await, |kind| matches!(kind, FaultKind::Throttled(_)));
    from("2001:db8:2::1".to_owned()).await.unwrap();
});

testkit::on_both_engines!(an_application_has_tokens_of_its_own_where_it_may, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (application, secret) = speaking(&world).await;
    let client = (&application, &secret);
    let grant =
        |scopes: &[&str]| Grant::Client { scopes: Some(scopes.iter().map(|&it| it.to_owned()).collect()) };
    refusal(exchange(&world, client, grant(&[])).await, is_oauth(OAuthError::UnauthorizedClient));
    let scopes = ["openid", "wiki:read", "wiki:write", "groups"].map(str::to_owned).to_vec();
    let own = vec![FurtherGrant::ClientCredentials];
    decide(&world, &application, OidcSettings { scopes, further_grants: own, ..settings() }).await.unwrap();
    for bad in [vec!["openid"], vec!["wiki:read", "groups"], vec!["sso:account:access"]] {
        refusal(exchange(&world, client, grant(&bad)).await, is_oauth(OAuthError::InvalidScope));
    }
    let all = exchange(&world, client, Grant::Client { scopes: None }).await.unwrap();
    assert_eq!(all.scopes, ["wiki:read", "wiki:write"]);
    let issued = exchange(&world, client, grant(&["wiki:read"])).await.unwrap();
    assert!(issued.refresh_token.is_none() && issued.id_token.is_none());
    assert_eq!((issued.expires_in, issued.scopes.as_slice()), (3_600, ["wiki:read".to_owned()].as_slice()));
    refusal(userinfo(&world, &application, &issued).await, |kind| *kind == FaultKind::Unauthorized);
    let (ours, id, store) = (ours(), &application.id, &world.fixture.store);
    let introspect = async |world: &World, issued: &Issued| {
        let about = (&by(id, &secret), &issued.access_token);
        oidc_uses::introspect(&world.fixture.store, &world.cx(), (&ours, id), about).await.unwrap()
    };
    let said = introspect(&world, &issued).await;
    assert_eq!(
        (&said["active"], &said["sub"], &said["scope"]),
        (&true.into(), &id.as_str().into(), &"wiki:read".into())
    );
    assert!(said.get("username").is_none() && said.get("sid").is_none(), "{said}");
    assert_eq!(introspect(&world.later(3_600_001), &issued).await["active"], false);
    let about = (&by(id, &secret), &issued.access_token);
    oidc_uses::revoke(store, &world.cx(), (&ours, id), about).await.unwrap();
    assert_eq!(introspect(&world, &issued).await["active"], false);
    assert_eq!(introspect(&world, &all).await["active"], true);
});

async fn start(world: &World, (application, secret): (&Application, &Secret)) -> Result<Started, Fault> {
    let ours = ours();
    let asked = (by(&application.id, secret), Some("openid groups email"));
    oidc_devices::start(&world.fixture.store, &world.cx(), (&ours, &application.id), asked).await
}

fn with_device(started: &Started) -> Grant {
    Grant::Device { device_code: started.device_code.clone() }
}

async fn decides(world: &World, started: &Started, status: DeviceStatus) {
    let code = started.user_code.clone();
    world
        .change(move |tx, cx| {
            let hash = tx.keyring().hash_token(code.expose());
            assert!(device_rows::decide(tx, &hash, (status, "s-1"), cx.now)?);
            Ok(())
        })
        .await;
}

testkit::on_both_engines!(
    a_device_is_let_in_once_by_who_may_use_the_application,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (application, secret) = speaking(&world).await;
        let client = (&application, &secret);
        refusal(start(&world, client).await, is_oauth(OAuthError::UnauthorizedClient));
        let device = vec![FurtherGrant::DeviceCode];
        decide(&world, &application, OidcSettings { further_grants: device.clone(), ..settings() })
            .await
            .unwrap();
        session(&world).await;
        let started = start(&world, client).await.unwrap();
        assert_eq!(started.verification_uri, "https://id.example/device");
        let pending = || is_oauth(OAuthError::AuthorizationPending);
        refusal(exchange(&world, client, with_device(&started)).await, pending());
        // The first early one is let pass, the next is told to slow down.
        refusal(exchange(&world, client, with_device(&started)).await, pending());
        refusal(exchange(&world, client, with_device(&started)).await, is_oauth(OAuthError::SlowDown));
        let (other, others) = speaking(&world).await;
        decide(&world, &other, OidcSettings { further_grants: device, ..settings() }).await.unwrap();
        let stolen = exchange(&world, (&other, &others), with_device(&started)).await;
        refusal(stolen, is_oauth(OAuthError::InvalidGrant));
        // Approved, but by whom an administrator let in nowhere.
        decides(&world, &started, DeviceStatus::Approved).await;
        refusal(exchange(&world, client, with_device(&started)).await, is_oauth(OAuthError::AccessDenied));
        assign(&world, &application, user(JANE)).await;
        let started = start(&world, client).await.unwrap();
        decides(&world, &started, DeviceStatus::Approved).await;
        let issued = exchange(&world, client, with_device(&started)).await.unwrap();
        assert_eq!(issued.scopes, ["openid", "groups"], "email is none of its scopes");
        assert!(issued.refresh_token.is_some() && issued.id_token.is_some());
        assert_eq!(userinfo(&world, &application, &issued).await.unwrap()["sub"], JANE);
        refusal(exchange(&world, client, with_device(&started)).await, is_oauth(OAuthError::InvalidGrant));
        let denied = start(&world, client).await.unwrap();
        decides(&world, &denied, DeviceStatus::Denied).await;
        refusal(exchange(&world, client, with_device(&denied)).await, is_oauth(OAuthError::AccessDenied));
        let late = exchange(&world.later(600_001), client, with_device(&denied)).await;
        refusal(late, is_oauth(OAuthError::ExpiredToken));
    }
);

async fn due(world: &World) -> Vec<Job> {
    let claim = |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
        let claim = Claim { queue: Queue::SignOuts, after: "", limit: 9, hold: Duration::ZERO };
        store::jobs::claim(tx, cx.now, &claim)
    };
    world.fixture.store.maintain(&world.cx(), claim).await.unwrap()
}

/// What an application would read of the notice of a job.
async fn notice(world: &World, application: &Application, job: &Job) -> LogoutToken {
    let (store, cx, ours) = (&world.fixture.store, world.cx(), ours());
    let notice = oidc_logouts::open(store, &cx, &ours, job).await.unwrap().unwrap();
    assert_eq!(notice.address.place(), "app.example:443");
    let set = oidc_applications::key_set(store, &cx, &application.id).unwrap().to_string();
    let expected = Expected {
        issuer: &ours.issuer(&application.id),
        client_id: application.id.as_str(),
        algorithms: &[Algorithm::Es256],
        now: cx.now.seconds(),
        skew: 0,
    };
    LogoutToken::verify(notice.token.expose(), &KeySet::read(set.as_bytes()).unwrap(), &expected).unwrap()
}

testkit::on_both_engines!(the_end_of_a_session_is_told_to_whom_it_was_told, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (application, secret) = speaking(&world).await;
    let (quiet, other) = speaking(&world).await;
    let hears = OidcSettings { back_channel_logout_uri: Some(ENDED.to_owned()), ..settings() };
    decide(&world, &application, hears).await.unwrap();
    for application in [&application, &quiet] {
        assign(&world, application, user(JANE)).await;
    }
    let session = session(&world).await;
    for client in [(&application, &secret), (&quiet, &other), (&application, &secret)] {
        let code = code(&world, client.0, &session).await.unwrap();
        let issued = exchange(&world, client, with_code(&code)).await.unwrap();
        let refresh = Grant::Refresh { refresh_token: issued.refresh_token.unwrap(), scopes: None };
        exchange(&world, client, refresh).await.unwrap();
    }
    assert!(due(&world).await.is_empty());
    world.change(|tx, _| store::signin::sign_outs::one(tx, "s-1").map(drop)).await;
    let jobs = due(&world).await;
    assert_eq!(jobs.len(), 1, "one application, which hears once however often it asked: {jobs:?}");
    let first = notice(&world, &application, &jobs[0]).await;
    assert_eq!((first.subject.as_deref(), first.session.as_deref()), (Some(JANE), Some("s-1")));
    let (store, why) = (&world.fixture.store, "it answered 503");
    oidc_logouts::settle(store, &world.cx(), &jobs[0], (Told::PutOff, why)).await.unwrap();
    assert!(due(&world).await.is_empty(), "it is told later");
    let later = world.later(6_000);
    let again = due(&later).await;
    assert_ne!(
        notice(&later, &application, &again[0]).await.id,
        first.id,
        "each attempt has a token of its own"
    );
    oidc_logouts::settle(store, &later.cx(), &again[0], (Told::Heard, "")).await.unwrap();
    assert!(due(&world.later(4_000_000)).await.is_empty());
    // Somebody else is done with it already: nothing happens again.
    oidc_logouts::settle(store, &later.cx(), &again[0], (Told::Refused, "it answered 400")).await.unwrap();
});

testkit::on_both_engines!(
    what_is_not_heard_of_one_session_holds_up_no_other,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        world
            .change(|tx, cx| {
                let lane = format!("{}apl-1", Queue::SignOuts.lanes().0);
                ["1", "2"]
                    .into_iter()
                    .try_for_each(|id| store::jobs::insert(tx, id, JobKind::OidcLogout, (&lane, id), cx.now))
            })
            .await;
        let put_off = async |at: u64| {
            let world = world.later(at);
            let jobs = due(&world).await;
            assert_eq!(jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["1"], "{at}");
            let why = (Told::PutOff, "it answered 500");
            oidc_logouts::settle(&world.fixture.store, &world.cx(), &jobs[0], why).await.unwrap();
        };
        put_off(0).await;
        assert!(due(&world).await.is_empty(), "what comes later waits for a second try");
        put_off(6_000).await;
        let second = due(&world.later(6_000)).await;
        assert_eq!(second[0].id, "2");
        oidc_logouts::settle(&world.fixture.store, &world.cx(), &second[0], (Told::Heard, "")).await.unwrap();
        put_off(17_000).await;
        put_off(60_000).await;
    }
);

testkit::on_both_engines!(
    every_way_out_is_told_of_under_the_name_that_was_told,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (application, secret) = speaking(&world).await;
        let hears = OidcSettings { back_channel_logout_uri: Some(ENDED.to_owned()), ..settings() };
        decide(&world, &application, hears).await.unwrap();
        assign(&world, &application, user(JANE)).await;
        let session = session(&world).await;
        let first = code(&world, &application, &session).await.unwrap();
        exchange(&world, (&application, &secret), with_code(&first)).await.unwrap();
        // Another session of the same browser takes its place: nobody is signed out, and what ends later is called as it was then.
        world
            .change(|tx, cx| {
                let new = portal_sessions::NewPortalSession {
                    token_hash: [8; 32],
                    session_id: "s-2".to_owned(),
                    user_id: UserId::trusted(JANE),
                    source_ip: String::new(),
                    user_agent: String::new(),
                    created_at: cx.now,
                    expires_at: cx.now.plus(Duration::from_hours(8)),
                    proofs: Proofs { methods: vec![Method::Password], mfa_at: None },
                    idle: None,
                    external: None,
                    tags: std::collections::BTreeMap::new(),
                };
                portal_sessions::insert(tx, &new)?;
                store::signin::sign_outs::replaced(tx, "s-1", "s-2")
            })
            .await;
        assert!(due(&world).await.is_empty());
        let who = UserId::trusted(JANE);
        world.change(move |tx, cx| store::signin::sign_outs::forget(tx, &who, cx.now)).await;
        let jobs = due(&world).await;
        assert_eq!(jobs.len(), 1);
        assert_eq!(notice(&world, &application, &jobs[0]).await.session.as_deref(), Some("s-1"));
        // An administrator takes the address away: there is nothing to tell any more.
        decide(&world, &application, settings()).await.unwrap();
        let (store, ours) = (&world.fixture.store, ours());
        assert!(oidc_logouts::open(store, &world.cx(), &ours, &jobs[0]).await.unwrap().is_none());
        assert!(due(&world.later(130_000)).await.is_empty());
    }
);

testkit::on_both_engines!(a_sign_out_is_told_to_no_address_inside, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let application = world.application("wiki").await;
    for bad in [
        "http://app.example/ended",
        "https://127.0.0.1/ended",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/ended",
        "https://10.0.0.1/ended",
        "https://app.example@10.0.0.1/",
        "https://app.example/ended#x",
        "file:///etc/passwd",
    ] {
        let bad = OidcSettings { back_channel_logout_uri: Some(bad.to_owned()), ..settings() };
        let said = refusal(decide(&world, &application, bad).await, is_validation);
        assert!(said.starts_with("BackChannelLogoutUri: "), "{said}");
    }
});

/// An application that hears of sign-outs, told of Jane's session `s-1`.
async fn hears(world: &World) -> Application {
    let (application, secret) = speaking(world).await;
    let hears = OidcSettings { back_channel_logout_uri: Some(ENDED.to_owned()), ..settings() };
    decide(world, &application, hears).await.unwrap();
    assign(world, &application, user(JANE)).await;
    let session = session(world).await;
    let code = code(world, &application, &session).await.unwrap();
    exchange(world, (&application, &secret), with_code(&code)).await.unwrap();
    application
}

testkit::on_both_engines!(a_session_that_ends_by_itself_is_told_of, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let application = hears(&world).await;
    let ends =
        world.fixture.store.read(|rx| Ok(portal_sessions::find(rx, "s-1")?.unwrap().expires_at)).unwrap();
    let millis = u64::try_from(ends.since(world.fixture.now).as_millis()).unwrap();
    let expire = async |at: u64| {
        let world = world.later(at);
        let cx = world.cx();
        let end = |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
            store::signin::sign_outs::expired(tx, cx.now)?;
            store::applications::oidc_participants::end_expired(tx, cx.now)
        };
        (world.fixture.store.maintain(&cx, end).await.unwrap(), world)
    };
    assert_eq!(expire(millis - 1).await.0, 0, "not before");
    assert!(due(&world.later(millis - 1)).await.is_empty());
    let (told, world) = expire(millis).await;
    assert_eq!(told, 1);
    let jobs = due(&world).await;
    let read = notice(&world, &application, &jobs[0]).await;
    assert_eq!((read.subject.as_deref(), read.session.as_deref()), (Some(JANE), Some("s-1")));
    let again =
        |tx: &mut store::tx::Tx<'_>, cx: &Cx| store::applications::oidc_participants::end_expired(tx, cx.now);
    assert_eq!(world.fixture.store.maintain(&world.cx(), again).await.unwrap(), 0, "once");
});

testkit::on_both_engines!(what_is_revoked_as_a_whole_is_told_of, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let application = hears(&world).await;
    let sweep = async |before: u64| {
        let at = world.fixture.now.minus(Duration::from_secs(before));
        let sweep =
            move |tx: &mut store::tx::Tx<'_>, _: &Cx| store::instances::revocations::sweep(tx, at, 500);
        world.fixture.store.maintain(&world.cx(), sweep).await.unwrap()
    };
    assert_eq!(sweep(1).await, 0);
    assert!(due(&world).await.is_empty(), "it was told of later");
    assert!(sweep(0).await > 0);
    let jobs = due(&world).await;
    assert_eq!(notice(&world, &application, &jobs[0]).await.session.as_deref(), Some("s-1"));
    assert_eq!(sweep(0).await, 0, "once");
});
