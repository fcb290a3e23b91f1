//! Verification of a signed message. Its result is the text that was hashed, in canonical form, and nothing else: whoever reads an
//! assertion from it cannot meet a node that the signature does not cover, however the message was wrapped.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::digest;
use roxmltree::Node;

use crate::algorithm::Accepted;
use crate::c14n::{Options, canonicalize};
use crate::error::Error;
use crate::guard::parse;
use crate::key::PublicKey;
use crate::shape::{self, Signature, signatures};

/// The canonical text of what a signature covers, once it verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed(String);

impl Signed {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A whole message that something outside of it covers: the signature of a query string.
    pub(crate) fn whole(root: Node<'_, '_>) -> Result<Self, Error> {
        canonicalize(root, Options::default()).map(Self)
    }
}

/// Verifies every signature of a Response or Assertion against `keys` (any of them: keys roll over) and returns what the outermost one
/// covers. SHA-1 does not count.
pub fn verify(message: &str, keys: &[PublicKey]) -> Result<Signed, Error> {
    verify_accepting(message, keys, Accepted::default())
}

/// The same with the algorithms that count from this sender.
pub fn verify_accepting(message: &str, keys: &[PublicKey], accepted: Accepted) -> Result<Signed, Error> {
    let document = parse(message)?;
    let root = document.root_element();
    let assertion = shape::assertion(root)?;
    outermost(root, &[root, assertion], (keys, accepted))?.ok_or(Error::Shape("no Signature"))
}

/// The same for a message that holds no assertion and is signed as a whole: an AuthnRequest, LogoutRequest or LogoutResponse that came
/// in a form. One that came in a query string is verified by [`crate::redirect::Received::verify`].
pub fn verify_message(message: &str, keys: &[PublicKey], accepted: Accepted) -> Result<Signed, Error> {
    let document = parse(message)?;
    let root = document.root_element();
    shape::without_assertion(root)?;
    outermost(root, &[root], (keys, accepted))?.ok_or(Error::Shape("no Signature"))
}

/// The same; nothing where there is no signature anywhere.
pub fn verify_message_if_signed(
    message: &str,
    keys: &[PublicKey],
    accepted: Accepted,
) -> Result<Option<Signed>, Error> {
    let document = parse(message)?;
    let root = document.root_element();
    shape::without_assertion(root)?;
    outermost(root, &[root], (keys, accepted))
}

/// What the outermost signature covers, when all of them verify; nothing where there is none.
pub(crate) fn outermost<'a, 'i>(
    root: Node<'a, 'i>,
    may_be_signed: &[Node<'a, 'i>],
    (keys, accepted): (&[PublicKey], Accepted),
) -> Result<Option<Signed>, Error> {
    let mut outermost = None;
    for signature in signatures(root, may_be_signed, accepted)? {
        let text = covered(&signature, keys)?;
        outermost.get_or_insert(text);
    }
    Ok(outermost.map(Signed))
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
