//! The one accepted shape of a signature, read into a value: a `Signature` that is a direct child of the Response or Assertion it
//! covers, with one reference to just that element by its own ID, and nothing optional that could move what is covered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};

use crate::error::Error;
use crate::key::Algorithm;
use crate::names;

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

/// The signatures of a message, the outermost first: at least one, at most one for the Response and one for the Assertion.
pub(crate) fn signatures<'a, 'i>(document: &'a Document<'i>) -> Result<Vec<Signature<'a, 'i>>, Error> {
    let root = document.root_element();
    let assertion = one_assertion(root)?;
    unique_ids(root)?;
    let mut found: Vec<Signature<'a, 'i>> = Vec::new();
    for element in root.descendants().filter(|node| is(*node, names::DSIG, "Signature")) {
        let covered = element.parent_element().filter(|parent| *parent == root || *parent == assertion);
        let covered = covered.ok_or(Error::Shape("a Signature outside of the Response and the Assertion"))?;
        if found.iter().any(|other| other.covered == covered) {
            return Err(Error::Shape("two Signatures of one element"));
        }
        found.push(read(element, covered)?);
    }
    if found.is_empty() {
        return Err(Error::Shape("no Signature"));
    }
    // The Response's own signature may stand after its Assertion in the text.
    found.sort_by_key(|signature| signature.covered != root);
    Ok(found)
}

/// The only Assertion: the message itself, or a direct child of the Response that it is.
fn one_assertion<'a, 'i>(root: Node<'a, 'i>) -> Result<Node<'a, 'i>, Error> {
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

fn read<'a, 'i>(element: Node<'a, 'i>, covered: Node<'a, 'i>) -> Result<Signature<'a, 'i>, Error> {
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
    if algorithm(enveloped)? != names::ENVELOPED || !children(enveloped)?.is_empty() {
        return Err(Error::Shape("the first Transform is not enveloped-signature"));
    }
    let [] = exactly(method)?;
    let [] = exactly(digest_method)?;
    Ok(Signature {
        covered,
        element,
        signed_info,
        signed_info_prefixes: exclusive_prefixes(canonicalization)?,
        algorithm: Algorithm::find(algorithm(method)?)?,
        value: bytes(value)?,
        covered_prefixes: exclusive_prefixes(exclusive)?,
        digest_algorithm: digest_algorithm(algorithm(digest_method)?)?,
        digest: bytes(digest_value)?,
    })
}

/// The `PrefixList` of an element whose algorithm must be exclusive canonicalisation.
fn exclusive_prefixes<'a>(element: Node<'a, '_>) -> Result<&'a str, Error> {
    let uri = algorithm(element)?;
    if uri != names::EXCLUSIVE {
        return Err(Error::Algorithm(uri.chars().take(120).collect()));
    }
    match children(element)?.as_slice() {
        [] => Ok(""),
        [list] if is(*list, names::EXCLUSIVE, "InclusiveNamespaces") && children(*list)?.is_empty() => {
            Ok(list.attribute("PrefixList").unwrap_or_default())
        }
        _ => Err(Error::Shape("unknown content of a canonicalisation method")),
    }
}

fn digest_algorithm(uri: &str) -> Result<&'static aws_lc_rs::digest::Algorithm, Error> {
    match uri {
        names::SHA256 => Ok(&aws_lc_rs::digest::SHA256),
        names::SHA384 => Ok(&aws_lc_rs::digest::SHA384),
        names::SHA512 => Ok(&aws_lc_rs::digest::SHA512),
        other => Err(Error::Algorithm(other.chars().take(120).collect())),
    }
}

fn algorithm<'a>(element: Node<'a, '_>) -> Result<&'a str, Error> {
    element.attribute("Algorithm").ok_or(Error::Shape("a method without Algorithm"))
}

/// The base64 content of an element that holds text alone.
fn bytes(element: Node<'_, '_>) -> Result<Vec<u8>, Error> {
    let mut nodes = element.children();
    let text = match (nodes.next(), nodes.next()) {
        (Some(node), None) if node.is_text() => node.text().unwrap_or_default(),
        _ => return Err(Error::Shape("a signature or digest that is not text")),
    };
    let text: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| Error::Shape("a signature or digest that is not base64"))
}

/// The children of an element that holds elements and white space alone.
pub(crate) fn children<'a, 'i>(element: Node<'a, 'i>) -> Result<Vec<Node<'a, 'i>>, Error> {
    let blank = |node: &Node<'_, '_>| {
        !node.is_text() || node.text().unwrap_or_default().chars().all(|letter| letter.is_ascii_whitespace())
    };
    if element.children().all(|node| blank(&node)) {
        Ok(element.children().filter(Node::is_element).collect())
    } else {
        Err(Error::Shape("text between elements"))
    }
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

/// Whether a node is the element `name` of a namespace.
pub(crate) fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(namespace) && node.tag_name().name() == name
}
