//! What every reader of a message does: tells elements apart, takes their children, texts, bytes and times. Knows no message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::Error;

/// Whether a node is the element `name` of a namespace.
pub(crate) fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(namespace) && node.tag_name().name() == name
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

/// The child of a name, if there is one; `several` is said when there are more.
pub(crate) fn at_most_one<'a, 'i>(
    parent: Node<'a, 'i>,
    (namespace, name): (&str, &str),
    several: &'static str,
) -> Result<Option<Node<'a, 'i>>, Error> {
    let mut found = parent.children().filter(|node| is(*node, namespace, name));
    match (found.next(), found.next()) {
        (found, None) => Ok(found),
        _ => Err(Error::Shape(several)),
    }
}

/// The text of an element without elements. In text that was verified there are no comments, so that it cannot be cut by one;
/// elsewhere a comment is refused.
pub(crate) fn text(element: Node<'_, '_>) -> Result<String, Error> {
    let mut whole = String::new();
    for node in element.children() {
        if !node.is_text() {
            return Err(Error::Shape("elements where text is expected"));
        }
        whole.push_str(node.text().unwrap_or_default());
    }
    Ok(whole.trim().to_owned())
}

/// The base64 content of an element that holds text alone.
pub(crate) fn bytes(element: Node<'_, '_>) -> Result<Vec<u8>, Error> {
    let mut nodes = element.children();
    let text = match (nodes.next(), nodes.next()) {
        (Some(node), None) if node.is_text() => node.text().unwrap_or_default(),
        _ => return Err(Error::Shape("a signature, digest or cipher value that is not text")),
    };
    base64(text).ok_or(Error::Shape("a signature, digest or cipher value that is not base64"))
}

/// Base64, in as many lines as its writer liked.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).ok()
}

/// An `xs:dateTime` in UTC, as SAML core 1.3.3 demands.
pub(crate) fn instant(element: Node<'_, '_>, name: &str) -> Result<Option<OffsetDateTime>, Error> {
    let read =
        |value: &str| OffsetDateTime::parse(value, &Rfc3339).map_err(|_| Error::Shape("a malformed time"));
    element.attribute(name).map(read).transpose()
}

/// How a time is said to people.
pub(crate) fn said(instant: OffsetDateTime) -> String {
    instant.format(&Rfc3339).unwrap_or_else(|_| instant.to_string())
}

/// An ID is an `xs:ID`: it may not begin with a digit.
pub(crate) fn identifier(id: &str) -> Result<&str, Error> {
    let first = id.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    if first && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
        Ok(id)
    } else {
        Err(Error::Shape("an ID that is no xs:ID"))
    }
}

/// An address that a browser may be sent to.
pub(crate) fn address(location: &str) -> Result<&str, Error> {
    let begins =
        |scheme: &str| location.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let plain = !location.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if plain && (begins("https://") || begins("http://")) {
        Ok(location)
    } else {
        Err(Error::Shape("a Location that is no https or http address"))
    }
}
