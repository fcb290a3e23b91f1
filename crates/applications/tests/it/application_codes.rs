//! Codes of applications to which somebody signs in here: for whom, for how long, and what becomes of one that comes twice.

use applications::application_codes::{self, Refusal, SignedIn};
use applications::application_tokens::Issued;
use applications::token_keys::TokenIssuer as OurTokens;
use applications::token_requests::TokenRequest;
use model::applications::grant::{Grant, GrantType};
use model::directory::user::UserId;
use model::fault::{Fault, OAuthError};
use model::secret::Secret;
use model::signin::mfa::Proofs;
use store::signin::portal_sessions::{self, NewPortalSession};
use testkit::fixture::Fixture;

use crate::issuing::{Client, put_grant, refused};
use crate::world::{JANE, World};

pub(crate) const SESSION: &str = "abababab-abab-4bab-8bab-abababababab";
const REDIRECT: &str = "https://wiki.example/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn ours() -> OurTokens {
    OurTokens { base_url: "https://sso.acme.example".to_owned() }
}

fn params(client: &Client, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let id = client.arn.to_string();
    let mut all = vec![
        ("client_id", id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    all.extend(more);
    all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Jane is signed in at the portal for two hours.
async fn signed_in(world: &World) -> SignedIn {
    let now = world.fixture.now;
    world
        .change(move |tx, _| {
            let new = NewPortalSession {
                token_hash: [7; 32],
                session_id: SESSION.to_owned(),
                user_id: UserId::trusted(JANE),
                source_ip: "192.0.2.1".to_owned(),
                user_agent: String::new(),
                created_at: now,
                expires_at: now.plus(std::time::Duration::from_hours(2)),
                proofs: Proofs { methods: Vec::new(), mfa_at: None },
                idle: None,
                external: None,
                tags: std::collections::BTreeMap::new(),
            };
            portal_sessions::insert(tx, &new)
        })
        .await;
    SignedIn { user_id: UserId::trusted(JANE), session_id: SESSION.to_owned() }
}

pub(crate) async fn prepared(fixture: Fixture) -> (World, Client, SignedIn) {
    let world = World::new(fixture).await.later(1);
    let client = Client::new(&world, "wiki").await;
    let grant = Grant::AuthorizationCode { redirect_uris: vec![REDIRECT.to_owned()] };
    put_grant(&world, &client.arn, grant).await;
    let who = signed_in(&world).await;
    (world.later(2), client, who)
}

/// Where the browser goes.
pub(crate) async fn answer(world: &World, client: &Client, who: &SignedIn) -> String {
    let store = &world.fixture.store;
    let asked = application_codes::open(store, &ours(), &params(client, &[])).unwrap();
    application_codes::approve(store, &world.cx(), (&ours(), &asked), who).await.unwrap()
}

pub(crate) fn code_of(answer: &str) -> Secret {
    let (_, rest) = answer.split_once("?code=").unwrap();
    Secret::new(rest.split('&').next().unwrap().replace("%2D", "-").replace("%5F", "_"))
}

pub(crate) async fn redeem(world: &World, client: &Client, code: &Secret) -> Result<Issued, Fault> {
    let request = TokenRequest {
        code: Some(code.clone()),
        redirect_uri: Some(REDIRECT.to_owned()),
        code_verifier: Some(Secret::new(VERIFIER)),
        ..client.request(GrantType::AuthorizationCode)
    };
    client.call(world, &world.caller(), request).await
}

testkit::on_both_engines!(a_code_is_good_once_and_for_a_minute, |fixture: Fixture| async move {
    let (world, client, who) = prepared(fixture).await;
    let back = answer(&world, &client, &who).await;
    assert!(back.starts_with(REDIRECT) && back.contains("&state=s&iss=https"), "{back}");
    let code = code_of(&back);
    // Another application's caller has it.
    let other = Client::new(&world, "other").await;
    let grant = Grant::AuthorizationCode { redirect_uris: vec![REDIRECT.to_owned()] };
    put_grant(&world, &other.arn, grant).await;
    refused(redeem(&world, &other, &code).await, OAuthError::InvalidGrant);
    put_grant(&world, &client.arn, Grant::RefreshToken).await;
    let issued = redeem(&world, &client, &code).await.unwrap();
    let refresh = issued.refresh_token.unwrap();
    let refresh = client.refresh(&world, &refresh).await.unwrap().refresh_token.unwrap();
    refused(redeem(&world, &client, &code).await, OAuthError::InvalidGrant);
    refused(client.refresh(&world, &refresh).await, OAuthError::InvalidGrant);
    let late = code_of(&answer(&world, &client, &who).await);
    refused(redeem(&world.later(60_000), &client, &late).await, OAuthError::InvalidGrant);
});

testkit::on_both_engines!(what_a_code_became_ends_with_the_session, |fixture: Fixture| async move {
    let (world, client, who) = prepared(fixture).await;
    put_grant(&world, &client.arn, Grant::RefreshToken).await;
    let code = code_of(&answer(&world, &client, &who).await);
    let unused = code_of(&answer(&world, &client, &who).await);
    let refresh = redeem(&world, &client, &code).await.unwrap().refresh_token.unwrap();
    world.change(|tx, _| store::signin::sign_outs::one(tx, SESSION).map(drop)).await;
    refused(client.refresh(&world, &refresh).await, OAuthError::InvalidGrant);
    refused(redeem(&world, &client, &unused).await, OAuthError::InvalidGrant);
});

testkit::on_both_engines!(who_is_not_assigned_gets_no_code, |fixture: Fixture| async move {
    let (world, client, who) = prepared(fixture).await;
    let id = client.arn.id.clone();
    world
        .change(move |tx, _| {
            let mut row = store::applications::applications::find(tx, &id)?.unwrap();
            row.assignment_required = true;
            store::applications::applications::update(tx, &row)
        })
        .await;
    let back = answer(&world, &client, &who).await;
    assert!(back.contains("error=access%5Fdenied") && !back.contains("code="), "{back}");
});

testkit::on_both_engines!(nothing_is_sent_where_no_application_said, |fixture: Fixture| async move {
    let (world, client, _) = prepared(fixture).await;
    let open = |more: &[(&str, &str)]| {
        application_codes::open(&world.fixture.store, &ours(), &params(&client, more))
    };
    let unknown = world.unknown().to_string();
    for more in [
        [("redirect_uri", "https://wiki.example/callback/")],
        [("redirect_uri", "https://evil.example/")],
        [("client_id", unknown.as_str())],
        [("client_id", "arn:aws:sso")],
    ] {
        assert!(matches!(open(&more), Err(Refusal::Page(_))), "{more:?}");
    }
    let mut twice = params(&client, &[]);
    twice.push(("redirect_uri".to_owned(), "https://evil.example/".to_owned()));
    assert!(matches!(application_codes::open(&world.fixture.store, &ours(), &twice), Err(Refusal::Page(_))));
    for (more, error) in [
        ([("response_type", "token")], "unsupported%5Fresponse%5Ftype"),
        ([("code_challenge_method", "plain")], "invalid%5Frequest"),
        ([("code_challenge", "short")], "invalid%5Frequest"),
        ([("response_mode", "fragment")], "invalid%5Frequest"),
        ([("prompt", "consent")], "invalid%5Frequest"),
    ] {
        let Err(Refusal::Redirect(to)) = open(&more) else { panic!("{more:?}") };
        assert!(to.starts_with(REDIRECT) && to.contains(error) && to.contains("&state=s"), "{to}");
    }
});
