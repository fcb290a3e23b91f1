//! Metadata of the two roles, read and written. It is configuration that an administrator brings: its own signature is not checked.
//! Addresses other than http and https are refused, since browsers are sent to them.

use roxmltree::Node;

use crate::certificate::Certificate;
use crate::error::Error;
use crate::guard::parse;
use crate::names::{DSIG, METADATA, PROTOCOL};
use crate::reading::is;
use crate::writer::Xml;

/// The binding that posts a form.
pub const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// The binding that redirects with a query string.
pub const HTTP_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

/// An address and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The binding, a URI.
    pub binding: String,
    /// The address.
    pub location: String,
}

/// What an identity provider says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpMetadata {
    /// Its entity ID.
    pub entity_id: String,
    /// The certificates of the keys that it signs with.
    pub certificates: Vec<Certificate>,
    /// Where sign-ins begin.
    pub single_sign_on: Vec<Endpoint>,
    /// Where sign-outs begin.
    pub single_logout: Vec<Endpoint>,
    /// The kinds of identifiers that it gives.
    pub name_id_formats: Vec<String>,
    /// Whether it wants requests signed.
    pub wants_signed_requests: bool,
}

/// What a service provider says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpMetadata {
    /// Its entity ID.
    pub entity_id: String,
    /// The certificates of the keys that it signs with.
    pub certificates: Vec<Certificate>,
    /// Where it takes assertions, the default first.
    pub assertion_consumers: Vec<Endpoint>,
    /// The kinds of identifiers that it wants.
    pub name_id_formats: Vec<String>,
    /// Whether it wants assertions signed.
    pub wants_signed_assertions: bool,
}

impl IdpMetadata {
    /// From a document about one identity provider, with a certificate and an address to sign in at.
    pub fn read(text: &str) -> Result<Self, Error> {
        let document = parse(without_mark(text))?;
        let (entity_id, role) = role(document.root_element(), "IDPSSODescriptor")?;
        let metadata = Self {
            entity_id,
            certificates: certificates(role)?,
            single_sign_on: endpoints(role, "SingleSignOnService")?,
            single_logout: endpoints(role, "SingleLogoutService")?,
            name_id_formats: name_id_formats(role),
            wants_signed_requests: is_true(role, "WantAuthnRequestsSigned"),
        };
        if metadata.certificates.is_empty() {
            return Err(Error::Shape("metadata without a certificate to verify signatures with"));
        }
        if metadata.single_sign_on.is_empty() {
            return Err(Error::Shape("metadata without SingleSignOnService"));
        }
        Ok(metadata)
    }

    /// The document.
    pub fn write(&self) -> Result<String, Error> {
        let wants = ("WantAuthnRequestsSigned", self.wants_signed_requests);
        write_document(&self.entity_id, "md:IDPSSODescriptor", wants, |out| {
            write_keys(out, &self.certificates)?;
            write_endpoints(out, "md:SingleLogoutService", &self.single_logout)?;
            write_formats(out, &self.name_id_formats)?;
            write_endpoints(out, "md:SingleSignOnService", &self.single_sign_on)
        })
    }

    /// The address for a binding.
    pub fn sign_on_location(&self, binding: &str) -> Option<&str> {
        let found = self.single_sign_on.iter().find(|endpoint| endpoint.binding == binding);
        found.map(|endpoint| endpoint.location.as_str())
    }
}

impl SpMetadata {
    /// From a document about one service provider, with an address to post assertions to.
    pub fn read(text: &str) -> Result<Self, Error> {
        let document = parse(without_mark(text))?;
        let (entity_id, role) = role(document.root_element(), "SPSSODescriptor")?;
        let mut nodes: Vec<_> = all(role, METADATA, "AssertionConsumerService").collect();
        nodes.sort_by_key(|node| !is_true(*node, "isDefault"));
        let consumers: Vec<Endpoint> = nodes.into_iter().map(endpoint).collect::<Result<_, _>>()?;
        if !consumers.iter().any(|endpoint| endpoint.binding == HTTP_POST) {
            return Err(Error::Shape("metadata without AssertionConsumerService for HTTP-POST"));
        }
        Ok(Self {
            entity_id,
            certificates: certificates(role)?,
            assertion_consumers: consumers,
            name_id_formats: name_id_formats(role),
            wants_signed_assertions: is_true(role, "WantAssertionsSigned"),
        })
    }

    /// The document.
    pub fn write(&self) -> Result<String, Error> {
        let wants = ("WantAssertionsSigned", self.wants_signed_assertions);
        write_document(&self.entity_id, "md:SPSSODescriptor", wants, |out| {
            write_keys(out, &self.certificates)?;
            write_formats(out, &self.name_id_formats)?;
            for (at, endpoint) in self.assertion_consumers.iter().enumerate() {
                let attributes = [
                    ("Binding", Some(&*endpoint.binding)),
                    ("Location", Some(&*endpoint.location)),
                    ("index", Some(&*at.to_string())),
                    ("isDefault", (at == 0).then_some("true")),
                ];
                out.leaf("md:AssertionConsumerService", &attributes, "")?;
            }
            Ok(())
        })
    }
}

/// Some identity providers begin their metadata with a byte order mark.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The entity ID and the one descriptor of this role that speaks SAML 2.0.
fn role<'a, 'i>(root: Node<'a, 'i>, name: &'static str) -> Result<(String, Node<'a, 'i>), Error> {
    if !is(root, METADATA, "EntityDescriptor") {
        return Err(Error::Shape("metadata that is not an EntityDescriptor"));
    }
    let entity_id = root.attribute("entityID").filter(|id| !id.is_empty());
    let entity_id = entity_id.ok_or(Error::Shape("metadata without entityID"))?;
    let mut found = all(root, METADATA, name).filter(|node| {
        let protocols = node.attribute("protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
    });
    match (found.next(), found.next()) {
        (Some(node), None) => Ok((entity_id.to_owned(), node)),
        _ => Err(Error::Shape("metadata without exactly one descriptor of the role in SAML 2.0")),
    }
}

fn all<'a, 'i>(
    node: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is(*child, namespace, name))
}

fn text(node: Node<'_, '_>) -> String {
    let parts = node.children().filter(Node::is_text).filter_map(|child| child.text());
    parts.collect::<String>().trim().to_owned()
}

/// The certificates of every key that is for signing, or for any use.
fn certificates(role: Node<'_, '_>) -> Result<Vec<Certificate>, Error> {
    let mut found: Vec<Certificate> = Vec::new();
    let keys = all(role, METADATA, "KeyDescriptor")
        .filter(|key| matches!(key.attribute("use"), None | Some("signing")));
    let data = keys.flat_map(|key| all(key, DSIG, "KeyInfo")).flat_map(|info| all(info, DSIG, "X509Data"));
    for node in data.flat_map(|data| all(data, DSIG, "X509Certificate")) {
        let certificate = Certificate::from_pem(&text(node))?;
        if !found.contains(&certificate) {
            found.push(certificate);
        }
    }
    Ok(found)
}

fn endpoints(role: Node<'_, '_>, name: &'static str) -> Result<Vec<Endpoint>, Error> {
    all(role, METADATA, name).map(endpoint).collect()
}

fn endpoint(node: Node<'_, '_>) -> Result<Endpoint, Error> {
    let location = node.attribute("Location").unwrap_or_default();
    let begins =
        |scheme: &str| location.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let plain = !location.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if !plain || !(begins("https://") || begins("http://")) {
        return Err(Error::Shape("a Location that is no https or http address"));
    }
    let binding = node.attribute("Binding").ok_or(Error::Shape("an endpoint without Binding"))?;
    Ok(Endpoint { binding: binding.to_owned(), location: location.to_owned() })
}

fn name_id_formats(role: Node<'_, '_>) -> Vec<String> {
    all(role, METADATA, "NameIDFormat").map(text).collect()
}

fn is_true(node: Node<'_, '_>, name: &str) -> bool {
    matches!(node.attribute(name), Some("true" | "1"))
}

/// A document about one entity in one role; `wants` is what the role wants signed.
fn write_document(
    entity_id: &str,
    role: &str,
    (wanted, wants): (&str, bool),
    content: impl FnOnce(&mut Xml) -> Result<(), Error>,
) -> Result<String, Error> {
    let mut out = Xml::default();
    out.open("md:EntityDescriptor", &[("xmlns:md", Some(METADATA)), ("entityID", Some(entity_id))])?;
    let wants = if wants { "true" } else { "false" };
    out.open(role, &[(wanted, Some(wants)), ("protocolSupportEnumeration", Some(PROTOCOL))])?;
    content(&mut out)?;
    out.close(role);
    out.close("md:EntityDescriptor");
    Ok(out.text())
}

fn write_keys(out: &mut Xml, certificates: &[Certificate]) -> Result<(), Error> {
    for certificate in certificates {
        out.open("md:KeyDescriptor", &[("use", Some("signing"))])?;
        out.open("ds:KeyInfo", &[("xmlns:ds", Some(DSIG))])?;
        out.open("ds:X509Data", &[])?;
        out.leaf("ds:X509Certificate", &[], &certificate.to_base64())?;
        out.close("ds:X509Data");
        out.close("ds:KeyInfo");
        out.close("md:KeyDescriptor");
    }
    Ok(())
}

fn write_endpoints(out: &mut Xml, name: &str, endpoints: &[Endpoint]) -> Result<(), Error> {
    for endpoint in endpoints {
        let attributes = [("Binding", Some(&*endpoint.binding)), ("Location", Some(&*endpoint.location))];
        out.leaf(name, &attributes, "")?;
    }
    Ok(())
}

fn write_formats(out: &mut Xml, formats: &[String]) -> Result<(), Error> {
    formats.iter().try_for_each(|format| out.leaf("md:NameIDFormat", &[], format))
}
