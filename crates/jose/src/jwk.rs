//! One public key of a provider, as a JSON Web Key (RFC 7517, RFC 7518 §6, RFC 8037 §2), and what it verifies. Which key a token is judged by is not
//! decided here.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, Kind};
use crate::json::{kind, shown};

/// Characters of a `kid` at most.
pub(crate) const KID_MAX: usize = 256;
/// Bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// Bits of an RSA exponent at most: more would only make verifying dear.
const EXPONENT_BITS_MAX: usize = 33;

/// Where each kind of key keeps what its owner alone may have (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2; AKP is that of RFC 9964).
const PRIVATE: [(&str, &[&str]); 5] = [
    ("RSA", &["d", "p", "q", "dp", "dq", "qi", "oth"]),
    ("EC", &["d"]),
    ("OKP", &["d"]),
    ("oct", &["k"]),
    ("AKP", &["priv"]),
];

/// A public key that may verify tokens.
#[derive(Clone)]
pub struct Key {
    id: Option<String>,
    algorithm: Option<Algorithm>,
    kind: Kind,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Curve(ParsedPublicKey),
}

/// Why something in a set is no [`Key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// Its private part is published in this member.
    Private(&'static str),
    /// It cannot verify a token, and need not: why.
    PassedOver(String),
}

impl Key {
    /// Reads an entry of a set.
    pub(crate) fn read(jwk: &Map<String, Value>) -> Result<Self, NoKey> {
        let Some(kty) = jwk.get("kty").and_then(Value::as_str) else {
            return Err(NoKey::PassedOver("its kty is no string".to_owned()));
        };
        let private = PRIVATE.iter().find(|(name, _)| *name == kty).map_or(&[][..], |(_, members)| *members);
        if let Some(member) = private.iter().find(|member| jwk.contains_key(**member)) {
            return Err(NoKey::Private(member));
        }
        Self::public(kty, jwk).map_err(NoKey::PassedOver)
    }

    fn public(kty: &str, jwk: &Map<String, Value>) -> Result<Self, String> {
        is_for_signatures(jwk)?;
        let (kind, material) = material(kty, jwk)?;
        let algorithm = match text(jwk, "alg")? {
            Some(name) => Some(named_algorithm(name, kind)?),
            None => None,
        };
        let id = text(jwk, "kid")?.map(str::to_owned);
        if id.as_ref().is_some_and(|id| id.len() > KID_MAX) {
            return Err(format!("its kid is longer than {KID_MAX} characters"));
        }
        Ok(Self { id, algorithm, kind, material })
    }

    /// Its `kid`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The one algorithm that it is for, if it says so.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Whether it may be asked about a signature of this algorithm.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.kind == algorithm.kind() && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// Whether `signature` is this key's over `message`. Never for an algorithm that it does not fit.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.fits(algorithm) {
            return false;
        }
        match (&self.material, rsa_parameters(algorithm)) {
            (Material::Rsa { modulus, exponent }, Some(parameters)) => {
                let key = RsaPublicKeyComponents { n: modulus.as_slice(), e: exponent.as_slice() };
                key.verify(parameters, message, signature).is_ok()
            }
            (Material::Curve(key), None) => key.verify_sig(message, signature).is_ok(),
            _ => false,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithm = self.algorithm.map(Algorithm::as_str);
        write!(out, "Key({} {:?} {:?})", self.kind.as_str(), self.id, algorithm)
    }
}

const fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => None,
    }
}

/// Its `use` and `key_ops` (RFC 7517 §4.2, §4.3), each of which may be left out.
fn is_for_signatures(jwk: &Map<String, Value>) -> Result<(), String> {
    match text(jwk, "use")? {
        None | Some("sig") => {}
        Some(other) => return Err(format!("its use is {}, not \"sig\"", shown(other))),
    }
    match jwk.get("key_ops") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|one| one == "verify") => Ok(()),
        Some(_) => Err("its key_ops do not have \"verify\"".to_owned()),
    }
}

fn named_algorithm(name: &str, kind: Kind) -> Result<Algorithm, String> {
    let algorithm = Algorithm::from_name(name).ok_or_else(|| {
        format!("its alg is {}, which is none of {}", shown(name), Algorithm::list(&Algorithm::ALL))
    })?;
    if algorithm.kind() != kind {
        return Err(format!("its alg is {name}, which is not for keys of the kind {}", kind.as_str()));
    }
    Ok(algorithm)
}

fn material(kty: &str, jwk: &Map<String, Value>) -> Result<(Kind, Material), String> {
    let curve = text(jwk, "crv")?;
    match (kty, curve) {
        ("RSA", _) => rsa(jwk).map(|material| (Kind::Rsa, material)),
        ("EC", Some("P-256")) => {
            let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point(jwk, 32)?);
            on_curve(Kind::P256, key.ok())
        }
        ("EC", Some("P-384")) => {
            let key = ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(jwk, 48)?);
            on_curve(Kind::P384, key.ok())
        }
        ("OKP", Some("Ed25519")) => {
            let key = ParsedPublicKey::new(&ED25519, coordinate(jwk, "x", 32)?);
            on_curve(Kind::Ed25519, key.ok())
        }
        ("EC" | "OKP", curve) => {
            let curve = shown(curve.unwrap_or_default());
            Err(format!("its crv is {curve}, none of P-256, P-384 and Ed25519"))
        }
        _ => Err(format!("its kty is {}, none of RSA, EC and OKP", shown(kty))),
    }
}

fn on_curve(kind: Kind, key: Option<ParsedPublicKey>) -> Result<(Kind, Material), String> {
    let key = key.ok_or_else(|| format!("it is no point of {}", kind.as_str()))?;
    Ok((kind, Material::Curve(key)))
}

fn rsa(jwk: &Map<String, Value>) -> Result<Material, String> {
    let number = |member: &'static str| {
        let bytes = decoded(jwk, member)?;
        // RFC 7518 §6.3.1.1 warns of writers that put a zero in front.
        let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        Ok::<_, String>(bytes.get(first..).unwrap_or_default().to_vec())
    };
    let (modulus, exponent) = (number("n")?, number("e")?);
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    if !RSA_BITS.contains(&bits(&modulus)) || !is_odd(&modulus) {
        let (least, most) = (RSA_BITS.start(), RSA_BITS.end());
        return Err(format!(
            "its modulus n must be odd and of {least} to {most} bits: it has {}",
            bits(&modulus)
        ));
    }
    if !(2..=EXPONENT_BITS_MAX).contains(&bits(&exponent)) || !is_odd(&exponent) {
        return Err(format!(
            "its exponent e must be odd, 3 at least and of {EXPONENT_BITS_MAX} bits at most"
        ));
    }
    Ok(Material::Rsa { modulus, exponent })
}

/// How many bits a number has, given without zeros in front.
fn bits(number: &[u8]) -> usize {
    let in_first = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - in_first
}

/// An uncompressed point.
fn point(jwk: &Map<String, Value>, length: usize) -> Result<Vec<u8>, String> {
    let mut point = vec![4];
    point.extend(coordinate(jwk, "x", length)?);
    point.extend(coordinate(jwk, "y", length)?);
    Ok(point)
}

fn coordinate(jwk: &Map<String, Value>, member: &'static str, length: usize) -> Result<Vec<u8>, String> {
    let bytes = decoded(jwk, member)?;
    if bytes.len() != length {
        return Err(format!("its {member} has {} bytes, not {length}", bytes.len()));
    }
    Ok(bytes)
}

fn decoded(jwk: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, String> {
    let text = text(jwk, member)?.ok_or_else(|| format!("it has no {member}"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("its {member} is no base64url without padding"))
}

fn text<'j>(jwk: &'j Map<String, Value>, member: &'static str) -> Result<Option<&'j str>, String> {
    match jwk.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("its {member} is {}, not a string", kind(other))),
    }
}
