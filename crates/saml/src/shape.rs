//! The accepted shapes of a message and of its signatures, read into values: a `Signature` that is a direct child of the element it
//! covers, with one reference to just that element by its own ID, and nothing optional that could move what is covered.

use roxmltree::Node;

use crate::algorithm::{self, Accepted, Algorithm};
use crate::error::Error;
use crate::names;
use crate::reading::{bytes, children, is};
use crate::status::Status;

/// A signature of the accepted shape and the element that it covers.
pub(crate) struct Signature<'a, 'i> {
    /// The covered element, the signature's parent.
    pub(crate) covered: Node<'a, 'i>,
    pub(crate) element: Node<'a, 'i>,
    pub(crate) signed_info: Node<'a, 'i>,
    pub(crate) signed_info_prefixes: &'a str,
    pub(crate) algorithm: Algorithm,
    pub(crate) value: Vec<u8>,
    pub(crate) covered_prefixes: &'a str,
    pub(crate) digest_algorithm: &'static aws_lc_rs::digest::Algorithm,
    pub(crate) digest: Vec<u8>,
}

/// The signatures of a message, the outermost first: at most one for each of the elements that may have one, none anywhere else.
pub(crate) fn signatures<'a, 'i>(
    root: Node<'a, 'i>,
    may_be_signed: &[Node<'a, 'i>],
    accepted: Accepted,
) -> Result<Vec<Signature<'a, 'i>>, Error> {
    unique_ids(root)?;
    let mut found: Vec<Signature<'a, 'i>> = Vec::new();
    for element in root.descendants().filter(|node| is(*node, names::DSIG, "Signature")) {
        let covered = element.parent_element().filter(|parent| may_be_signed.contains(parent));
        let covered = covered
            .ok_or(Error::Shape("a Signature that is neither the message's own nor its Assertion's"))?;
        if found.iter().any(|other| other.covered == covered) {
            return Err(Error::Shape("two Signatures of one element"));
        }
        found.push(read(element, covered, accepted)?);
    }
    // The Response's own signature may stand after its Assertion in the text.
    found.sort_by_key(|signature| signature.covered != root);
    Ok(found)
}

/// The only Assertion: the message itself, or a direct child of the Response that it is. None is encrypted beside it or in it.
pub(crate) fn assertion<'a, 'i>(root: Node<'a, 'i>) -> Result<Node<'a, 'i>, Error> {
    succeeded(root)?;
    if has(root, "EncryptedAssertion") {
        return Err(Error::Shape("an EncryptedAssertion where a plain one is expected"));
    }
    let mut assertions = root.descendants().filter(|node| is(*node, names::ASSERTION, "Assertion"));
    let (Some(assertion), None) = (assertions.next(), assertions.next()) else {
        return Err(Error::Shape("not exactly one Assertion"));
    };
    let in_response = is(root, names::PROTOCOL, "Response") && assertion.parent_element() == Some(root);
    if assertion == root || in_response {
        Ok(assertion)
    } else {
        Err(Error::Shape("an Assertion that is not the message and not a child of a Response"))
    }
}

/// The only EncryptedAssertion, a direct child of the Response. Nothing is plain beside it.
pub(crate) fn encrypted_assertion<'a, 'i>(root: Node<'a, 'i>) -> Result<Node<'a, 'i>, Error> {
    succeeded(root)?;
    if has(root, "Assertion") {
        return Err(Error::Shape("a plain Assertion beside or around an encrypted one"));
    }
    let mut found = root.descendants().filter(|node| is(*node, names::ASSERTION, "EncryptedAssertion"));
    let (Some(encrypted), None) = (found.next(), found.next()) else {
        return Err(Error::Shape("not exactly one EncryptedAssertion"));
    };
    if is(root, names::PROTOCOL, "Response") && encrypted.parent_element() == Some(root) {
        Ok(encrypted)
    } else {
        Err(Error::Shape("an EncryptedAssertion that is not a child of a Response"))
    }
}

/// That a message is a request, or the answer to one that wants no assertion, and holds none.
pub(crate) fn without_assertion(root: Node<'_, '_>) -> Result<(), Error> {
    let kinds = ["AuthnRequest", "LogoutRequest", "LogoutResponse"];
    if !kinds.iter().any(|name| is(root, names::PROTOCOL, name)) {
        return Err(Error::Shape("not an AuthnRequest, LogoutRequest or LogoutResponse"));
    }
    if has(root, "Assertion") || has(root, "EncryptedAssertion") {
        return Err(Error::Shape("an Assertion in a message that has none"));
    }
    Ok(())
}

/// A Response of another status than success brings no assertion, whatever it holds.
fn succeeded(root: Node<'_, '_>) -> Result<(), Error> {
    if !is(root, names::PROTOCOL, "Response") {
        return Ok(());
    }
    let status = Status::read(root)?;
    if status.is_success() { Ok(()) } else { Err(Error::Refused(status.to_string())) }
}

fn has(root: Node<'_, '_>, name: &str) -> bool {
    root.descendants().any(|node| is(node, names::ASSERTION, name))
}

/// No two attributes that anyone could take for an identifier have the same value.
fn unique_ids(root: Node<'_, '_>) -> Result<(), Error> {
    let mut ids: Vec<&str> = root
        .descendants()
        .flat_map(|node| node.attributes())
        .filter(|attribute| attribute.name().eq_ignore_ascii_case("id"))
        .map(|attribute| attribute.value())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() == all { Ok(()) } else { Err(Error::Shape("an ID that occurs twice")) }
}

fn read<'a, 'i>(
    element: Node<'a, 'i>,
    covered: Node<'a, 'i>,
    accepted: Accepted,
) -> Result<Signature<'a, 'i>, Error> {
    let parts = children(element)?;
    let (signed_info, value) = match parts.as_slice() {
        [signed_info, value] => (*signed_info, *value),
        // Keys come from the administrator alone: KeyInfo is passed over.
        [signed_info, value, key_info] if is(*key_info, names::DSIG, "KeyInfo") => (*signed_info, *value),
        _ => return Err(Error::Shape("a Signature is SignedInfo, SignatureValue and KeyInfo")),
    };
    named(signed_info, "SignedInfo")?;
    named(value, "SignatureValue")?;
    let [canonicalization, method, reference] = exactly(signed_info)?;
    named(canonicalization, "CanonicalizationMethod")?;
    named(method, "SignatureMethod")?;
    named(reference, "Reference")?;
    let id = covered.attribute("ID").filter(|id| !id.is_empty());
    let uri = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
    if id.is_none() || uri != id {
        return Err(Error::Shape("a Reference to something else than the Signature's parent"));
    }
    let [transforms, digest_method, digest_value] = exactly(reference)?;
    named(transforms, "Transforms")?;
    named(digest_method, "DigestMethod")?;
    named(digest_value, "DigestValue")?;
    let [enveloped, exclusive] = exactly(transforms)?;
    named(enveloped, "Transform")?;
    named(exclusive, "Transform")?;
    if method_of(enveloped)? != names::ENVELOPED || !children(enveloped)?.is_empty() {
        return Err(Error::Shape("the first Transform is not enveloped-signature"));
    }
    let [] = exactly(method)?;
    let [] = exactly(digest_method)?;
    Ok(Signature {
        covered,
        element,
        signed_info,
        signed_info_prefixes: exclusive_prefixes(canonicalization)?,
        algorithm: Algorithm::find(method_of(method)?, accepted)?,
        value: bytes(value)?,
        covered_prefixes: exclusive_prefixes(exclusive)?,
        digest_algorithm: algorithm::digest(method_of(digest_method)?, accepted)?,
        digest: bytes(digest_value)?,
    })
}

/// The `PrefixList` of an element whose algorithm must be exclusive canonicalisation.
fn exclusive_prefixes<'a>(element: Node<'a, '_>) -> Result<&'a str, Error> {
    let uri = method_of(element)?;
    if uri != names::EXCLUSIVE {
        return Err(algorithm::refused(uri));
    }
    match children(element)?.as_slice() {
        [] => Ok(""),
        [list] if is(*list, names::EXCLUSIVE, "InclusiveNamespaces") && children(*list)?.is_empty() => {
            Ok(list.attribute("PrefixList").unwrap_or_default())
        }
        _ => Err(Error::Shape("unknown content of a canonicalisation method")),
    }
}

/// The algorithm that an element names.
pub(crate) fn method_of<'a>(element: Node<'a, '_>) -> Result<&'a str, Error> {
    element.attribute("Algorithm").ok_or(Error::Shape("a method without Algorithm"))
}

fn exactly<'a, 'i, const N: usize>(element: Node<'a, 'i>) -> Result<[Node<'a, 'i>; N], Error> {
    children(element)?.try_into().map_err(|_| Error::Shape("an unexpected number of elements in a Signature"))
}

fn named(element: Node<'_, '_>, name: &'static str) -> Result<(), Error> {
    if is(element, names::DSIG, name) {
        Ok(())
    } else {
        Err(Error::Shape("an unexpected element in a Signature"))
    }
}
