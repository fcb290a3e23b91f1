//! The parts of metadata: which entity is meant and which role of it, keys, endpoints, times, and how they are written. Knows no role in
//! particular.

use roxmltree::Node;
use time::OffsetDateTime;

use crate::certificate::Certificate;
use crate::error::Error;
use crate::names::{AES128_GCM, AES256_GCM, DSIG, METADATA, PROTOCOL, RSA_OAEP_MGF1P};
use crate::reading::{address, instant, is};
use crate::writer::{self, Xml};

/// What content may be encrypted with for a key of ours, the best first. `rsa-oaep-mgf1p` is what every product has.
const ENCRYPTION: [&str; 3] = [AES256_GCM, AES128_GCM, RSA_OAEP_MGF1P];

/// An address and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The binding, a URI.
    pub binding: String,
    /// The address.
    pub location: String,
    /// The address for answers, where that is another.
    pub response_location: Option<String>,
    /// By what a message may name it, where it has such a number.
    pub index: Option<u16>,
}

impl Endpoint {
    /// Where answers go.
    pub fn answer_location(&self) -> &str {
        self.response_location.as_deref().unwrap_or(&self.location)
    }
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Signing,
    Encryption,
}

impl Use {
    fn name(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Encryption => "encryption",
        }
    }
}

/// A kind of descriptor: its element and what an entity that has one is.
pub(crate) type Kind = (&'static str, &'static str);

/// A descriptor and whose it is.
pub(crate) struct Role<'a, 'i> {
    pub(crate) entity_id: String,
    pub(crate) node: Node<'a, 'i>,
    /// The earliest of the times that bound it and what it stands in.
    pub(crate) valid_until: Option<OffsetDateTime>,
}

/// The one descriptor of a kind that speaks SAML 2.0: of the entity that is named, or of the only one that has such a descriptor.
pub(crate) fn role<'a, 'i>(
    root: Node<'a, 'i>,
    (name, role): Kind,
    named: Option<&str>,
) -> Result<Role<'a, 'i>, Error> {
    let mut found: Vec<(&str, Node<'a, 'i>)> = Vec::new();
    for entity in entities(root)? {
        let entity_id = entity.attribute("entityID").filter(|id| !id.is_empty());
        let entity_id = entity_id.ok_or(Error::Shape("metadata without entityID"))?;
        let descriptors = all(entity, METADATA, name).filter(|node| speaks_saml_2(*node));
        found.extend(descriptors.map(|node| (entity_id, node)));
    }
    if let Some(named) = named {
        found.retain(|(entity_id, _)| *entity_id == named);
        if found.is_empty() {
            return Err(Error::Absent { entity_id: named.chars().take(1_024).collect(), role });
        }
    }
    match found.as_slice() {
        [] => Err(Error::Shape("metadata without a descriptor of the role in SAML 2.0")),
        [(entity_id, node)] => {
            Ok(Role { entity_id: (*entity_id).to_owned(), node: *node, valid_until: valid_until(*node)? })
        }
        [(first, _), rest @ ..] if rest.iter().all(|(entity_id, _)| entity_id == first) => {
            Err(Error::Shape("metadata with two descriptors of the role for one entity"))
        }
        several => Err(Error::Several { count: several.len(), role }),
    }
}

/// The entities of a document: its root, or those within lists of them. One that lies inside of anything else is none of the document's.
fn entities<'a, 'i>(root: Node<'a, 'i>) -> Result<Vec<Node<'a, 'i>>, Error> {
    if is(root, METADATA, "EntityDescriptor") {
        return Ok(vec![root]);
    }
    if !is(root, METADATA, "EntitiesDescriptor") {
        return Err(Error::Shape("metadata that is neither an EntityDescriptor nor an EntitiesDescriptor"));
    }
    let in_lists = |node: &Node<'_, '_>| {
        node.ancestors().skip(1).filter(Node::is_element).all(|node| is(node, METADATA, "EntitiesDescriptor"))
    };
    let entities = root.descendants().filter(|node| is(*node, METADATA, "EntityDescriptor"));
    Ok(entities.filter(in_lists).collect())
}

fn speaks_saml_2(descriptor: Node<'_, '_>) -> bool {
    let protocols = descriptor.attribute("protocolSupportEnumeration").unwrap_or_default();
    protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
}

fn valid_until(node: Node<'_, '_>) -> Result<Option<OffsetDateTime>, Error> {
    let mut earliest: Option<OffsetDateTime> = None;
    for node in node.ancestors().filter(Node::is_element) {
        if let Some(until) = instant(node, "validUntil")? {
            earliest = Some(earliest.map_or(until, |earliest| earliest.min(until)));
        }
    }
    Ok(earliest)
}

pub(crate) fn all<'a, 'i>(
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

/// The certificates of every key that is for one use, or for any.
pub(crate) fn certificates(role: Node<'_, '_>, wanted: Use) -> Result<Vec<Certificate>, Error> {
    let mut found: Vec<Certificate> = Vec::new();
    let keys = all(role, METADATA, "KeyDescriptor")
        .filter(|key| key.attribute("use").is_none_or(|found| found == wanted.name()));
    let data = keys.flat_map(|key| all(key, DSIG, "KeyInfo")).flat_map(|info| all(info, DSIG, "X509Data"));
    for node in data.flat_map(|data| all(data, DSIG, "X509Certificate")) {
        let certificate = Certificate::from_pem(&text(node))?;
        if !found.contains(&certificate) {
            found.push(certificate);
        }
    }
    Ok(found)
}

pub(crate) fn endpoints(role: Node<'_, '_>, name: &'static str) -> Result<Vec<Endpoint>, Error> {
    all(role, METADATA, name).map(endpoint).collect()
}

pub(crate) fn endpoint(node: Node<'_, '_>) -> Result<Endpoint, Error> {
    let location = address(node.attribute("Location").unwrap_or_default())?;
    let response_location = node.attribute("ResponseLocation").map(address).transpose()?;
    let index = node.attribute("index").map(str::parse).transpose();
    let binding = node.attribute("Binding").ok_or(Error::Shape("an endpoint without Binding"))?;
    Ok(Endpoint {
        binding: binding.to_owned(),
        location: location.to_owned(),
        response_location: response_location.map(str::to_owned),
        index: index.map_err(|_| Error::Shape("an index that is no number of 16 bits"))?,
    })
}

pub(crate) fn name_id_formats(role: Node<'_, '_>) -> Vec<String> {
    all(role, METADATA, "NameIDFormat").map(text).collect()
}

pub(crate) fn is_true(node: Node<'_, '_>, name: &str) -> bool {
    matches!(node.attribute(name), Some("true" | "1"))
}

/// A document about one entity in one role; `flags` are the role's attributes before `protocolSupportEnumeration`, in their order.
pub(crate) fn write_document(
    (entity_id, valid_until): (&str, Option<OffsetDateTime>),
    role: &str,
    flags: &[(&str, bool)],
    content: impl FnOnce(&mut Xml) -> Result<(), Error>,
) -> Result<String, Error> {
    let mut out = Xml::default();
    let until = valid_until.map(writer::instant).transpose()?;
    let about =
        [("xmlns:md", Some(METADATA)), ("entityID", Some(entity_id)), ("validUntil", until.as_deref())];
    out.open("md:EntityDescriptor", &about)?;
    let flags = flags.iter().map(|(name, on)| (*name, Some(if *on { "true" } else { "false" })));
    let attributes: Vec<_> = flags.chain([("protocolSupportEnumeration", Some(PROTOCOL))]).collect();
    out.open(role, &attributes)?;
    content(&mut out)?;
    out.close(role);
    out.close("md:EntityDescriptor");
    Ok(out.text())
}

/// Keys for one use. Those for encryption say what may be used with them: others would take what they know best.
pub(crate) fn write_keys(out: &mut Xml, certificates: &[Certificate], wanted: Use) -> Result<(), Error> {
    for certificate in certificates {
        out.open("md:KeyDescriptor", &[("use", Some(wanted.name()))])?;
        out.open("ds:KeyInfo", &[("xmlns:ds", Some(DSIG))])?;
        out.open("ds:X509Data", &[])?;
        out.leaf("ds:X509Certificate", &[], &certificate.to_base64())?;
        out.close("ds:X509Data");
        out.close("ds:KeyInfo");
        if wanted == Use::Encryption {
            for algorithm in ENCRYPTION {
                out.leaf("md:EncryptionMethod", &[("Algorithm", Some(algorithm))], "")?;
            }
        }
        out.close("md:KeyDescriptor");
    }
    Ok(())
}

pub(crate) fn write_endpoints(out: &mut Xml, name: &str, endpoints: &[Endpoint]) -> Result<(), Error> {
    for endpoint in endpoints {
        let attributes = [
            ("Binding", Some(&*endpoint.binding)),
            ("Location", Some(&*endpoint.location)),
            ("ResponseLocation", endpoint.response_location.as_deref()),
        ];
        out.leaf(name, &attributes, "")?;
    }
    Ok(())
}

pub(crate) fn write_formats(out: &mut Xml, formats: &[String]) -> Result<(), Error> {
    formats.iter().try_for_each(|format| out.leaf("md:NameIDFormat", &[], format))
}
