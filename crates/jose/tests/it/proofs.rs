//! Every rule of RFC 9449 §4.3 that can be judged from the proof alone: one that keeps it passes, and each that breaks one is refused by the name of
//! what is wrong.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::dpop::{Expected, Proof};
use jose::error::Error;
use jose::jws::signed;
use serde_json::{Value, json};

const NOW: i64 = 1_795_507_200;
const URL: &str = "http://127.0.0.1:8765/v1/token";

struct Maker(EcdsaKeyPair);

impl Maker {
    fn new(algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        Self(EcdsaKeyPair::generate(algorithm).unwrap())
    }

    fn p256() -> Self {
        Self::new(&ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let half = point.len() / 2;
        let [x, y] = [&point[1..=half], &point[half + 1..]].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({"kty": "EC", "x": x, "y": y, "crv": "P-256"})
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec()
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()})
    }

    fn proof(&self, header: &Value, payload: &Value) -> String {
        signed(&header.to_string(), &payload.to_string(), |text| self.sign(text))
    }

    /// A right proof but for one member of its payload.
    fn with(&self, name: &str, value: Value) -> String {
        let mut payload = payload();
        payload[name] = value;
        self.proof(&self.header(), &payload)
    }

    /// A right proof but for one member of its header.
    fn headed(&self, name: &str, value: Value) -> String {
        let mut header = self.header();
        header[name] = value;
        self.proof(&header, &payload())
    }
}

/// As AWS CLI 2.38 writes it.
fn payload() -> Value {
    json!({"htm": "POST", "htu": URL, "iat": NOW, "jti": "7c9e6679-7425-40de-944b-e07fc1f90ae7"})
}

fn verify(proof: &str) -> Result<Proof, Error> {
    let urls = [URL.to_owned(), "http://localhost:8765/v1/token".to_owned()];
    Proof::verify(proof, &Expected { method: "POST", urls: &urls, now: NOW, skew: 300 })
}

fn names(proof: &str) -> String {
    verify(proof).expect_err(proof).to_string()
}

#[test]
fn a_proof_made_as_the_cli_makes_it_holds_and_says_whose_it_is() {
    let maker = Maker::p256();
    let proof = verify(&maker.proof(&maker.header(), &payload())).unwrap();
    assert_eq!(proof.id, "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    assert_eq!(proof.thumbprint.len(), 43);
    assert_eq!(verify(&maker.with("iat", json!(NOW - 300))).unwrap().thumbprint, proof.thumbprint);
    assert_ne!(verify(&Maker::p256().with("iat", json!(NOW))).unwrap().thumbprint, proof.thumbprint);
    for right in [
        maker.with("iat", json!(NOW + 300)),
        maker.with("iat", json!(1_795_507_200.25)),
        maker.with("htu", json!("http://LOCALHOST:8765/v1/token?x=y")),
        maker.with("ath", json!("something else")),
        maker.headed("kid", json!("1")),
    ] {
        assert!(verify(&right).is_ok(), "{right}");
    }
}

/// alg none, and HS256 with the public key as its secret (RFC 8725 §2.1).
#[test]
fn no_other_algorithm_is_tried() {
    let maker = Maker::p256();
    for alg in ["none", "None", "HS256", "ES384", "RS256", "EdDSA", "es256", ""] {
        assert_eq!(names(&maker.headed("alg", json!(alg))), "its alg must be ES256");
    }
    let none = json!({"typ": "dpop+jwt", "alg": "none", "jwk": maker.jwk()});
    assert_eq!(
        names(&signed(&none.to_string(), &payload().to_string(), |_| Vec::new())),
        "its alg must be ES256"
    );
    let hmac_header = json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": maker.jwk()});
    let secret = hmac::Key::new(hmac::HMAC_SHA256, maker.0.public_key().as_ref());
    let sign = |text: &str| hmac::sign(&secret, text.as_bytes()).as_ref().to_vec();
    assert_eq!(
        names(&signed(&hmac_header.to_string(), &payload().to_string(), sign)),
        "its alg must be ES256"
    );
    // The right word over a signature that is none.
    let header = maker.header().to_string();
    for signature in [vec![], vec![0; 64], vec![1; 63], sign("x")] {
        let proof = signed(&header, &payload().to_string(), |_| signature.clone());
        assert_eq!(verify(&proof), Err(Error::Signature));
    }
}

#[test]
fn the_signature_is_that_of_the_key_in_the_header_over_what_is_read() {
    let (maker, mallory) = (Maker::p256(), Maker::p256());
    let proof = mallory.proof(&maker.header(), &payload());
    assert_eq!(verify(&proof), Err(Error::Signature));
    let right = maker.proof(&maker.header(), &payload());
    let [header, _, signature] = &right.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let other =
        URL_SAFE_NO_PAD.encode(json!({"htm": "POST", "htu": URL, "iat": NOW, "jti": "another"}).to_string());
    assert_eq!(verify(&format!("{header}.{other}.{signature}")), Err(Error::Signature));
    // A key on another curve, said to be on this one.
    let p384 = Maker::new(&ECDSA_P384_SHA384_FIXED_SIGNING);
    assert!(matches!(
        verify(&p384.proof(&p384.header(), &payload())),
        Err(Error::Member { member: "jwk", .. })
    ));
    // A point that is on no curve.
    let mut jwk = maker.jwk();
    jwk["y"] = jwk["x"].clone();
    assert_eq!(verify(&maker.headed("jwk", jwk)), Err(Error::Signature));
}

#[test]
fn a_proof_for_another_request_is_refused_by_name() {
    let maker = Maker::p256();
    assert_eq!(names(&maker.with("htm", json!("GET"))), "its htm must be POST");
    assert_eq!(names(&maker.with("htm", json!("post"))), "its htm must be POST");
    for url in [
        "http://127.0.0.1:8765/token",
        "https://127.0.0.1:8765/v1/token",
        "http://evil.example/v1/token",
        "",
        "/v1/token",
        "http://127.0.0.1:8765@evil.example/v1/token",
    ] {
        assert!(
            names(&maker.with("htu", json!(url)))
                .starts_with("its htu must be http://127.0.0.1:8765/v1/token or "),
            "{url}"
        );
    }
    assert_eq!(
        names(&maker.with("iat", json!(NOW - 301))),
        "its iat is 301 s before this server's time, 300 s at most: is the clock of this machine right?"
    );
    assert!(names(&maker.with("iat", json!(NOW + 301))).starts_with("its iat is 301 s after"));
    for iat in [json!(1e300), json!(-1e300), json!(u64::MAX), json!(i64::MIN)] {
        assert!(matches!(verify(&maker.with("iat", iat.clone())), Err(Error::Time { .. })), "{iat}");
    }
    for id in [json!(""), json!("x".repeat(257))] {
        assert!(names(&maker.with("jti", id)).starts_with("its jti must be"));
    }
}

#[test]
fn what_is_missing_doubled_or_critical_is_refused() {
    let maker = Maker::p256();
    for name in ["htm", "htu", "iat", "jti"] {
        for value in [Value::Null, json!([]), json!({"a": 1})] {
            assert!(names(&maker.with(name, value)).starts_with("its payload does not hold"), "{name}");
        }
        let mut without = payload();
        without.as_object_mut().unwrap().remove(name);
        assert!(names(&maker.proof(&maker.header(), &without)).contains(name));
    }
    for name in ["typ", "alg", "jwk"] {
        assert!(names(&maker.headed(name, Value::Null)).starts_with("its header does not hold"), "{name}");
    }
    assert_eq!(names(&maker.headed("typ", json!("JWT"))), "its typ must be dpop+jwt");
    assert_eq!(names(&maker.headed("crit", json!(["exp"]))), "its crit must be absent");
    let mut private = maker.jwk();
    private["d"] = json!("AAAA");
    assert!(names(&maker.headed("jwk", private)).contains("without the private part"));
    // Two readers of one text must not read two things.
    let header = maker.header().to_string().replacen('{', r#"{"alg":"ES256","#, 1);
    let doubled = signed(&header, &payload().to_string(), |text| maker.sign(text));
    assert!(names(&doubled).contains("duplicate"));
    let body = payload().to_string().replacen('{', r#"{"htu":"http://evil.example/","#, 1);
    let doubled = signed(&maker.header().to_string(), &body, |text| maker.sign(text));
    assert!(names(&doubled).contains("duplicate"));
    for text in ["", "x", "a.b.c", "e30.e30.AA", &"A".repeat(100_000)] {
        assert!(verify(text).is_err());
    }
}

proptest::proptest! {
    #[test]
    fn a_proof_that_is_altered_anywhere_is_none(at in 0_usize..400, byte in proptest::char::range(' ', '~')) {
        let maker = Maker::p256();
        let right = maker.proof(&maker.header(), &payload());
        let at = at % right.len();
        let mut altered = right.clone();
        altered.replace_range(at..=at, &byte.to_string());
        proptest::prop_assert!(altered == right || verify(&altered).is_err(), "{}", altered);
    }

    #[test]
    fn any_text_is_judged(text in "\\PC*") {
        proptest::prop_assert!(verify(&text).is_err());
    }
}
