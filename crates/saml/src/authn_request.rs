//! The request that begins a sign-in: written as service provider, read as identity provider. It travels in a form,
//! signed within or not, or in a query string, where the signature is outside of it ([`crate::redirect`]).

use time::OffsetDateTime;

use crate::error::Error;
use crate::guard::parse;
use crate::key::SigningKey;
use crate::names::{ASSERTION, PROTOCOL};
use crate::reading::{identifier, is};
use crate::sign::enveloped;
use crate::writer::{Xml, instant};

const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// A request to write.
#[derive(Debug, Clone, Copy)]
pub struct NewAuthnRequest<'a> {
    /// Its ID, which the answer names: random, never used before.
    pub id: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    /// When made.
    pub issued_at: OffsetDateTime,
    /// The identity provider's address.
    pub destination: &'a str,
    /// Our address for the answer.
    pub assertion_consumer_service: &'a str,
    /// The kind of identifier that we want, a URI.
    pub name_id_format: Option<&'a str>,
    /// Whether the person must sign in anew.
    pub force_authn: bool,
}

impl NewAuthnRequest<'_> {
    /// The text.
    pub fn write(&self) -> Result<String, Error> {
        let (head, tail) = self.parts()?;
        Ok(head + &tail)
    }

    /// The text, signed: for a form. A query string takes it unsigned and is signed itself.
    pub fn write_signed(&self, key: &SigningKey) -> Result<String, Error> {
        let (head, tail) = self.parts()?;
        enveloped(self.id, (&head, &tail), key)
    }

    /// The parts before and after the place of a signature.
    fn parts(&self) -> Result<(String, String), Error> {
        let mut out = Xml::default();
        out.open(
            "samlp:AuthnRequest",
            &[
                ("xmlns:samlp", Some(PROTOCOL)),
                ("AssertionConsumerServiceURL", Some(self.assertion_consumer_service)),
                ("Destination", Some(self.destination)),
                ("ForceAuthn", self.force_authn.then_some("true")),
                ("ID", Some(identifier(self.id)?)),
                ("IssueInstant", Some(&instant(self.issued_at)?)),
                ("ProtocolBinding", Some(HTTP_POST)),
                ("Version", Some("2.0")),
            ],
        )?;
        out.leaf("saml:Issuer", &[("xmlns:saml", Some(ASSERTION))], self.issuer)?;
        let (head, mut out) = (out.text(), Xml::default());
        if self.name_id_format.is_some() {
            out.leaf("samlp:NameIDPolicy", &[("Format", self.name_id_format)], "")?;
        }
        out.close("samlp:AuthnRequest");
        Ok((head, out.text()))
    }
}

/// A request that was received. Nothing in it is proved, and AWS validates no signature of it either: send the answer to no address but
/// those that the application's configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    /// Its ID, for the answer.
    pub id: String,
    /// The service provider's entity ID.
    pub issuer: String,
    /// Where it was sent to.
    pub destination: Option<String>,
    /// Where the answer is wanted.
    pub assertion_consumer_service: Option<String>,
    /// The kind of identifier that is wanted.
    pub name_id_format: Option<String>,
    /// Whether the person must sign in anew.
    pub force_authn: bool,
    /// Whether the person must not be shown anything.
    pub is_passive: bool,
}

impl AuthnRequest {
    /// From its text.
    pub fn read(message: &str) -> Result<Self, Error> {
        let document = parse(message)?;
        let request = document.root_element();
        if !is(request, PROTOCOL, "AuthnRequest") || request.attribute("Version") != Some("2.0") {
            return Err(Error::Shape("not an AuthnRequest of version 2.0"));
        }
        let truth = |name| match request.attribute(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(Error::Shape("a flag that is neither true nor false")),
        };
        let mut issuers = request.children().filter(|node| is(*node, ASSERTION, "Issuer"));
        let (Some(issuer), None) = (issuers.next(), issuers.next()) else {
            return Err(Error::Shape("not exactly one Issuer"));
        };
        let issuer: String =
            issuer.children().filter_map(|node| node.text().filter(|_| node.is_text())).collect();
        let policy = request.children().find(|node| is(*node, PROTOCOL, "NameIDPolicy"));
        let owned = |name| request.attribute(name).map(str::to_owned);
        Ok(Self {
            id: identifier(request.attribute("ID").unwrap_or_default())?.to_owned(),
            issuer: Some(issuer.trim().to_owned())
                .filter(|name| !name.is_empty())
                .ok_or(Error::Shape("an empty Issuer"))?,
            destination: owned("Destination"),
            assertion_consumer_service: owned("AssertionConsumerServiceURL"),
            name_id_format: policy.and_then(|policy| policy.attribute("Format")).map(str::to_owned),
            force_authn: truth("ForceAuthn")?,
            is_passive: truth("IsPassive")?,
        })
    }
}
