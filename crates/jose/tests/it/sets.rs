//! Sets of keys: as providers publish them, and sets that grow or lie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::algorithm::{Algorithm, Kind};
use jose::jwks::{BYTES_MAX, KEYS_MAX, KeySet, SetError};
use jose::jwt::{JwtError, Rules, verify};
use serde_json::{Value, json};

use crate::pairs::{OTHER, OWN, encoded, set};
use crate::tokens::{id_claims, with, without};

const RULES: Rules<'static> = Rules { algorithms: &Algorithm::ALL, types: &["jwt"] };

fn read(set: &Value) -> Result<KeySet, SetError> {
    KeySet::read(set.to_string().as_bytes())
}

/// Why a key beside a good one was passed over.
fn passed_over(jwk: &Value) -> String {
    let read = set(&json!({"keys": [OWN.jwk(Kind::P384), jwk]}));
    assert_eq!(read.keys().len(), 1);
    read.passed_over().first().unwrap().why.clone()
}

#[test]
fn keys_of_each_kind_are_read_and_say_what_they_are_for() {
    let jwks = json!({"keys": [
        with(OWN.jwk(Kind::Rsa), "alg", json!("RS512")),
        with(without(OWN.jwk(Kind::P256), "use"), "key_ops", json!(["verify"])),
        without(OWN.jwk(Kind::P384), "kid"),
        with(OWN.jwk(Kind::Ed25519), "alg", json!("Ed25519")),
    ], "issuer": "x"});
    let read = set(&jwks);
    let said: Vec<_> = read.keys().iter().map(|key| (key.kind(), key.id(), key.algorithm())).collect();
    assert_eq!(
        said,
        [
            (Kind::Rsa, Some("RSA"), Some(Algorithm::Rs512)),
            (Kind::P256, Some("P-256"), None),
            (Kind::P384, None, None),
            (Kind::Ed25519, Some("Ed25519"), Some(Algorithm::EdDsa)),
        ]
    );
    assert!(read.passed_over().is_empty());
    assert_eq!(format!("{:?}", read.keys()[1]), "Key(P-256 Some(\"P-256\") None)");
}

#[test]
fn keys_for_something_else_are_passed_over_and_said_why() {
    let rsa = || OWN.jwk(Kind::Rsa);
    for (jwk, why) in [
        (with(rsa(), "use", json!("enc")), "its use is \"enc\", not \"sig\""),
        (with(rsa(), "alg", json!("RSA-OAEP")), "its alg is \"RSA-OAEP\", which is none of RS256"),
        (with(rsa(), "alg", json!("HS256")), "its alg is \"HS256\", which is none of RS256"),
        (with(rsa(), "alg", json!("ES256")), "its alg is ES256, which is not for keys of the kind RSA"),
        (with(rsa(), "key_ops", json!(["encrypt"])), "its key_ops do not have \"verify\""),
        (with(rsa(), "key_ops", json!("verify")), "its key_ops do not have \"verify\""),
        (with(rsa(), "kid", json!(7)), "its kid is a number, not a string"),
        (with(rsa(), "kid", json!("x".repeat(257))), "its kid is longer than 256 characters"),
        (with(rsa(), "kty", json!("PQC")), "its kty is \"PQC\", none of RSA, EC and OKP"),
        (json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}), "its kty is \"AKP\""),
        (json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}), "its crv is \"secp256k1\""),
        (json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}), "its crv is \"P-521\""),
        (json!({"kty": "OKP", "crv": "X25519", "x": "AA"}), "its crv is \"X25519\""),
        (json!({"kty": "RSA"}), "it has no n"),
        (json!({"kid": "x"}), "its kty is no string"),
        (json!("x"), "its kty is no string"),
    ] {
        let said = passed_over(&jwk);
        assert!(said.starts_with(why), "{why}: {said}");
    }
}

#[test]
fn keys_that_are_weak_or_no_keys_are_passed_over() {
    let rsa = |modulus: &[u8], exponent: &[u8]| json!({"kty": "RSA", "n": encoded(modulus), "e": encoded(exponent)});
    let odd = |length: usize| vec![0xff; length];
    for (jwk, why) in [
        (rsa(&odd(128), &[1, 0, 1]), "of 2048 to 8192 bits: it has 1024"),
        (rsa(&[&[0x7f][..], &odd(255)].concat(), &[1, 0, 1]), "it has 2047"),
        (rsa(&odd(1_025), &[1, 0, 1]), "it has 8200"),
        (rsa(&[0; 256], &[1, 0, 1]), "it has 0"),
        (rsa(&[odd(255), vec![0xfe]].concat(), &[1, 0, 1]), "must be odd"),
        (rsa(&odd(256), &[1]), "its exponent e must be odd, 3 at least"),
        (rsa(&odd(256), &[]), "its exponent e"),
        (rsa(&odd(256), &[2]), "its exponent e"),
        (rsa(&odd(256), &[0xff; 256]), "its exponent e"),
        (with(OWN.jwk(Kind::Rsa), "n", json!("not base64url!")), "its n is no base64url without padding"),
        (with(OWN.jwk(Kind::P256), "x", json!("AAAA")), "its x has 3 bytes, not 32"),
        (with(OWN.jwk(Kind::P256), "y", OWN.jwk(Kind::P256)["x"].clone()), "it is no point of P-256"),
        (with(OWN.jwk(Kind::P384), "crv", json!("P-256")), "its x has 48 bytes, not 32"),
        (with(OWN.jwk(Kind::Ed25519), "x", json!(encoded(&[0xff; 31]))), "its x has 31 bytes, not 32"),
        (with(OWN.jwk(Kind::P256), "x", json!(["a"])), "its x is an array, not a string"),
    ] {
        let said = passed_over(&jwk);
        assert!(said.contains(why), "{why}: {said}");
    }
    // A zero in front is the habit of some writers (RFC 7518 §6.3.1.1).
    let key = OWN.jwk(Kind::Rsa);
    let bytes = |member: &str| URL_SAFE_NO_PAD.decode(key[member].as_str().unwrap()).unwrap();
    let padded = with(key.clone(), "n", json!(encoded(&[vec![0], bytes("n")].concat())));
    let token = OWN.issue(Algorithm::Rs256, &id_claims());
    assert!(verify(&token, &set(&json!({"keys": [padded]})), &RULES).is_ok());
}

#[test]
fn a_set_that_publishes_a_private_key_is_refused_whole() {
    for (jwk, member) in [
        (with(OWN.jwk(Kind::Rsa), "d", json!("AA")), "d"),
        (with(OWN.jwk(Kind::Rsa), "qi", Value::Null), "qi"),
        (with(with(OWN.jwk(Kind::Rsa), "use", json!("enc")), "p", json!("AA")), "p"),
        (with(OWN.jwk(Kind::P256), "d", json!("AA")), "d"),
        (with(OWN.jwk(Kind::Ed25519), "d", json!("AA")), "d"),
        (json!({"kty": "oct", "kid": "RSA", "k": "AA"}), "k"),
        (json!({"kty": "AKP", "kid": "RSA", "priv": "AA"}), "priv"),
    ] {
        let refused = read(&json!({"keys": [OWN.jwk(Kind::P384), jwk]})).unwrap_err();
        assert!(matches!(&refused, SetError::Private { member: found, .. } if *found == member), "{refused}");
        assert!(refused.to_string().contains("the provider must replace this key"));
    }
}

#[test]
fn sets_that_grow_or_lie() {
    let many = |count: usize| json!({"keys": vec![OWN.jwk(Kind::P256); count]});
    assert!(read(&many(KEYS_MAX)).is_ok());
    assert_eq!(read(&many(KEYS_MAX + 1)).unwrap_err(), SetError::TooMany { count: 65, max: 64 });
    let unknown = json!({"keys": vec![json!({"kty": "x"}); KEYS_MAX + 1]});
    assert!(matches!(read(&unknown), Err(SetError::TooMany { .. })));
    let long = json!({"keys": [], "x": "x".repeat(BYTES_MAX)}).to_string();
    assert!(KeySet::read(long.as_bytes()).unwrap_err().to_string().contains("262144 at most"));
    for text in [
        "",
        "[]",
        "null",
        "<html>",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"EC\"}]}",
        "{\"keys\":[",
    ] {
        assert!(matches!(KeySet::read(text.as_bytes()), Err(SetError::Json(_))), "{text}");
    }
    for text in ["{}", "{\"keys\":null}", "{\"keys\":{}}", "{\"Keys\":[]}"] {
        assert_eq!(KeySet::read(text.as_bytes()).unwrap_err(), SetError::NoKeys, "{text}");
    }
    assert_eq!(
        read(&json!({"keys": []})).unwrap_err().to_string(),
        "no key of the provider's key set can verify a token"
    );
    let none = json!({"keys": [with(OWN.jwk(Kind::Rsa), "use", json!("enc")), {"kty": "x"}]});
    assert_eq!(
        read(&none).unwrap_err().to_string(),
        "no key of the provider's key set can verify a token: of the key \"RSA\", its use is \"enc\", not \"sig\"; of the key \"\", its kty is \"x\", none of RSA, EC and OKP"
    );
}

#[test]
fn of_several_keys_of_one_kid_each_is_asked_up_to_a_number() {
    let named = |pairs: &crate::pairs::Pairs, kind: Kind| with(pairs.jwk(kind), "kid", json!("1"));
    let keys = set(&json!({"keys": [
        named(&OTHER, Kind::P256), named(&OTHER, Kind::Rsa), named(&OWN, Kind::P256), named(&OWN, Kind::Rsa),
    ]}));
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps512] {
        for pairs in [&*OWN, &*OTHER] {
            let token = pairs.token(algorithm, &json!({"kid": "1"}), &id_claims());
            assert!(verify(&token, &keys, &RULES).is_ok());
        }
    }
    let many = |count: usize| {
        let mut all = vec![named(&OTHER, Kind::P256); count - 1];
        all.push(named(&OWN, Kind::P256));
        set(&json!({"keys": all}))
    };
    let token = OWN.token(Algorithm::Es256, &json!({"kid": "1"}), &id_claims());
    assert!(verify(&token, &many(8), &RULES).is_ok());
    assert_eq!(verify(&token, &many(9), &RULES).unwrap_err(), JwtError::Ambiguous { count: 9, max: 8 });
}

#[test]
fn a_token_without_a_kid_is_asked_of_the_keys_of_its_kind() {
    let keys = set(&OWN.jwks());
    for algorithm in Algorithm::ALL {
        assert!(verify(&OWN.token(algorithm, &json!({}), &id_claims()), &keys, &RULES).is_ok());
    }
    let only_rsa = set(&json!({"keys": [OWN.jwk(Kind::Rsa)]}));
    let refused =
        verify(&OWN.token(Algorithm::Es256, &json!({}), &id_claims()), &only_rsa, &RULES).unwrap_err();
    assert_eq!(refused, JwtError::NoKey("ES256"));
    assert!(refused.asks_for_newer_keys());
    // A key without a kid is not the one that a token names.
    let nameless = set(&json!({"keys": [without(OWN.jwk(Kind::Rsa), "kid")]}));
    let token = OWN.issue(Algorithm::Rs256, &id_claims());
    assert!(matches!(verify(&token, &nameless, &RULES), Err(JwtError::UnknownKey(_))));
}

#[test]
fn a_token_of_a_key_that_was_passed_over_says_why_it_was() {
    let keys = set(&json!({"keys": [OWN.jwk(Kind::P256), with(OWN.jwk(Kind::Rsa), "use", json!("enc"))]}));
    let refused = verify(&OWN.issue(Algorithm::Rs256, &id_claims()), &keys, &RULES).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the token names the key \"RSA\" and the algorithm RS256, but of this key the provider's key set says: its use is \"enc\", not \"sig\""
    );
}
