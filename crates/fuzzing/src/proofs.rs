//! Proofs of possession. Any text is judged without a panic, and none that the key did not sign holds. Any claims are signed: what holds then says
//! what it must, read by another reader. A right proof is altered: it holds no more. Input: claims; or `#` and choices, which say what is altered.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::dpop::{Expected, Proof};
use jose::jws::signed;
use serde_json::Value;

const NOW: i64 = 1_795_507_200;
const SKEW: u64 = 300;
const URL: &str = "http://127.0.0.1:8765/v1/token";

struct Maker {
    key: EcdsaKeyPair,
    header: String,
}

static MAKER: LazyLock<Option<Maker>> = LazyLock::new(|| {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
    let (x, y) = key.public_key().as_ref().get(1..)?.split_at_checked(32)?;
    let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
    let jwk = format!(r#"{{"kty":"EC","x":"{x}","y":"{y}","crv":"P-256"}}"#);
    Some(Maker { key, header: format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#) })
});

impl Maker {
    fn proof(&self, claims: &str) -> String {
        signed(&self.header, claims, |text| {
            let signature = self.key.sign(&SystemRandom::new(), text.as_bytes());
            signature.map(|signature| signature.as_ref().to_vec()).unwrap_or_default()
        })
    }
}

fn verify(proof: &str) -> Option<Proof> {
    let urls = [URL.to_owned()];
    Proof::verify(proof, &Expected { method: "POST", urls: &urls, now: NOW, skew: SKEW }).ok()
}

pub(crate) fn run(bytes: &[u8]) {
    let Some(maker) = &*MAKER else { return };
    if let Some(choices) = bytes.strip_prefix(b"#") {
        altered(maker, choices);
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(verify(&text), None, "a proof that nobody made");
    if let Some(proof) = verify(&maker.proof(&text)) {
        let read: Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!((&read["htm"], &read["jti"]), (&Value::from("POST"), &Value::from(proof.id)));
        let seconds = read["iat"].as_f64().unwrap_or(f64::INFINITY);
        assert!((seconds - 1_795_507_200.0).abs() < 301.0, "another time: {text}");
        let path = read["htu"].as_str().unwrap_or_default().to_ascii_lowercase();
        assert!(path.starts_with("http://127.0.0.1:8765/v1/token"), "another address: {text}");
    }
}

fn altered(maker: &Maker, choices: &[u8]) {
    let honest = maker.proof(&format!(r#"{{"htm":"POST","htu":"{URL}","iat":{NOW},"jti":"7c9e6679"}}"#));
    assert!(verify(&honest).is_some(), "an honest proof holds");
    let (mut from, mut text) = (Unstructured::new(choices), honest.clone().into_bytes());
    while !from.is_empty() {
        let Ok((at, byte, how)) = from.arbitrary::<(u16, u8, u8)>() else { break };
        let at = usize::from(at) % text.len();
        match how % 3 {
            0 => text.insert(at, byte),
            1 => drop(text.remove(at)),
            _ => text.splice(at..=at, [byte]).for_each(drop),
        }
        if text.is_empty() {
            return;
        }
    }
    let Ok(text) = String::from_utf8(text) else { return };
    assert!(text == honest || verify(&text).is_none(), "altered and still a proof: {text}");
}
