//! ID tokens and logout tokens that are right, and each claim wrong in one place.

use jose::algorithm::Algorithm;
use jose::openid::id_token::{self, IdToken};
use jose::openid::logout_token::{self, LogoutToken};
use jose::openid::refusal::Refusal;
use jose::secret::Secret;
use serde_json::{Value, json};

use crate::pairs::{KEYS, OWN};

pub(crate) const NOW: i64 = 1_795_507_200;
pub(crate) const ISSUER: &str = "https://id.example/realms/globex";
pub(crate) const CLIENT: &str = "portico";
const SKEW: u64 = 60;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

pub(crate) fn id_claims() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "alice", "iat": NOW - 1, "exp": NOW + 300, "nonce": "the nonce", "sid": "s-1",
        "auth_time": NOW - 30, "acr": "urn:mace:incommon:iap:silver", "amr": ["pwd", "mfa"],
    })
}

pub(crate) fn logout_claims() -> Value {
    json!({
        "iss": ISSUER, "aud": [CLIENT], "iat": NOW - 1, "exp": NOW + 120, "jti": "bWJq", "sub": "alice", "sid": "s-1",
        "events": {EVENT: {}},
    })
}

pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

pub(crate) fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name).unwrap();
    claims
}

pub(crate) fn judged(token: &str) -> Result<IdToken, Refusal> {
    judged_at(token, NOW, None, None)
}

fn judged_at(
    token: &str,
    now: i64,
    max_age: Option<u64>,
    access_token: Option<&Secret>,
) -> Result<IdToken, Refusal> {
    let nonce = Secret::new("the nonce");
    let expected = id_token::Expected {
        issuer: ISSUER,
        client_id: CLIENT,
        algorithms: &Algorithm::ALL,
        nonce: &nonce,
        access_token,
        max_age,
        now,
        skew: SKEW,
    };
    IdToken::verify(token, &KEYS, &expected)
}

pub(crate) fn logged_out(token: &str) -> Result<LogoutToken, Refusal> {
    logged_out_at(token, NOW)
}

fn logged_out_at(token: &str, now: i64) -> Result<LogoutToken, Refusal> {
    let algorithms = &[Algorithm::Rs256, Algorithm::Es256];
    let expected = logout_token::Expected { issuer: ISSUER, client_id: CLIENT, algorithms, now, skew: SKEW };
    LogoutToken::verify(token, &KEYS, &expected)
}

fn id(claims: &Value) -> Result<IdToken, Refusal> {
    judged(&OWN.issue(Algorithm::Es256, claims))
}

fn logout(claims: &Value) -> Result<LogoutToken, Refusal> {
    logged_out(&OWN.issue(Algorithm::Es256, claims))
}

#[test]
fn an_id_token_of_each_algorithm_says_who_signed_in() {
    for algorithm in Algorithm::ALL {
        let token = judged(&OWN.issue(algorithm, &id_claims())).unwrap();
        assert_eq!(token.subject, "alice");
        assert_eq!(token.session.as_deref(), Some("s-1"));
        assert_eq!((token.issued_at, token.expires_at), (NOW - 1, NOW + 300));
        assert_eq!(token.signed_in_at, Some(NOW - 30));
        assert_eq!(token.assurance.as_deref(), Some("urn:mace:incommon:iap:silver"));
        assert_eq!(token.methods, ["pwd", "mfa"]);
        assert_eq!(token.claims.all()["sub"], "alice");
    }
}

#[test]
fn what_the_standard_leaves_open_is_taken() {
    for claims in [
        with(id_claims(), "aud", json!([CLIENT])),
        with(with(id_claims(), "aud", json!([CLIENT, "other"])), "azp", json!(CLIENT)),
        with(id_claims(), "azp", json!(CLIENT)),
        with(id_claims(), "iat", json!(1_795_507_199.75)),
        with(id_claims(), "nbf", json!(NOW)),
        with(id_claims(), "amr", json!("pwd")),
        with(id_claims(), "acr", Value::Null),
        with(id_claims(), "sub", json!("x".repeat(255))),
        without(without(without(id_claims(), "acr"), "amr"), "sid"),
        without(id_claims(), "auth_time"),
    ] {
        assert!(id(&claims).is_ok(), "{claims}");
    }
    for header in [json!({"typ": "JWT"}), json!({"typ": "jwt"}), json!({"x5t": "AAAA", "cty": "x"})] {
        let header = with(header, "kid", json!("P-256"));
        assert!(judged(&OWN.token(Algorithm::Es256, &header, &id_claims())).is_ok(), "{header}");
    }
}

#[test]
fn each_claim_of_an_id_token_is_looked_at() {
    for name in ["iss", "aud", "sub", "iat", "exp", "nonce"] {
        for claims in [without(id_claims(), name), with(id_claims(), name, Value::Null)] {
            assert_eq!(
                id(&claims).unwrap_err().to_string(),
                format!("in the token, the claim {name} is missing")
            );
        }
        let refused = id(&with(id_claims(), name, json!({}))).unwrap_err().to_string();
        assert!(refused.contains(&format!("the claim \"{name}\" is an object, not ")), "{refused}");
    }
    for name in ["sid", "acr", "amr", "azp", "auth_time", "nbf"] {
        assert!(matches!(id(&with(id_claims(), name, json!(true))), Err(Refusal::Claim(_))), "{name}");
    }
    for sub in ["", &"x".repeat(256), "älice", "a\nb", "a\0"] {
        assert_eq!(id(&with(id_claims(), "sub", json!(sub))), Err(Refusal::Name("sub")), "{sub:?}");
    }
    assert_eq!(id(&with(id_claims(), "sid", json!(""))), Err(Refusal::Name("sid")));
}

#[test]
fn a_token_holds_from_when_it_was_made_until_it_ends_give_or_take_the_clocks() {
    let token = OWN.issue(Algorithm::Es256, &with(id_claims(), "iat", json!(NOW)));
    let at = |now: i64| judged_at(&token, now, None, None);
    assert!(at(NOW - 60).is_ok());
    assert_eq!(at(NOW - 61), Err(Refusal::Future { claim: "iat", seconds: 61, skew: 60 }));
    assert!(at(NOW + 359).is_ok());
    assert_eq!(at(NOW + 360), Err(Refusal::Expired { seconds: 60, skew: 60 }));
    assert!(at(NOW + 10_000).unwrap_err().to_string().contains("expired 9700 s ago, with 60 s of grace"));
    let later = with(id_claims(), "nbf", json!(NOW + 61));
    assert_eq!(id(&later), Err(Refusal::Future { claim: "nbf", seconds: 61, skew: 60 }));
    for (name, time) in [
        ("iat", json!(i64::MIN)),
        ("iat", json!(u64::MAX)),
        ("iat", json!(-1e300)),
        ("iat", json!(1e300)),
        ("exp", json!(i64::MIN)),
        ("exp", json!(-1e300)),
        ("nbf", json!(u64::MAX)),
        ("auth_time", json!(1e300)),
    ] {
        assert!(id(&with(id_claims(), name, time.clone())).is_err(), "{name} {time}");
    }
}

#[test]
fn a_fresh_sign_in_that_was_asked_for_took_place() {
    let token = |claims: &Value| OWN.issue(Algorithm::Rs256, claims);
    let asked = |claims: &Value, max_age: u64| judged_at(&token(claims), NOW, Some(max_age), None);
    assert!(asked(&id_claims(), 0).is_ok(), "30 s ago, 60 s for clocks");
    let long_ago = with(id_claims(), "auth_time", json!(NOW - 361));
    assert_eq!(asked(&long_ago, 300), Err(Refusal::SignedInLongAgo { seconds: 361, max: 360 }));
    assert!(asked(&long_ago, 301).is_ok());
    assert!(judged(&token(&long_ago)).is_ok(), "not asked for");
    let refused = asked(&without(id_claims(), "auth_time"), 300).unwrap_err();
    assert_eq!(refused.to_string(), "in the token, the claim auth_time is missing");
    let ahead = with(id_claims(), "auth_time", json!(NOW + 61));
    assert!(matches!(asked(&ahead, 300), Err(Refusal::Future { claim: "auth_time", .. })));
}

/// The access token and hash of OpenID Connect Core appendix A.3.
#[test]
fn a_hash_of_the_access_token_is_that_of_the_one_beside_it() {
    let (right, wrong) = (Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), Secret::new("another"));
    let claims = with(id_claims(), "at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"));
    let token = OWN.issue(Algorithm::Rs256, &claims);
    let beside = |token: &str, access_token: Option<&Secret>| judged_at(token, NOW, None, access_token);
    assert!(beside(&token, Some(&right)).is_ok());
    assert!(beside(&token, None).is_ok());
    assert_eq!(beside(&token, Some(&wrong)), Err(Refusal::AccessTokenHash));
    assert!(beside(&OWN.issue(Algorithm::Rs256, &id_claims()), Some(&wrong)).is_ok(), "there is none");
    // Half of each digest, as Python's hashlib has it.
    for (algorithm, hash) in [
        (Algorithm::Ps384, "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs"),
        (Algorithm::Rs512, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"),
        (Algorithm::EdDsa, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"),
    ] {
        let token = OWN.issue(algorithm, &with(id_claims(), "at_hash", json!(hash)));
        assert!(beside(&token, Some(&right)).is_ok(), "{}", algorithm.as_str());
    }
    // Of another digest than the signature's.
    let longer = OWN.issue(Algorithm::Es384, &claims);
    assert_eq!(beside(&longer, Some(&right)), Err(Refusal::AccessTokenHash));
}

#[test]
fn a_logout_token_says_whose_session_ends_and_how_long_to_remember_it() {
    let token = logout(&logout_claims()).unwrap();
    assert_eq!((token.id.as_str(), token.issued_at), ("bWJq", NOW - 1));
    assert_eq!((token.subject.as_deref(), token.session.as_deref()), (Some("alice"), Some("s-1")));
    // Until it would be refused as too old, which without an exp is all that bounds it.
    let unending = OWN.issue(Algorithm::Es256, &without(logout_claims(), "exp"));
    let remembered = logged_out(&unending).unwrap().remember_until;
    assert_eq!(remembered, NOW - 1 + 300 + 60 + 1);
    assert!(logged_out_at(&unending, remembered - 1).is_ok());
    assert_eq!(logged_out_at(&unending, remembered), Err(Refusal::Old { seconds: 361, max: 360 }));
    assert_eq!(logout(&without(logout_claims(), "sid")).unwrap().session, None);
    assert_eq!(logout(&without(logout_claims(), "sub")).unwrap().subject, None);
    for typ in ["logout+jwt", "application/logout+jwt", "Logout+JWT", "JWT"] {
        let header = json!({"kid": "P-256", "typ": typ});
        assert!(logged_out(&OWN.token(Algorithm::Es256, &header, &logout_claims())).is_ok(), "{typ}");
    }
}

#[test]
fn each_claim_of_a_logout_token_is_looked_at() {
    for name in ["iss", "aud", "iat", "jti", "events"] {
        let refused = logout(&without(logout_claims(), name)).unwrap_err().to_string();
        assert_eq!(refused, format!("in the token, the claim {name} is missing"));
    }
    assert_eq!(logout(&without(without(logout_claims(), "sub"), "sid")), Err(Refusal::Nobody));
    for events in [json!({}), json!({"http://schemas.openid.net/event/other": {}}), json!({EVENT: true})] {
        assert_eq!(logout(&with(logout_claims(), "events", events)), Err(Refusal::NoLogout(EVENT)));
    }
    assert!(matches!(logout(&with(logout_claims(), "events", json!([EVENT]))), Err(Refusal::Claim(_))));
    assert_eq!(logout(&with(logout_claims(), "jti", json!(""))), Err(Refusal::Name("jti")));
    let over = with(logout_claims(), "exp", json!(NOW - 60));
    assert_eq!(logout(&over), Err(Refusal::Expired { seconds: 60, skew: 60 }));
    let ahead = with(logout_claims(), "iat", json!(NOW + 61));
    assert!(matches!(logout(&ahead), Err(Refusal::Future { claim: "iat", .. })));
    assert!(matches!(logout(&with(logout_claims(), "iss", json!("x"))), Err(Refusal::Issuer { .. })));
    assert!(matches!(logout(&with(logout_claims(), "aud", json!("x"))), Err(Refusal::Audience { .. })));
}
