//! Sets of keys that providers publish. Any bytes are read without a panic; what is read has no private part and no more keys than are allowed, and
//! verifies a token only if the key that signed it is in it. Input: a set, in which `@x` and `@y` stand for the coordinates of that key.

use jose::algorithm::Algorithm;
use jose::jwks::{KEYS_MAX, KeySet};
use jose::jwt::{Rules, verify};
use serde_json::Value;

use crate::tokens::MAKER;

/// What only the owner of a key may have.
const PRIVATE: [(&str, &[&str]); 4] =
    [("RSA", &["d", "p", "q", "dp", "dq", "qi", "oth"]), ("EC", &["d"]), ("OKP", &["d"]), ("oct", &["k"])];

pub(crate) fn run(bytes: &[u8]) {
    let Some(maker) = &*MAKER else { return };
    let _ = KeySet::read(bytes);
    let [x, y] = &maker.point;
    let text = String::from_utf8_lossy(bytes).replace("@x", x).replace("@y", y);
    let Ok(set) = KeySet::read(text.as_bytes()) else { return };
    let read: Value = serde_json::from_str(&text).unwrap_or_default();
    let entries = read["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(entries.len() <= KEYS_MAX, "too many keys");
    assert_eq!(set.keys().len() + set.passed_over().len(), entries.len(), "keys got lost");
    for entry in entries {
        let kty = entry["kty"].as_str().unwrap_or_default();
        let private = PRIVATE.iter().find(|(name, _)| *name == kty).map_or(&[][..], |(_, members)| *members);
        assert!(private.iter().all(|member| entry.get(*member).is_none()), "a private key: {text}");
    }
    let ids: Vec<Option<&str>> = entries.iter().map(|entry| entry["kid"].as_str()).collect();
    assert!(set.keys().iter().all(|key| ids.contains(&key.id())), "a kid that is not there: {text}");
    let rules = Rules { algorithms: &Algorithm::ALL, types: &[] };
    for header in [r#"{"alg":"ES256"}"#, r#"{"alg":"ES256","kid":"1"}"#, r#"{"alg":"RS256","kid":"1"}"#] {
        if verify(&maker.token(header, "{}"), &set, &rules).is_ok() {
            let is_there = |entry: &Value| entry["x"] == x.as_str() && entry["y"] == y.as_str();
            assert!(entries.iter().any(is_there), "another key verified it: {text}");
            assert!(header.contains("ES256"), "under another algorithm: {text}");
        }
    }
}
