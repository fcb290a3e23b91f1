//! Public keys on P-256, as JSON Web Keys (RFC 7518 §6.2), and their thumbprints (RFC 7638).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Error;

/// Bytes of a coordinate, and of each half of a signature.
const COORDINATE: usize = 32;

/// A public key. That its point lies on the curve is found out when something is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    x: [u8; COORDINATE],
    y: [u8; COORDINATE],
}

/// A JWK as it comes. Members that say nothing of the key (`kid`, `use`, `alg`) are passed over; those that would make it another kind of key, or
/// a private one, are seen.
#[derive(Debug, Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private part of an EC or RSA key (RFC 7518 §6.2.2, §6.3.2), and a symmetric one (§6.4).
    d: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl PublicKey {
    /// From a JWK.
    pub(crate) fn from_jwk(jwk: &Jwk) -> Result<Self, Error> {
        let refused = |wanted: &str| Error::Member { member: "jwk", wanted: wanted.to_owned() };
        if jwk.d.is_some() || jwk.k.is_some() {
            return Err(refused("a public key, without the private part"));
        }
        if jwk.kty != "EC" || jwk.crv.as_deref() != Some("P-256") {
            return Err(refused("a key with kty EC and crv P-256"));
        }
        let (Some(x), Some(y)) = (coordinate(jwk.x.as_deref()), coordinate(jwk.y.as_deref())) else {
            return Err(refused("a key with x and y of 32 bytes each, in base64url without padding"));
        };
        Ok(Self { x, y })
    }

    /// The SHA-256 thumbprint in base64url: what a token is bound to (`cnf.jkt`, RFC 9449 §6.1).
    pub fn thumbprint(&self) -> String {
        let (x, y) = (URL_SAFE_NO_PAD.encode(self.x), URL_SAFE_NO_PAD.encode(self.y));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
    }

    /// Whether `signature`, `r ‖ s` (RFC 7518 §3.4), is this key's ES256 signature of `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let mut point = Vec::with_capacity(1 + 2 * COORDINATE);
        point.push(4);
        point.extend_from_slice(&self.x);
        point.extend_from_slice(&self.y);
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).verify(message, signature).is_ok()
    }
}

/// A coordinate, with the zeros at its front that RFC 7518 §6.2.1.2 wants and awscrt 0.38.1 leaves out: of 20,000 keys that it made, 144 lacked one, and
/// AWS CLI 2.38.5 sends what it makes. The number is the same, and so is the thumbprint, which is of the whole.
fn coordinate(text: Option<&str>) -> Option<[u8; COORDINATE]> {
    let bytes = URL_SAFE_NO_PAD.decode(text?).ok().filter(|bytes| !bytes.is_empty())?;
    let mut whole = [0; COORDINATE];
    let zeros = COORDINATE.checked_sub(bytes.len())?;
    whole.get_mut(zeros..)?.copy_from_slice(&bytes);
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// awscrt 0.38.1, by which AWS CLI 2.38.5 makes the key of a login, writes them so: one login in 128.
    #[test]
    fn a_coordinate_without_the_zero_at_its_front_is_the_same_key() {
        let jwk = |x: &[u8], y: &[u8]| {
            let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
            read(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#))
        };
        let mut whole = [7; COORDINATE];
        whole[0] = 0;
        let key = jwk(&whole, &whole).unwrap();
        for (x, y) in [(&whole[1..], &whole[..]), (&whole[..], &whole[1..]), (&whole[1..], &whole[1..])] {
            assert_eq!(jwk(x, y).unwrap(), key);
            assert_eq!(jwk(x, y).unwrap().thumbprint(), key.thumbprint());
        }
        assert!(jwk(&[], &whole).is_err() && jwk(&[7; COORDINATE + 1], &whole).is_err());
    }

    fn read(jwk: &str) -> Result<PublicKey, Error> {
        PublicKey::from_jwk(&serde_json::from_str(jwk).unwrap())
    }

    /// RFC 9449 §4.1 shows the key, §6.1 its thumbprint.
    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        let key = read(
            r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#,
        );
        assert_eq!(key.unwrap().thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn only_a_public_key_on_the_curve_is_one() {
        let point = r#""x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA""#;
        assert!(read(&format!(r#"{{"kty":"EC","crv":"P-256","kid":"1","use":"sig",{point}}}"#)).is_ok());
        for jwk in [
            format!(r#"{{"kty":"EC","crv":"P-256","d":"AAAA",{point}}}"#),
            format!(r#"{{"kty":"EC","crv":"P-256","d":null,"k":"AAAA",{point}}}"#),
            format!(r#"{{"kty":"oct","crv":"P-256",{point}}}"#),
            format!(r#"{{"kty":"EC","crv":"P-384",{point}}}"#),
            format!(r#"{{"kty":"EC","crv":"secp256k1",{point}}}"#),
            format!(r#"{{"kty":"EC",{point}}}"#),
            r#"{"kty":"EC","crv":"P-256"}"#.to_owned(),
            r#"{"kty":"EC","crv":"P-256","x":"","y":"AAAA"}"#.to_owned(),
            // 32 bytes in base64 with padding, and with a bit too many at its end.
            format!(r#"{{"kty":"EC","crv":"P-256",{}}}"#, point.replace("BFs\"", "BFs=\"")),
            format!(r#"{{"kty":"EC","crv":"P-256",{}}}"#, point.replace("BFs\"", "BFt\"")),
        ] {
            assert!(matches!(read(&jwk), Err(Error::Member { member: "jwk", .. })), "{jwk}");
        }
    }
}
