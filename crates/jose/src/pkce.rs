//! Proof Key for Code Exchange (RFC 7636), as whoever hands out codes judges it. S256 alone.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

/// The S256 challenge of a code verifier (RFC 7636 §4.2).
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// Whether a verifier is one (RFC 7636 §4.1) and the challenge is its own (§4.6).
pub fn proves(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && bool::from(s256(verifier).as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(s256(VERIFIER), CHALLENGE);
        assert!(proves(VERIFIER, CHALLENGE));
    }

    #[test]
    fn what_is_no_verifier_proves_nothing_even_of_its_own_challenge() {
        let long = "a".repeat(129);
        for verifier in ["", "short", &VERIFIER[1..], "dBjftJeZ4CVP-mB92K27uhbUJU1p1r wW1gFWFOEjXk", &long] {
            assert!(!proves(verifier, &s256(verifier)), "{verifier}");
        }
        assert!(proves(&long[1..], &s256(&long[1..])));
        assert!(!proves(VERIFIER, &CHALLENGE.to_lowercase()));
        assert!(!proves(VERIFIER, ""));
    }
}
