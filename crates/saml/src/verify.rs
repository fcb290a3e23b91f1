//! Verification of a signed message. Its result is the text that was hashed, in canonical form, and nothing else: whoever reads an
//! assertion from it cannot meet a node that the signature does not cover, however the message was wrapped.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::digest;
use roxmltree::Document;

use crate::c14n::{Options, canonicalize};
use crate::error::Error;
use crate::guard::guard;
use crate::key::PublicKey;
use crate::shape::{Signature, signatures};

/// The canonical text of a Response or an Assertion whose signature verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed(String);

impl Signed {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Verifies every signature of a message against `keys` (any of them: keys roll over) and returns what the outermost one covers.
pub fn verify(message: &str, keys: &[PublicKey]) -> Result<Signed, Error> {
    guard(message)?;
    let document = Document::parse(message).map_err(|error| Error::Xml(error.to_string()))?;
    let mut outermost = None;
    for signature in signatures(&document)? {
        let text = covered(&signature, keys)?;
        outermost.get_or_insert(text);
    }
    outermost.map(Signed).ok_or(Error::Shape("no Signature"))
}

/// The canonical text that a signature covers. The key is held against SignedInfo before the covered element costs anything.
fn covered(signature: &Signature<'_, '_>, keys: &[PublicKey]) -> Result<String, Error> {
    let options = Options { omit: None, inclusive: signature.signed_info_prefixes };
    let signed_info = canonicalize(signature.signed_info, options)?;
    let known = |key: &PublicKey| key.verifies(signature.algorithm, signed_info.as_bytes(), &signature.value);
    if !keys.iter().any(known) {
        return Err(Error::Signature("no known key made it"));
    }
    let options = Options { omit: Some(signature.element.id()), inclusive: signature.covered_prefixes };
    let text = canonicalize(signature.covered, options)?;
    let found = digest(signature.digest_algorithm, text.as_bytes());
    verify_slices_are_equal(found.as_ref(), &signature.digest)
        .map_err(|_| Error::Signature("the signed content was altered"))?;
    Ok(text)
}
