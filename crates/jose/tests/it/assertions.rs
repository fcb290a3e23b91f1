//! Assertions of a trusted issuer that are right, each claim wrong in one place, and the attacks on them (RFC 7523 §3, §8; RFC 8725); and what an issuer says
//! of itself.

use aws_lc_rs::hmac;
use jose::algorithm::{Algorithm, Kind};
use jose::jws::signed;
use jose::jwt::{JwtError, LENGTH_MAX};
use jose::openid::assertion::{Assertion, Expected, claimed_issuer};
use jose::openid::claims::ClaimError;
use jose::openid::discovery::DiscoveryError;
use jose::openid::issuer::Issuer;
use jose::openid::refusal::Refusal;
use serde_json::{Value, json};

use crate::pairs::{KEYS, OTHER, OWN};
use crate::tokens::{ISSUER, NOW, id_claims, logout_claims, with, without};

const SKEW: u64 = 60;

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": ["https://app.example", "other"], "iat": NOW - 1, "exp": NOW + 300,
        "jti": "one", "email": "alice@globex.example", "person": {"login": "alice"},
    })
}

fn judge_as(token: &str, algorithms: &[Algorithm]) -> Result<Assertion, Refusal> {
    let audiences = ["https://app.example".to_owned(), "urn:app".to_owned()];
    let expected = Expected { issuer: ISSUER, audiences: &audiences, algorithms, now: NOW, skew: SKEW };
    Assertion::verify(token, &KEYS, &expected)
}

fn judge(token: &str) -> Result<Assertion, Refusal> {
    judge_as(token, &[Algorithm::Rs256, Algorithm::Es256])
}

fn judged(claims: &Value) -> Result<Assertion, Refusal> {
    judge(&OWN.issue(Algorithm::Es256, claims))
}

#[test]
fn an_assertion_says_who_it_is_about_and_until_when_it_counts() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let token = OWN.issue(algorithm, &claims());
        assert_eq!(claimed_issuer(&token).as_deref(), Some(ISSUER));
        let said = judge(&token).unwrap();
        assert_eq!((said.subject.as_str(), said.id.as_deref()), ("alice", Some("one")));
        assert_eq!((said.expires_at, said.remember_until), (NOW + 300, NOW + 361));
        assert_eq!(said.text("email").unwrap(), Some("alice@globex.example"));
        assert_eq!(said.text("person.login").unwrap(), Some("alice"));
        assert_eq!(said.text("person.name").unwrap(), None);
    }
    for good in [
        with(claims(), "aud", json!("urn:app")),
        without(claims(), "jti"),
        without(claims(), "iat"),
        with(claims(), "nbf", json!(NOW + 59)),
        with(claims(), "exp", json!(NOW - 59)),
        with(claims(), "exp", json!(NOW + 86_400)),
    ] {
        assert!(judged(&good).is_ok(), "{good}: {:?}", judged(&good));
    }
    let access = OWN.token(Algorithm::Es256, &json!({"kid": "P-256", "typ": "at+jwt"}), &claims());
    assert!(judge(&access).is_ok(), "an access token (RFC 9068)");
}

#[test]
fn each_claim_must_be_there_and_be_right() {
    for name in ["iss", "sub", "aud", "exp"] {
        let refused = judged(&without(claims(), name)).unwrap_err();
        assert!(
            matches!(refused, Refusal::Claim(ClaimError::Missing(missing)) if missing == name),
            "{refused}"
        );
    }
    for (name, value, said) in [
        ("iss", json!("https://id.example/realms/globex/"), "iss"),
        ("iss", json!("https://evil.example"), "iss"),
        ("aud", json!("https://app.example/"), "https://app.example or urn:app"),
        ("aud", json!([]), "aud"),
        ("aud", json!(["other", 7]), "array"),
        ("exp", json!(NOW - 60), "expired"),
        ("exp", json!(NOW + 86_400 + 61), "sooner"),
        ("exp", json!(9_000_000_000_000_000_000_u64), "sooner"),
        ("exp", json!("tomorrow"), "exp"),
        ("iat", json!(NOW + 61), "iat"),
        ("nbf", json!(NOW + 61), "nbf"),
        ("sub", json!(""), "sub"),
        ("sub", json!(7), "sub"),
        ("jti", json!("x".repeat(256)), "jti"),
        ("email", json!(["a", "b"]), ""),
    ] {
        let judged = judged(&with(claims(), name, value.clone()));
        if said.is_empty() {
            assert!(judged.unwrap().text(name).is_err(), "{name} {value}");
            continue;
        }
        let refused = judged.unwrap_err().to_string();
        assert!(refused.contains(said), "{name} {value}: {refused}");
    }
    assert!(matches!(judged(&with(claims(), "events", json!({}))), Err(Refusal::Event)));
    let audiences: &[String] = &[];
    let expected =
        Expected { issuer: ISSUER, audiences, algorithms: &[Algorithm::Es256], now: NOW, skew: SKEW };
    let nobodys = Assertion::verify(&OWN.issue(Algorithm::Es256, &claims()), &KEYS, &expected);
    assert!(matches!(nobodys, Err(Refusal::Audience { .. })), "for nobody where no audience was said");
}

#[test]
fn what_somebody_else_made_or_meant_is_refused() {
    let refused = |token: &str| judge(token).unwrap_err();
    // No signature, and one that anybody could make of what is published.
    for alg in ["none", "None", "nOnE", ""] {
        let token =
            signed(&json!({"alg": alg, "kid": "RSA"}).to_string(), &claims().to_string(), |_| Vec::new());
        assert!(matches!(refused(&token), Refusal::Token(JwtError::Unsigned(_))), "{alg}");
    }
    let public = OWN.jwk(Kind::Rsa)["n"].as_str().unwrap().to_owned();
    let key = hmac::Key::new(hmac::HMAC_SHA256, public.as_bytes());
    let sign = |text: &str| hmac::sign(&key, text.as_bytes()).as_ref().to_vec();
    let confused = signed(r#"{"alg":"HS256","kid":"RSA"}"#, &claims().to_string(), sign);
    assert!(matches!(refused(&confused), Refusal::Token(JwtError::Unsigned(_))));
    // Keys of elsewhere.
    for member in ["jku", "x5u", "jwk", "x5c", "crit"] {
        let header = json!({"kid": "P-256", member: "https://evil.example/keys"});
        let token = OTHER.token(Algorithm::Es256, &header, &claims());
        assert!(matches!(refused(&token), Refusal::Token(JwtError::Header(_))), "{member}");
    }
    for kid in ["../../etc/passwd", "' OR 1=1 --", "unknown", ""] {
        let token = OTHER.token(Algorithm::Es256, &json!({"kid": kid}), &claims());
        assert!(matches!(refused(&token), Refusal::Token(JwtError::UnknownKey(_))), "{kid}");
    }
    assert!(matches!(
        refused(&OTHER.issue(Algorithm::Es256, &claims())),
        Refusal::Token(JwtError::Signature)
    ));
    // Another algorithm than the issuer says, and tokens for something else.
    let refused_by = judge_as(&OWN.issue(Algorithm::Rs256, &claims()), &[Algorithm::Es256]).unwrap_err();
    assert!(matches!(refused_by, Refusal::Token(JwtError::Algorithm { .. })));
    for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt"] {
        let token = OWN.token(Algorithm::Es256, &json!({"kid": "P-256", "typ": typ}), &claims());
        assert!(matches!(refused(&token), Refusal::Token(JwtError::Type { .. })), "{typ}");
    }
    assert!(judged(&logout_claims()).is_err() && judged(&id_claims()).is_err());
    // Too large, and no token.
    let huge = with(claims(), "more", json!("x".repeat(LENGTH_MAX)));
    assert!(matches!(refused(&OWN.issue(Algorithm::Es256, &huge)), Refusal::Token(JwtError::Length { .. })));
    assert_eq!(claimed_issuer(&OWN.issue(Algorithm::Es256, &huge)), None);
    for nothing in ["", ".", "..", "a.b.c", "e30.e30.", "e30.eyJpc3MiOjF9.e30"] {
        assert!(judge(nothing).is_err());
        assert_eq!(claimed_issuer(nothing), None, "{nothing}");
    }
}

#[test]
fn an_issuer_need_offer_no_sign_in() {
    let said = json!({"issuer": ISSUER, "jwks_uri": "https://id.example/keys"});
    let read = |said: &Value| Issuer::read(ISSUER, said.to_string().as_bytes());
    let issuer = read(&said).unwrap();
    assert_eq!(
        (issuer.jwks_uri.as_str(), issuer.algorithms),
        ("https://id.example/keys", vec![Algorithm::Rs256])
    );
    let listed =
        with(said.clone(), "id_token_signing_alg_values_supported", json!(["none", "ES256", "HS256"]));
    assert_eq!(read(&listed).unwrap().algorithms, [Algorithm::Es256]);
    for (name, value) in [
        ("issuer", json!("https://evil.example")),
        ("jwks_uri", json!("http://id.example/keys")),
        ("jwks_uri", json!("http://127.0.0.1/keys")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("id_token_signing_alg_values_supported", json!(["none", "HS256"])),
    ] {
        assert!(read(&with(said.clone(), name, value.clone())).is_err(), "{name} {value}");
    }
    assert_eq!(read(&without(said, "jwks_uri")), Err(DiscoveryError::Missing("jwks_uri")));
}
