//! The known attacks on signed tokens and on who relies on them (RFC 8725, RFC 9700, OpenID Connect Core §16), each by its name, and each refused by
//! what is wrong with it.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use jose::algorithm::{Algorithm, Kind};
use jose::jws::signed;
use jose::jwt::{JwtError, LENGTH_MAX, Rules, verify};
use jose::openid::refusal::Refusal;
use serde_json::{Value, json};

use crate::pairs::{KEYS, OTHER, OWN, encoded, set};
use crate::tokens::{CLIENT, ISSUER, NOW, id_claims, judged, logged_out, logout_claims, with, without};

const RULES: Rules<'static> = Rules { algorithms: &Algorithm::ALL, types: &["jwt"] };

fn judge(token: &str) -> JwtError {
    verify(token, &KEYS, &RULES).expect_err(token)
}

fn headed(header: Value) -> JwtError {
    judge(&OWN.token(Algorithm::Rs256, &with(header, "kid", json!("RSA")), &id_claims()))
}

fn is_refused(refused: &JwtError) -> bool {
    matches!(refused, JwtError::Signature | JwtError::Form)
}

#[test]
fn alg_none() {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = json!({"alg": alg, "kid": "RSA"}).to_string();
        for signature in [vec![], OWN.sign(Algorithm::Rs256, "x")] {
            let token = signed(&header, &id_claims().to_string(), |_| signature.clone());
            assert!(matches!(judge(&token), JwtError::Unsigned(_)), "{alg}");
        }
    }
    let without = signed(r#"{"kid":"RSA"}"#, &id_claims().to_string(), |_| Vec::new());
    assert!(matches!(judge(&without), JwtError::Unsigned(_)));
    assert!(judge(&without).to_string().contains("set an algorithm with a key pair"));
}

#[test]
fn hs256_with_the_rsa_public_key_as_secret() {
    let der = OWN.rsa.public_key().as_ref().to_vec();
    let jwk = OWN.jwk(Kind::Rsa);
    let modulus = jwk["n"].as_str().unwrap().as_bytes().to_vec();
    for alg in ["HS256", "HS384", "HS512", "hs256"] {
        for secret in [der.clone(), modulus.clone(), jwk.to_string().into_bytes(), Vec::new()] {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            let header = json!({"alg": alg, "kid": "RSA"}).to_string();
            let sign = |text: &str| hmac::sign(&key, text.as_bytes()).as_ref().to_vec();
            let token = signed(&header, &id_claims().to_string(), sign);
            assert!(matches!(judge(&token), JwtError::Unsigned(_)), "{alg}");
        }
    }
    let symmetric = json!({"keys": [{"kty": "oct", "kid": "RSA", "k": "AAAA"}]});
    assert!(jose::jwks::KeySet::read(symmetric.to_string().as_bytes()).is_err());
}

#[test]
fn an_algorithm_of_another_kind_than_the_key() {
    for (algorithm, kid) in [
        (Algorithm::Es256, "RSA"),
        (Algorithm::Rs256, "P-256"),
        (Algorithm::Es384, "P-256"),
        (Algorithm::Es256, "P-384"),
        (Algorithm::EdDsa, "P-256"),
        (Algorithm::Es256, "Ed25519"),
        (Algorithm::Ps256, "Ed25519"),
    ] {
        let refused = judge(&OWN.token(algorithm, &json!({"kid": kid}), &id_claims()));
        assert!(matches!(refused, JwtError::UnfitKey { .. }), "{kid}: {refused}");
    }
    // Signed with one, said to be another.
    for (made, said) in [
        (Algorithm::Rs256, "RS512"),
        (Algorithm::Rs256, "PS256"),
        (Algorithm::Ps256, "RS256"),
        (Algorithm::Ps384, "PS256"),
    ] {
        let header = json!({"kid": "RSA", "alg": said});
        assert_eq!(judge(&OWN.token(made, &header, &id_claims())), JwtError::Signature, "{said}");
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_or_not_the_keys_own() {
    let rules = Rules { algorithms: &[Algorithm::Es256, Algorithm::Rs256], types: &[] };
    let refused = verify(&OWN.issue(Algorithm::Ps256, &id_claims()), &KEYS, &rules).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the token's alg is \"PS256\"; allowed for this provider are ES256, RS256"
    );
    for alg in ["RS1", "ES256K", "rs256", "RSA-OAEP", "dir", "EdDSA\0"] {
        assert!(matches!(headed(json!({"alg": alg})), JwtError::Algorithm { .. }), "{alg}");
    }
    let keys = set(&json!({"keys": [with(OWN.jwk(Kind::Rsa), "alg", json!("PS256"))]}));
    let refused = verify(&OWN.issue(Algorithm::Rs256, &id_claims()), &keys, &RULES).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the token names the key \"RSA\" and the algorithm RS256, but of this key the provider's key set says: it is an RSA key for PS256"
    );
    assert!(verify(&OWN.issue(Algorithm::Ps256, &id_claims()), &keys, &RULES).is_ok());
}

#[test]
fn a_kid_that_is_somebody_elses() {
    // Signed by another, who names the provider's key.
    for algorithm in Algorithm::ALL {
        assert_eq!(judge(&OTHER.issue(algorithm, &id_claims())), JwtError::Signature);
        assert_eq!(judge(&OTHER.token(algorithm, &json!({}), &id_claims())), JwtError::Signature);
    }
    // A key that this provider does not have.
    let elsewhere = OTHER.token(Algorithm::Rs256, &json!({"kid": "of another"}), &id_claims());
    let refused = judge(&elsewhere);
    assert_eq!(refused, JwtError::UnknownKey("\"of another\"".to_owned()));
    assert!(refused.asks_for_newer_keys() && !JwtError::Signature.asks_for_newer_keys());
    // What a reader of files or of a database would do with it.
    for kid in ["../../../dev/null", "' OR 1=1 --", "RSA\0", "rsa", "", "RSA "] {
        assert!(matches!(headed_kid(kid), JwtError::UnknownKey(_)), "{kid}");
    }
    for kid in [json!(1), json!(null), json!(["RSA"]), json!("x".repeat(257))] {
        let token = OWN.token(Algorithm::Rs256, &json!({"kid": kid}), &id_claims());
        assert!(matches!(judge(&token), JwtError::Part { part: "header", .. }));
    }
}

fn headed_kid(kid: &str) -> JwtError {
    judge(&OWN.token(Algorithm::Rs256, &json!({"kid": kid}), &id_claims()))
}

#[test]
fn a_key_in_the_header_or_the_address_of_one() {
    let jwk = OTHER.jwk(Kind::Rsa);
    for (member, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("jwk", Value::Null),
    ] {
        let header = json!({"kid": "RSA", member: value});
        for pairs in [&*OWN, &*OTHER] {
            let token = pairs.token(Algorithm::Rs256, &header, &id_claims());
            assert_eq!(judge(&token), JwtError::Header(member));
        }
    }
}

#[test]
fn an_extension_that_must_be_understood() {
    assert_eq!(headed(json!({"crit": ["exp"], "exp": 1})), JwtError::Header("crit"));
    assert_eq!(headed(json!({"crit": []})), JwtError::Header("crit"));
    assert_eq!(headed(json!({"b64": false, "crit": ["b64"]})), JwtError::Header("crit"));
    assert_eq!(headed(json!({"b64": true})), JwtError::Header("b64"));
}

#[test]
fn a_signature_that_is_none() {
    let payload = id_claims().to_string();
    // r = s = 0 (CVE-2022-21449), the order of the curve, and other lengths.
    for (algorithm, length) in
        [(Algorithm::Es256, 64), (Algorithm::Es384, 96), (Algorithm::EdDsa, 64), (Algorithm::Rs256, 256)]
    {
        let header = json!({"alg": algorithm.as_str(), "kid": algorithm.kind().as_str()}).to_string();
        for signature in
            [vec![0; length], vec![0xff; length], vec![0; length - 1], vec![0; length + 1], vec![], vec![1]]
        {
            let token = signed(&header, &payload, |_| signature.clone());
            assert_eq!(judge(&token), JwtError::Signature, "{} {}", algorithm.as_str(), signature.len());
        }
    }
    // The other writing of an ECDSA signature.
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let keys = set(&json!({"keys": [{"kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y)}]}));
    let sign = |text: &str| key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
    let token = signed(r#"{"alg":"ES256"}"#, &payload, sign);
    assert_eq!(verify(&token, &keys, &RULES).unwrap_err(), JwtError::Signature);
}

#[test]
fn another_writing_of_the_same_token() {
    let token = OWN.issue(Algorithm::Es256, &id_claims());
    let [header, payload, signature] = &token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    for other in [
        format!("{token}="),
        format!("{token}."),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}..{signature}"),
        json!({"payload": payload, "protected": header, "signature": signature}).to_string(),
    ] {
        assert!(is_refused(&judge(&other)), "{other}");
    }
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA";
    assert_eq!(judge(encrypted), JwtError::Encrypted);
    // Every bit of the last character of a signature counts.
    let last = token.chars().last().unwrap();
    for other in
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).filter(|other| *other != last)
    {
        let altered = format!("{}{other}", &token[..token.len() - 1]);
        assert!(is_refused(&judge(&altered)), "{altered}");
    }
}

/// A token of one kind where one of another kind is wanted (RFC 8725 §2.8).
#[test]
fn token_substitution() {
    // An access token (RFC 9068) for us, with whatever an ID token has.
    let typed = |typ: &str| json!({"kid": "RSA", "typ": typ});
    for typ in ["at+jwt", "application/at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", ""] {
        let token = OWN.token(Algorithm::Rs256, &typed(typ), &id_claims());
        assert!(matches!(judged(&token), Err(Refusal::Token(JwtError::Type { .. }))), "{typ}");
    }
    for typ in ["at+jwt", "application/at+jwt", "dpop+jwt", "secevent+jwt"] {
        let token = OWN.token(Algorithm::Rs256, &typed(typ), &logout_claims());
        assert!(matches!(logged_out(&token), Err(Refusal::Token(JwtError::Type { .. }))), "{typ}");
    }
    // A logout token as an ID token, with everything that one has.
    let both = with(with(logout_claims(), "nonce", json!("the nonce")), "exp", json!(NOW + 60));
    assert_eq!(judged(&OWN.issue(Algorithm::Rs256, &both)), Err(Refusal::Event));
    // An ID token as a logout token, with everything that one has.
    let both = with(logout_claims(), "nonce", json!("the nonce"));
    assert_eq!(logged_out(&OWN.issue(Algorithm::Rs256, &both)), Err(Refusal::NotLogout));
    let null = with(logout_claims(), "nonce", Value::Null);
    assert_eq!(logged_out(&OWN.issue(Algorithm::Rs256, &null)), Err(Refusal::NotLogout));
    assert!(logged_out(&OWN.issue(Algorithm::Rs256, &id_claims())).is_err());
    assert!(judged(&OWN.issue(Algorithm::Rs256, &logout_claims())).is_err());
}

#[test]
fn a_token_of_another_issuer_or_for_another_client() {
    let id = |claims: &Value| judged(&OWN.issue(Algorithm::Rs256, claims));
    let slash = format!("{ISSUER}/");
    for iss in [
        slash.as_str(),
        "https://ID.example/realms/globex",
        "https://id.example",
        "",
        "http://id.example/realms/globex",
    ] {
        assert!(matches!(id(&with(id_claims(), "iss", json!(iss))), Err(Refusal::Issuer { .. })), "{iss}");
    }
    for aud in [
        json!("other"),
        json!(["other"]),
        json!([]),
        json!("portico2"),
        json!("Portico"),
        json!("portico other"),
    ] {
        assert!(matches!(id(&with(id_claims(), "aud", aud.clone())), Err(Refusal::Audience { .. })), "{aud}");
    }
    assert!(matches!(id(&with(id_claims(), "aud", json!([CLIENT, 1]))), Err(Refusal::Claim(_))));
    let several = with(id_claims(), "aud", json!(["other", CLIENT]));
    assert_eq!(id(&several), Err(Refusal::NoParty(2)));
    for claims in [&several, &id_claims()] {
        let given = with(claims.clone(), "azp", json!("other"));
        assert!(matches!(id(&given), Err(Refusal::Party { .. })));
    }
}

#[test]
fn replay_of_a_token_of_another_sign_in() {
    let id = |claims: &Value| judged(&OWN.issue(Algorithm::Rs256, claims));
    for nonce in ["", "the nonce ", "The nonce", "another"] {
        assert_eq!(id(&with(id_claims(), "nonce", json!(nonce))), Err(Refusal::Nonce), "{nonce}");
    }
    assert!(id(&without(id_claims(), "nonce")).is_err());
    let old = with(with(id_claims(), "iat", json!(NOW - 661)), "exp", json!(NOW + 86_400));
    assert_eq!(id(&old), Err(Refusal::Old { seconds: 661, max: 660 }));
    assert!(id(&with(old, "iat", json!(NOW - 660))).is_ok());
}

#[test]
fn a_huge_token() {
    let huge = with(id_claims(), "groups", json!(vec!["a group of many"; 10_000]));
    let refused = judge(&OWN.issue(Algorithm::Rs256, &huge));
    assert!(matches!(refused, JwtError::Length { max: LENGTH_MAX, .. }), "{refused}");
    assert!(is_refused(&judge(&"A".repeat(LENGTH_MAX))));
    assert!(is_refused(&judge(&".".repeat(LENGTH_MAX))));
    let large = with(id_claims(), "groups", json!(vec!["a group of many"; 2_000]));
    assert!(judged(&OWN.issue(Algorithm::Rs256, &large)).is_ok());
}

#[test]
fn deeply_nested_json() {
    let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    for levels in [17, 1_000, 5_000] {
        let payload = nested(levels);
        let sign = |text: &str| OWN.sign(Algorithm::Rs256, text);
        let token = signed(r#"{"alg":"RS256","kid":"RSA"}"#, &payload, sign);
        let refused = judge(&token).to_string();
        assert!(refused.contains("payload is not acceptable JSON: nested deeper than 16"), "{refused}");
        let header = format!(r#"{{"alg":"RS256","kid":"RSA","x":{payload}}}"#);
        assert!(matches!(judge(&signed(&header, "{}", sign)), JwtError::Part { part: "header", .. }));
    }
}

#[test]
fn members_given_twice() {
    let sign = |text: &str| OWN.sign(Algorithm::Rs256, text);
    let right = id_claims().to_string();
    for (header, payload) in [
        (r#"{"alg":"RS256","kid":"RSA","alg":"RS256"}"#, right.clone()),
        (r#"{"alg":"none","kid":"RSA","alg":"RS256"}"#, right.clone()),
        (r#"{"alg":"RS256","kid":"RSA","\u0061lg":"none"}"#, right.clone()),
        (r#"{"alg":"RS256","kid":"RSA"}"#, right.replacen('{', r#"{"sub":"mallory","#, 1)),
        (r#"{"alg":"RS256","kid":"RSA"}"#, right.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1)),
    ] {
        let refused = judge(&signed(header, &payload, sign)).to_string();
        assert!(refused.contains("is given twice"), "{refused}");
    }
}

proptest::proptest! {
    #[test]
    fn a_token_that_is_altered_anywhere_is_none(at in 0_usize..2_000, byte in proptest::char::range(' ', '~')) {
        let right = OWN.issue(Algorithm::EdDsa, &id_claims());
        let at = at % right.len();
        let mut altered = right.clone();
        altered.replace_range(at..=at, &byte.to_string());
        proptest::prop_assert!(altered == right || verify(&altered, &KEYS, &RULES).is_err(), "{}", altered);
    }

    #[test]
    fn any_text_is_judged(text in "\\PC*") {
        proptest::prop_assert!(verify(&text, &KEYS, &RULES).is_err());
    }
}
