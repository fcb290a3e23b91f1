//! Values that only their holder knows: 256 random bits as base64url text, and their SHA-256 where a peer computes it too.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::cx::Cx;
use model::entropy::bytes;
use model::secret::Secret;

/// A new token, code, cookie or client secret.
pub(crate) fn token(cx: &Cx) -> Secret {
    Secret::new(text(&bytes::<32>(cx.entropy())))
}

/// Base64url without padding.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The S256 challenge of a code verifier (RFC 7636 §4.2).
pub(crate) fn s256(verifier: &str) -> String {
    text(digest(&SHA256, verifier.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(
            s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
