//! Tokens of a provider. Any text is judged without a panic, and none that the key did not sign holds. Any claims, and any header, are signed: what
//! holds then says what it must, read by another reader, and is never two kinds of token at once. A right token is altered: it holds no more. Input:
//! claims; or `!`, a header, a line's end and claims; or `#` and choices, which say what is altered.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::algorithm::Algorithm;
use jose::jwks::KeySet;
use jose::jws::signed;
use jose::jwt::{Rules, verify};
use jose::openid::id_token::{self, IdToken};
use jose::openid::logout_token::{self, LogoutToken};
use jose::secret::Secret;
use serde_json::Value;

const NOW: i64 = 1_795_507_200;
const SKEW: u64 = 60;
const ISSUER: &str = "https://id.example";
const CLIENT: &str = "portico";
const NONCE: &str = "n-0S6_WzA2Mj";
const HEADER: &str = r#"{"alg":"ES256","kid":"1"}"#;
const HONEST: [&str; 2] = [
    r#"{"iss":"https://id.example","aud":"portico","sub":"alice","iat":1795507200,"exp":1795507500,"nonce":"n-0S6_WzA2Mj"}"#,
    r#"{"iss":"https://id.example","aud":"portico","sub":"alice","iat":1795507200,"jti":"1","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
];

/// A provider's key, and the set that it publishes.
pub(crate) struct Maker {
    key: EcdsaKeyPair,
    /// The coordinates in base64url.
    pub(crate) point: [String; 2],
    keys: KeySet,
}

pub(crate) static MAKER: LazyLock<Option<Maker>> = LazyLock::new(|| {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
    let (x, y) = key.public_key().as_ref().get(1..)?.split_at_checked(32)?;
    let point = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
    let [x, y] = &point;
    let set = format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","kid":"1","x":"{x}","y":"{y}"}}]}}"#);
    let keys = KeySet::read(set.as_bytes()).ok()?;
    Some(Maker { key, point, keys })
});

impl Maker {
    pub(crate) fn token(&self, header: &str, claims: &str) -> String {
        signed(header, claims, |text| {
            let signature = self.key.sign(&SystemRandom::new(), text.as_bytes());
            signature.map(|signature| signature.as_ref().to_vec()).unwrap_or_default()
        })
    }

    fn id_token(&self, token: &str) -> Option<IdToken> {
        let nonce = Secret::new(NONCE);
        let expected = id_token::Expected {
            issuer: ISSUER,
            client_id: CLIENT,
            algorithms: &Algorithm::ALL,
            nonce: &nonce,
            access_token: None,
            max_age: None,
            now: NOW,
            skew: SKEW,
        };
        IdToken::verify(token, &self.keys, &expected).ok()
    }

    fn logout_token(&self, token: &str) -> Option<LogoutToken> {
        let algorithms = &Algorithm::ALL;
        let expected =
            logout_token::Expected { issuer: ISSUER, client_id: CLIENT, algorithms, now: NOW, skew: SKEW };
        LogoutToken::verify(token, &self.keys, &expected).ok()
    }

    fn holds(&self, token: &str) -> bool {
        let rules = Rules { algorithms: &Algorithm::ALL, types: &["jwt"] };
        let is_signed = verify(token, &self.keys, &rules).is_ok();
        is_signed || self.id_token(token).is_some() || self.logout_token(token).is_some()
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let Some(maker) = &*MAKER else { return };
    if let Some(choices) = bytes.strip_prefix(b"#") {
        altered(maker, choices);
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    assert!(!maker.holds(&text), "a token that nobody made");
    match text.strip_prefix('!') {
        Some(rest) => {
            let (header, claims) = rest.split_once('\n').unwrap_or((rest, HONEST[0]));
            headed(maker, header, claims);
        }
        None => claimed(maker, &text),
    }
}

/// A header that is taken names the one key and its algorithm, and brings nothing of its own.
fn headed(maker: &Maker, header: &str, claims: &str) {
    if !maker.holds(&maker.token(header, claims)) {
        return;
    }
    let read: Value = serde_json::from_str(header).unwrap_or_default();
    assert_eq!(read["alg"], "ES256", "{header}");
    assert!(read.get("kid").is_none_or(|kid| kid == "1"), "{header}");
    for never in ["crit", "b64", "jwk", "jku", "x5u", "x5c"] {
        assert!(read.get(never).is_none(), "{header}");
    }
}

fn claimed(maker: &Maker, claims: &str) {
    let token = maker.token(HEADER, claims);
    let (id, logout) = (maker.id_token(&token), maker.logout_token(&token));
    assert!(id.is_none() || logout.is_none(), "two kinds of token: {claims}");
    if id.is_none() && logout.is_none() {
        return;
    }
    let read: Value = serde_json::from_str(claims).unwrap_or_default();
    assert_eq!(read["iss"], ISSUER);
    let is_ours =
        read["aud"] == CLIENT || read["aud"].as_array().is_some_and(|all| all.contains(&CLIENT.into()));
    assert!(is_ours, "for another: {claims}");
    let at = |name: &str| read[name].as_f64().unwrap_or(f64::NAN);
    assert!((1_795_506_539.0..1_795_507_261.0).contains(&at("iat")), "another time: {claims}");
    if let Some(id) = id {
        assert_eq!(read["nonce"], NONCE);
        assert_eq!(read["sub"], id.subject);
        assert!(at("exp") > 1_795_507_139.0, "over: {claims}");
        assert!(read.get("azp").is_none_or(|party| party.is_null() || party == CLIENT), "{claims}");
    }
    if let Some(logout) = logout {
        assert!(read.get("nonce").is_none(), "{claims}");
        assert_eq!(read["jti"], logout.id);
        assert!(logout.subject.is_some() || logout.session.is_some(), "{claims}");
        assert!(logout.remember_until > NOW, "{claims}");
    }
}

fn altered(maker: &Maker, choices: &[u8]) {
    let mut from = Unstructured::new(choices);
    let Ok(claims) = from.choose(&HONEST) else { return };
    let honest = maker.token(HEADER, claims);
    let is_held = maker.id_token(&honest).is_some() || maker.logout_token(&honest).is_some();
    assert!(is_held, "an honest token holds");
    let mut text = honest.clone().into_bytes();
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
    assert!(text == honest || !maker.holds(&text), "altered and still a token: {text}");
}
