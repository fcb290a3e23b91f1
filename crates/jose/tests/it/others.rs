//! Tokens, sets and answers that other programs made (`tests/fixtures/README.md`), and the examples of the standards.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jose::algorithm::Algorithm;
use jose::jwks::KeySet;
use jose::jwt::{JwtError, Rules, verify};
use jose::openid::callback::Callback;
use jose::openid::claims::ClaimName;
use jose::openid::discovery::{Logout, Provider, address};
use jose::openid::id_token::{self, IdToken};
use jose::openid::logout_token::{self, LogoutToken};
use jose::openid::method::Method;
use jose::openid::request::{Attempt, AuthorizationRequest};
use jose::openid::token::{ClientProof, TokenError, TokenRequest, Tokens};
use jose::openid::userinfo;
use jose::secret::Secret;
use serde_json::{Value, json};

use crate::pairs::{KEYS, set};

const RULES: Rules<'static> = Rules { algorithms: &Algorithm::ALL, types: &["jwt"] };
const OIDC_PROVIDER: &str = include_str!("../fixtures/oidc-provider.json");
const REDIRECT: &str = "https://portico.example/oidc/callback";

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn of<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap()
}

/// Each token of a fixture under its own set, with one byte of its payload changed, and under a set that is not its own.
fn judge_all(fixture: &Value, refused: &[&str]) -> usize {
    let keys = set(&fixture["jwks"]);
    let tokens = fixture["tokens"].as_object().unwrap();
    for (name, token) in tokens {
        let token = token.as_str().unwrap();
        if refused.contains(&name.as_str()) {
            assert!(matches!(verify(token, &keys, &RULES), Err(JwtError::Algorithm { .. })), "{name}");
            continue;
        }
        let verified = verify(token, &keys, &RULES).expect(name);
        assert_eq!(verified.payload()["sub"], "alice", "{name}");
        assert!(name.ends_with(verified.algorithm().as_str()) || name == "Ed25519", "{name}");
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let other = if parts[1].as_bytes()[9] == b'A' { "B" } else { "A" };
        parts[1].replace_range(9..10, other);
        assert_eq!(verify(&parts.join("."), &keys, &RULES).unwrap_err(), JwtError::Signature, "{name}");
        assert!(verify(token, &KEYS, &RULES).is_err(), "{name}");
    }
    tokens.len()
}

#[test]
fn tokens_of_jose_for_node_hold() {
    let fixture = fixture(include_str!("../fixtures/jose.json"));
    assert_eq!(judge_all(&fixture, &["ES512"]), 11);
    let keys = set(&fixture["jwks"]);
    assert_eq!(keys.passed_over().len(), 1, "the key of ES512");
}

#[test]
fn tokens_of_pyjwt_authlib_and_joserfc_hold() {
    assert_eq!(judge_all(&fixture(include_str!("../fixtures/python.json")), &[]), 27);
}

/// The payloads of some are no JSON: that this is what is wrong with them says that the signature holds.
#[test]
fn the_examples_of_the_standards_hold() {
    for example in fixture(include_str!("../fixtures/rfc.json")).as_array().unwrap() {
        let (name, token) = (of(example, "of"), of(example, "token"));
        let keys = set(&json!({"keys": [example["key"]]}));
        let judged = verify(token, &keys, &RULES);
        if example["is_json"] == true {
            assert_eq!(judged.unwrap().payload()["iss"], "joe", "{name}");
        } else {
            assert!(matches!(judged, Err(JwtError::Part { part: "payload", .. })), "{name}");
        }
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let altered = format!("{signed}.{other}{}", &signature[1..]);
        assert_eq!(verify(&altered, &keys, &RULES).unwrap_err(), JwtError::Signature, "{name}");
    }
}

fn provider(fixture: &Value) -> Provider {
    Provider::read(of(fixture, "issuer"), of(fixture, "discovery").as_bytes()).unwrap()
}

#[test]
fn oidc_provider_is_read_as_it_describes_itself() {
    let fixture = fixture(OIDC_PROVIDER);
    let read = provider(&fixture);
    assert_eq!(
        address(of(&fixture, "issuer")).unwrap(),
        "http://127.0.0.1:9427/.well-known/openid-configuration"
    );
    assert_eq!(read.authorization_endpoint, "http://127.0.0.1:9427/auth");
    assert_eq!(read.userinfo_endpoint.as_deref(), Some("http://127.0.0.1:9427/me"));
    assert_eq!(read.end_session_endpoint.as_deref(), Some("http://127.0.0.1:9427/session/end"));
    assert_eq!(read.algorithms, [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa]);
    assert_eq!(read.methods, Method::ALL);
    assert_eq!(read.method(true), Ok(Method::Basic));
    assert!(read.announces_pkce && read.answers_with_issuer);
    assert_eq!(read.logout, Logout::ToldWithSession);
}

/// From the answer in the browser's address to who signed in, and to their sign-out, as it went over the wire.
#[test]
fn a_sign_in_at_oidc_provider_goes_all_the_way() {
    let fixture = fixture(OIDC_PROVIDER);
    let (provider, keys) = (provider(&fixture), KeySet::read(of(&fixture, "jwks").as_bytes()).unwrap());
    let signed_in = fixture["signed_in"].as_array().unwrap();
    assert_eq!(signed_in.len(), 3);
    for one in signed_in {
        let client_id = of(one, "client_id");
        let secret = |member: &str| Secret::new(of(one, member));
        let attempt =
            Attempt { state: secret("state"), nonce: secret("nonce"), verifier: secret("verifier") };
        assert_eq!(attempt.challenge(), of(one, "challenge"));
        let code = Callback::read(of(one, "query")).unwrap().code(&attempt, &provider).unwrap();
        assert!(of(one, "query").contains(code.expose()));
        let tokens = Tokens::read(200, of(one, "token").as_bytes()).unwrap();
        let mut expected = id_token::Expected {
            issuer: &provider.issuer,
            client_id,
            algorithms: &provider.algorithms,
            nonce: &attempt.nonce,
            access_token: tokens.access_token.as_ref(),
            max_age: Some(600),
            now: 1_795_920_200,
            skew: 60,
        };
        let id_token = IdToken::verify(tokens.id_token.expose(), &keys, &expected).unwrap();
        assert_eq!(id_token.subject, "alice");
        assert!(id_token.signed_in_at.is_some());
        let claims = userinfo::read(200, of(one, "userinfo").as_bytes(), &id_token.subject).unwrap();
        let groups = claims.texts(&ClaimName::read("groups").unwrap()).unwrap();
        assert_eq!(groups.unwrap(), ["Engineering", "Ops"]);
        assert_eq!(claims.truth(&ClaimName::read("email_verified").unwrap()), Ok(Some(true)));
        let wanted = logout_token::Expected {
            issuer: &provider.issuer,
            client_id,
            algorithms: &provider.algorithms,
            now: expected.now,
            skew: 60,
        };
        let logout = LogoutToken::verify(of(one, "logout_token"), &keys, &wanted).unwrap();
        assert_eq!(logout.subject.as_deref(), Some("alice"));
        assert_eq!(logout.session, id_token.session);
        assert!(logout.session.is_some());
        // Neither for the other, and nothing for another client or another sign-in.
        assert!(LogoutToken::verify(tokens.id_token.expose(), &keys, &wanted).is_err());
        assert!(IdToken::verify(of(one, "logout_token"), &keys, &expected).is_err());
        assert!(IdToken::verify(tokens.id_token.expose(), &KEYS, &expected).is_err());
        expected.nonce = &attempt.state;
        assert!(IdToken::verify(tokens.id_token.expose(), &keys, &expected).is_err());
    }
}

/// What the script sent for the client whose id and secret have a colon, a space and signs is what is made here: oidc-provider took it.
#[test]
fn a_client_proves_itself_as_oidc_provider_takes_it() {
    let fixture = fixture(OIDC_PROVIDER);
    let one = &fixture["signed_in"][1];
    let secret = Secret::new("s3cret of portico ec:1: +~&");
    let attempt = Attempt::new(&[7; 96]);
    let request = TokenRequest {
        client_id: of(one, "client_id"),
        proof: ClientProof::Basic(&secret),
        redirect_uri: REDIRECT,
        code: &Secret::new("c"),
        attempt: &attempt,
    };
    let pair = "portico%20ec%3A1:s3cret%20of%20portico%20ec%3A1%3A%20%2B~%26";
    let wanted = format!("Basic {}", STANDARD.encode(pair));
    assert_eq!(request.outgoing().authorization.unwrap().expose(), wanted);
    let refused = fixture["refused"].clone();
    let status = u16::try_from(refused["status"].as_u64().unwrap()).unwrap();
    let refused = Tokens::read(status, of(&refused, "body").as_bytes()).unwrap_err();
    assert!(matches!(&refused, TokenError::Refused { status: 401, .. }), "{refused}");
    assert!(refused.to_string().contains("client secret (has it expired?)"), "{refused}");
    let provider = provider(&fixture);
    let url = AuthorizationRequest {
        provider: &provider,
        client_id: "portico ec:1",
        redirect_uri: REDIRECT,
        scopes: &["profile", "openid", "email"],
        prompt_login: true,
        max_age: Some(600),
        login_hint: Some("alice@globex.example"),
    };
    assert!(
        url.url(&attempt)
            .unwrap()
            .starts_with("http://127.0.0.1:9427/auth?response_type=code&client_id=portico%20ec%3A1&")
    );
}
