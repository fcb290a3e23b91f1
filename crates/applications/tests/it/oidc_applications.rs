//! Applications that speak OpenID Connect: what is decided of them, their secrets, codes and tokens, on both engines.

use applications::application_assignments;
use applications::oidc_addresses::OidcAddresses;
use applications::oidc_clients::{self, NewSecret, Presented, Proof};
use applications::oidc_sign_ons::{self, Next};
use applications::oidc_tokens::{self, Grant, Issued, TokenRequest};
use applications::oidc_uses::By;
use applications::{oidc_applications, oidc_keys, oidc_uses};
use model::applications::application::{Application, ApplicationId};
use model::applications::application_assignment::ApplicationAssignment;
use model::applications::oidc_application::{
    ClaimMapping, ClientAuthentication, OidcSettings, SECRETS_MAX, SigningAlgorithm,
};
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind, OAuthError};
use model::secret::Secret;
use model::signin::mfa::{Method, Proofs};
use model::signin::portal_session::PortalSession;
use outbound::client::Outbound;
use store::signin::portal_sessions::{self, NewPortalSession};
use testkit::fixture::Fixture;

use crate::world::{
    DEV, EVERYBODY, JANE, World, group, is_conflict, is_denied, is_not_found, is_validation, refusal, user,
};

pub(crate) const CALLBACK: &str = "https://app.example/cb";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Of that (RFC 7636 appendix B).
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) fn ours() -> OidcAddresses {
    OidcAddresses { base_url: "https://id.example".to_owned(), page_host: "id.example".to_owned() }
}

pub(crate) fn outbound() -> Outbound {
    Outbound::new(outbound::terms::Terms::default()).unwrap()
}

pub(crate) fn settings() -> OidcSettings {
    OidcSettings {
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: vec![],
        authentication: ClientAuthentication::Secret,
        key_set: None,
        require_pkce: true,
        refresh_tokens: true,
        scopes: ["openid", "profile", "groups"].map(str::to_owned).to_vec(),
        claims: vec![],
        signing_algorithm: SigningAlgorithm::Es256,
        access_token_minutes: 60,
        further_grants: vec![],
        require_pushed_requests: false,
        dpop_bound_tokens: false,
        back_channel_logout_uri: None,
    }
}

pub(crate) async fn decide(
    world: &World,
    application: &Application,
    settings: OidcSettings,
) -> Result<(), Fault> {
    let (ours, arn, outbound) = (ours(), application.arn(), outbound());
    oidc_applications::put(&world.fixture.store, &world.cx(), (&ours, &outbound, &arn), settings).await
}

testkit::on_both_engines!(only_the_owner_of_the_instance_has_people_told_of, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let dev = world.admin(DEV);
    let (application, ours) = (world.application_of(&dev, "theirs").await, ours());
    for cx in [dev, world.cx()] {
        let arn = application.arn();
        let refused =
            oidc_applications::put(&world.fixture.store, &cx, (&ours, &outbound(), &arn), settings()).await;
        assert!(refusal(refused, is_validation).starts_with("ApplicationArn is of account 222233334444"));
    }
});

/// An application that speaks, and its secret.
pub(crate) async fn speaking(world: &World) -> (Application, Secret) {
    let application = world.application("wiki").await;
    decide(world, &application, settings()).await.unwrap();
    let (store, cx) = (&world.fixture.store, world.cx());
    let made = oidc_clients::create(store, &cx, &application.arn(), NewSecret::default()).await.unwrap();
    (application, made.1)
}

pub(crate) async fn assign(
    world: &World,
    application: &Application,
    principal: model::accounts::account_assignment::Principal,
) {
    let new = ApplicationAssignment { application: application.arn(), principal };
    application_assignments::create(&world.fixture.store, &world.cx(), new).await.unwrap();
}

/// A session of Jane's.
pub(crate) async fn session(world: &World) -> PortalSession {
    let until = world.fixture.now.plus(std::time::Duration::from_hours(8));
    world
        .change(move |tx, cx| {
            let new = NewPortalSession {
                token_hash: [7; 32],
                session_id: "s-1".to_owned(),
                user_id: UserId::trusted(JANE),
                source_ip: String::new(),
                user_agent: String::new(),
                created_at: cx.now,
                expires_at: until,
                proofs: Proofs { methods: vec![Method::Password], mfa_at: None },
                idle: None,
                external: None,
                tags: std::collections::BTreeMap::new(),
            };
            portal_sessions::insert(tx, &new)
        })
        .await;
    let found = world.fixture.store.read(|rx| Ok(portal_sessions::find(rx, "s-1")?)).unwrap();
    found.unwrap()
}

pub(crate) async fn code(
    world: &World,
    application: &Application,
    session: &PortalSession,
) -> Result<Secret, String> {
    let pairs = [
        ("response_type", "code"),
        ("client_id", application.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("scope", "openid groups"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (store, ours) = (&world.fixture.store, ours());
    let question = oidc_sign_ons::open(store, &world.cx(), (&ours, &application.id), &pairs).unwrap();
    match oidc_sign_ons::answer(store, &world.cx(), (&ours, &question), Some(session)).await.unwrap() {
        Next::Go(to) => {
            let to = to.expose().to_owned();
            let rest = to.strip_prefix(&format!("{CALLBACK}?code=")).unwrap();
            Ok(Secret::new(rest.split('&').next().unwrap()))
        }
        Next::Refused(answer) => Err(answer.error.to_owned()),
        other => Err(format!("{other:?}")),
    }
}

pub(crate) fn by(application: &ApplicationId, secret: &Secret) -> Presented {
    Presented { client_id: Some(application.to_string()), proof: Proof::Secret(secret.clone()) }
}

pub(crate) async fn exchange(
    world: &World,
    (application, secret): (&Application, &Secret),
    grant: Grant,
) -> Result<Issued, Fault> {
    let request = TokenRequest { presented: by(&application.id, secret), grant, proof: None };
    let ours = ours();
    oidc_tokens::create(&world.fixture.store, &world.cx(), (&ours, &application.id), request).await
}

pub(crate) async fn userinfo(
    world: &World,
    application: &Application,
    issued: &Issued,
) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
    let ours = ours();
    let how = (&issued.access_token, By::Bearer);
    oidc_uses::userinfo(&world.fixture.store, &world.cx(), (&ours, &application.id), how).await
}

pub(crate) fn with_code(code: &Secret) -> Grant {
    Grant::Code {
        code: code.clone(),
        redirect_uri: CALLBACK.to_owned(),
        verifier: Some(Secret::new(VERIFIER)),
    }
}

pub(crate) fn is_oauth(error: OAuthError) -> impl Fn(&FaultKind) -> bool {
    move |kind| *kind == FaultKind::OAuth(error)
}

testkit::on_both_engines!(
    what_is_decided_is_read_back_and_goes_with_the_application,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (application, store, cx) = (world.application("wiki").await, &world.fixture.store, world.cx());
        let arn = application.arn();
        refusal(oidc_applications::describe(store, &cx, &arn), is_not_found);
        let wanted = OidcSettings {
            claims: vec![ClaimMapping {
                name: "team".into(),
                value: "${user:groupNames}".into(),
                scope: Some("groups".into()),
            }],
            ..settings()
        };
        decide(&world, &application, wanted.clone()).await.unwrap();
        assert_eq!(oidc_applications::describe(store, &cx, &arn).unwrap().settings, wanted);
        let stranger = world.admin(DEV);
        refusal(oidc_applications::describe(store, &stranger, &arn), is_denied);
        let foreign =
            oidc_applications::put(store, &stranger, (&ours(), &outbound(), &arn), settings()).await;
        refusal(foreign, is_denied);
        for (field, change) in [
            (
                "ClaimMappings.Value",
                (|bad| bad.claims[0].value = "${user:mail}".into()) as fn(&mut OidcSettings),
            ),
            ("RedirectUris", |bad| bad.redirect_uris.push("https://id.example/cb".into())),
            ("KeySet", |bad| {
                bad.authentication = ClientAuthentication::PrivateKeyJwt;
                bad.key_set = Some("{}".into());
            }),
        ] {
            let mut bad = wanted.clone();
            change(&mut bad);
            let said = refusal(decide(&world, &application, bad).await, is_validation);
            assert!(said.starts_with(field), "{said}");
        }
        let said = refusal(decide(&world.strict(), &application, wanted).await, is_validation);
        assert!(said.contains("strict mode"), "{said}");
        oidc_clients::create(store, &cx, &arn, NewSecret::default()).await.unwrap();
        applications::applications::delete(store, &cx, &arn).await.unwrap();
        let left = |rx: &mut store::tx::Rx<'_>| {
            let (keys, secrets) = (
                store::applications::oidc_keys::list(rx, &arn.id)?,
                store::applications::oidc_secrets::list(rx, &arn.id)?,
            );
            Ok((store::applications::oidc_applications::find(rx, &arn.id)?, keys.len(), secrets.len()))
        };
        assert_eq!(store.read(left).unwrap(), (None, 0, 0));
    }
);

testkit::on_both_engines!(secrets_live_side_by_side_and_end, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let (application, first) = speaking(&world).await;
    let arn = application.arn();
    assign(&world, &application, user(JANE)).await;
    let session = session(&world).await;
    let new = NewSecret { name: Some("blue".into()), validity_days: Some(1) };
    let (second, value) = oidc_clients::create(store, &cx, &arn, new).await.unwrap();
    for secret in [&first, &value] {
        let code = code(&world, &application, &session).await.unwrap();
        exchange(&world, (&application, secret), with_code(&code)).await.unwrap();
    }
    let listed = oidc_clients::list(store, &cx, &arn).unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|secret| secret.last_used_at.is_some()));
    for _ in 2..SECRETS_MAX {
        oidc_clients::create(store, &cx, &arn, NewSecret::default()).await.unwrap();
    }
    let more = oidc_clients::create(store, &cx, &arn, NewSecret::default()).await;
    refusal(more, |kind| *kind == FaultKind::QuotaExceeded);
    oidc_clients::delete(store, &cx, &arn, second.id.clone()).await.unwrap();
    refusal(oidc_clients::delete(store, &cx, &arn, second.id).await, is_not_found);
    let code = code(&world, &application, &session).await.unwrap();
    refusal(
        exchange(&world, (&application, &value), with_code(&code)).await,
        is_oauth(OAuthError::InvalidClient),
    );
    exchange(&world, (&application, &first), with_code(&code)).await.unwrap();
    for new in [
        NewSecret { validity_days: Some(0), ..NewSecret::default() },
        NewSecret { name: Some(String::new()), ..NewSecret::default() },
    ] {
        refusal(oidc_clients::create(store, &cx, &arn, new).await, is_validation);
    }
    let public = OidcSettings { authentication: ClientAuthentication::None, ..settings() };
    decide(&world, &application, public).await.unwrap();
    refusal(oidc_clients::create(store, &cx, &arn, NewSecret::default()).await, is_conflict);
});

testkit::on_both_engines!(codes_and_refresh_tokens_are_good_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (application, secret) = speaking(&world).await;
    assign(&world, &application, group(EVERYBODY)).await;
    let session = session(&world).await;
    let client = (&application, &secret);
    let first = code(&world, &application, &session).await.unwrap();
    let issued = exchange(&world, client, with_code(&first)).await.unwrap();
    assert_eq!(issued.scopes, ["openid", "groups"]);
    let (ours, id, store) = (ours(), &application.id, &world.fixture.store);
    let told = userinfo(&world, &application, &issued).await.unwrap();
    assert_eq!(told["sub"], JANE);
    assert_eq!(told["groups"].as_array().unwrap().len(), 2, "one by the other: {told:?}");
    let refresh =
        |token: &Option<Secret>| Grant::Refresh { refresh_token: token.clone().unwrap(), scopes: None };
    let next = exchange(&world, client, refresh(&issued.refresh_token)).await.unwrap();
    let later = world.later(11_000);
    let again = exchange(&later, client, refresh(&issued.refresh_token)).await;
    refusal(again, is_oauth(OAuthError::InvalidGrant));
    refusal(exchange(&later, client, refresh(&next.refresh_token)).await, is_oauth(OAuthError::InvalidGrant));
    let second = code(&world, &application, &session).await.unwrap();
    let issued = exchange(&world, client, with_code(&second)).await.unwrap();
    refusal(exchange(&world, client, with_code(&second)).await, is_oauth(OAuthError::InvalidGrant));
    let about = (&by(id, &secret), &issued.access_token);
    let said = oidc_uses::introspect(store, &world.cx(), (&ours, id), about).await.unwrap();
    assert_eq!(said, serde_json::json!({"active": false}));
});

testkit::on_both_engines!(who_may_not_use_it_is_told_of_to_nobody, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (application, secret) = speaking(&world).await;
    let session = session(&world).await;
    assert_eq!(code(&world, &application, &session).await.unwrap_err(), "access_denied");
    assign(&world, &application, user(JANE)).await;
    let waiting = code(&world, &application, &session).await.unwrap();
    let other = code(&world, &application, &session).await.unwrap();
    let issued = exchange(&world, (&application, &secret), with_code(&other)).await.unwrap();
    let gone = ApplicationAssignment { application: application.arn(), principal: user(JANE) };
    application_assignments::delete(&world.fixture.store, &world.cx(), gone).await.unwrap();
    let client = (&application, &secret);
    refusal(exchange(&world, client, with_code(&waiting)).await, is_oauth(OAuthError::InvalidGrant));
    let refresh = Grant::Refresh { refresh_token: issued.refresh_token.clone().unwrap(), scopes: None };
    refusal(exchange(&world, client, refresh).await, is_oauth(OAuthError::InvalidGrant));
    refusal(userinfo(&world, &application, &issued).await, |kind| *kind == FaultKind::Unauthorized);
});

testkit::on_both_engines!(
    a_session_that_ends_or_is_replaced_takes_its_tokens_along,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (application, secret) = speaking(&world).await;
        assign(&world, &application, user(JANE)).await;
        let session = session(&world).await;
        let first = code(&world, &application, &session).await.unwrap();
        let issued = exchange(&world, (&application, &secret), with_code(&first)).await.unwrap();
        assert!(userinfo(&world, &application, &issued).await.is_ok());
        world.change(|tx, _| store::signin::sign_outs::one(tx, "s-1").map(drop)).await;
        refusal(userinfo(&world, &application, &issued).await, |kind| *kind == FaultKind::Unauthorized);
        let left = world.fixture.store.read(|rx| {
            let family = model::signin::oauth::FamilyId::trusted("x");
            Ok(store::applications::oidc_tokens::find_live(rx, &family, world.fixture.now)?)
        });
        assert!(left.unwrap().is_none());
    }
);

testkit::on_both_engines!(keys_are_rotated_one_at_a_time, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (application, _) = speaking(&world).await;
    let (store, arn) = (&world.fixture.store, application.arn());
    let made = oidc_keys::rotate(store, &world.cx(), &arn).await.unwrap();
    assert!(world.fixture.now < made.signs_from);
    refusal(oidc_keys::rotate(store, &world.cx(), &arn).await, is_conflict);
    let later = world.later(601_000);
    oidc_keys::rotate(store, &later.cx(), &arn).await.unwrap();
    let set = oidc_applications::key_set(store, &world.cx(), &arn.id).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 3);
    let day = world.later(26 * 3_600_000);
    oidc_keys::rotate(store, &day.cx(), &arn).await.unwrap();
    let set = oidc_applications::key_set(store, &world.cx(), &arn.id).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 2, "what nothing on its way is signed by is gone");
    let elsewhere = world.application("plain").await;
    refusal(oidc_keys::rotate(store, &world.cx(), &elsewhere.arn()).await, is_not_found);
});
