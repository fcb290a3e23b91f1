//! Metadata of the two roles, read and written. It is configuration that an administrator brings: its own signature is not checked, and
//! what is to follow from `valid_until` is the caller's. Addresses other than http and https are refused, since browsers are sent to them.

use time::OffsetDateTime;

use crate::certificate::Certificate;
pub use crate::descriptors::Endpoint;
use crate::descriptors::{
    Kind, Use, all, certificates, endpoint, endpoints, is_true, name_id_formats, role, write_document,
    write_endpoints, write_formats, write_keys,
};
use crate::error::Error;
use crate::guard::parse;
use crate::names::METADATA;

/// The binding that posts a form.
pub const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// The binding that redirects with a query string.
pub const HTTP_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

const IDP: Kind = ("IDPSSODescriptor", "identity provider");
const SP: Kind = ("SPSSODescriptor", "service provider");

/// What an identity provider says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpMetadata {
    /// Its entity ID.
    pub entity_id: String,
    /// Until when this is to be believed.
    pub valid_until: Option<OffsetDateTime>,
    /// The certificates of the keys that it signs with.
    pub certificates: Vec<Certificate>,
    /// The certificates to encrypt for, when something is sent to it.
    pub encryption_certificates: Vec<Certificate>,
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
    /// Until when this is to be believed.
    pub valid_until: Option<OffsetDateTime>,
    /// The certificates of the keys that it signs with.
    pub certificates: Vec<Certificate>,
    /// The certificates to encrypt assertions for.
    pub encryption_certificates: Vec<Certificate>,
    /// Where it takes assertions, the default first.
    pub assertion_consumers: Vec<Endpoint>,
    /// Where sign-outs begin.
    pub single_logout: Vec<Endpoint>,
    /// The kinds of identifiers that it wants.
    pub name_id_formats: Vec<String>,
    /// Whether it signs its requests.
    pub signs_requests: bool,
    /// Whether it wants assertions signed.
    pub wants_signed_assertions: bool,
}

impl IdpMetadata {
    /// From a document about one identity provider, with a certificate and an address to sign in at. A list is read when one entity of
    /// it is an identity provider.
    pub fn read(text: &str) -> Result<Self, Error> {
        Self::find(text, None)
    }

    /// From a document that may be about several, the one of an entity ID.
    pub fn read_named(text: &str, entity_id: &str) -> Result<Self, Error> {
        Self::find(text, Some(entity_id))
    }

    fn find(text: &str, named: Option<&str>) -> Result<Self, Error> {
        let document = parse(without_mark(text))?;
        let role = role(document.root_element(), IDP, named)?;
        let metadata = Self {
            entity_id: role.entity_id,
            valid_until: role.valid_until,
            certificates: certificates(role.node, Use::Signing)?,
            encryption_certificates: certificates(role.node, Use::Encryption)?,
            single_sign_on: endpoints(role.node, "SingleSignOnService")?,
            single_logout: endpoints(role.node, "SingleLogoutService")?,
            name_id_formats: name_id_formats(role.node),
            wants_signed_requests: is_true(role.node, "WantAuthnRequestsSigned"),
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
        let flags = [("WantAuthnRequestsSigned", self.wants_signed_requests)];
        write_document((&self.entity_id, self.valid_until), "md:IDPSSODescriptor", &flags, |out| {
            write_keys(out, &self.certificates, Use::Signing)?;
            write_keys(out, &self.encryption_certificates, Use::Encryption)?;
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

    /// Where a sign-out is asked for, and answered, by a binding.
    pub fn logout_endpoint(&self, binding: &str) -> Option<&Endpoint> {
        self.single_logout.iter().find(|endpoint| endpoint.binding == binding)
    }
}

impl SpMetadata {
    /// From a document about one service provider, with an address to post assertions to.
    pub fn read(text: &str) -> Result<Self, Error> {
        Self::find(text, None)
    }

    /// From a document that may be about several, the one of an entity ID.
    pub fn read_named(text: &str, entity_id: &str) -> Result<Self, Error> {
        Self::find(text, Some(entity_id))
    }

    fn find(text: &str, named: Option<&str>) -> Result<Self, Error> {
        let document = parse(without_mark(text))?;
        let role = role(document.root_element(), SP, named)?;
        let mut nodes: Vec<_> = all(role.node, METADATA, "AssertionConsumerService").collect();
        nodes.sort_by_key(|node| !is_true(*node, "isDefault"));
        let consumers: Vec<Endpoint> = nodes.into_iter().map(endpoint).collect::<Result<_, _>>()?;
        if !consumers.iter().any(|endpoint| endpoint.binding == HTTP_POST) {
            return Err(Error::Shape("metadata without AssertionConsumerService for HTTP-POST"));
        }
        Ok(Self {
            entity_id: role.entity_id,
            valid_until: role.valid_until,
            certificates: certificates(role.node, Use::Signing)?,
            encryption_certificates: certificates(role.node, Use::Encryption)?,
            assertion_consumers: consumers,
            single_logout: endpoints(role.node, "SingleLogoutService")?,
            name_id_formats: name_id_formats(role.node),
            signs_requests: is_true(role.node, "AuthnRequestsSigned"),
            wants_signed_assertions: is_true(role.node, "WantAssertionsSigned"),
        })
    }

    /// The document.
    pub fn write(&self) -> Result<String, Error> {
        let flags = [
            ("AuthnRequestsSigned", self.signs_requests),
            ("WantAssertionsSigned", self.wants_signed_assertions),
        ];
        write_document((&self.entity_id, self.valid_until), "md:SPSSODescriptor", &flags, |out| {
            write_keys(out, &self.certificates, Use::Signing)?;
            write_keys(out, &self.encryption_certificates, Use::Encryption)?;
            write_endpoints(out, "md:SingleLogoutService", &self.single_logout)?;
            write_formats(out, &self.name_id_formats)?;
            for (at, endpoint) in self.assertion_consumers.iter().enumerate() {
                let attributes = [
                    ("Binding", Some(&*endpoint.binding)),
                    ("Location", Some(&*endpoint.location)),
                    ("ResponseLocation", endpoint.response_location.as_deref()),
                    (
                        "index",
                        Some(
                            &*endpoint
                                .index
                                .unwrap_or_else(|| u16::try_from(at).unwrap_or(u16::MAX))
                                .to_string(),
                        ),
                    ),
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
