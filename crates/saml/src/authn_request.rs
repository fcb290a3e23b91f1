//! The request that begins a sign-in: written as service provider, read as identity provider. It travels in a form,
//! signed within or not, or in a query string, where the signature is outside of it ([`crate::redirect`]).

use roxmltree::Node;
use time::{Duration, OffsetDateTime};

use crate::envelope::{Envelope, Kind};
use crate::error::Error;
use crate::guard::parse;
use crate::key::SigningKey;
use crate::name_id::NameId;
use crate::names::{ASSERTION, PROTOCOL};
use crate::reading::{at_most_one, identifier, is, said, text};
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

/// The most classes of an AuthnContext that a request may name.
const CLASSES_MAX: usize = 32;

/// A request that was received. Nothing in it is proved unless its text was verified, and AWS validates no signature of it either: send the answer to
/// no address but those that the application's configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    /// Its ID, for the answer.
    pub id: String,
    /// The service provider's entity ID.
    pub issuer: String,
    /// When it was made.
    pub issued_at: OffsetDateTime,
    /// Where it was sent to.
    pub destination: Option<String>,
    /// Where the answer is wanted: an address,
    pub assertion_consumer_service: Option<String>,
    /// or the index of one in the service provider's metadata.
    pub assertion_consumer_index: Option<u16>,
    /// How the answer is to travel, a URI.
    pub protocol_binding: Option<String>,
    /// The kind of identifier that is wanted.
    pub name_id_format: Option<String>,
    /// The person who is to be signed in, if the service provider has one in mind.
    pub subject: Option<String>,
    /// How the person is to have signed in, if that matters.
    pub context: Option<RequestedContext>,
    /// Whether the person must sign in anew.
    pub force_authn: bool,
    /// Whether the person must not be shown anything.
    pub is_passive: bool,
}

/// How a person is to have signed in (SAML core 3.3.2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedContext {
    /// How to compare.
    pub comparison: Comparison,
    /// The classes, URIs, what is liked best first.
    pub classes: Vec<String>,
}

/// How what is and what is asked for are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// One of them.
    Exact,
    /// At least as good as one of them.
    Minimum,
    /// As good as can be, and no better than one of them.
    Maximum,
    /// Better than all of them.
    Better,
}

impl AuthnRequest {
    /// From its text.
    pub fn read(message: &str) -> Result<Self, Error> {
        let document = parse(message)?;
        let request = document.root_element();
        let envelope = Envelope::of(request)?;
        if envelope.kind != Kind::AuthnRequest {
            return Err(Error::Shape("not an AuthnRequest"));
        }
        let truth = |name| match request.attribute(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(Error::Shape("a flag that is neither true nor false")),
        };
        let of = |namespace, name| {
            at_most_one(request, (namespace, name), "an AuthnRequest with two parts of a kind")
        };
        let policy = of(PROTOCOL, "NameIDPolicy")?;
        let owned = |name| request.attribute(name).map(str::to_owned);
        let index = request.attribute("AssertionConsumerServiceIndex").map(str::parse).transpose();
        let read = Self {
            id: identifier(&envelope.id)?.to_owned(),
            issuer: envelope.issuer.ok_or(Error::Shape("an AuthnRequest without Issuer"))?,
            issued_at: envelope.issued_at,
            destination: envelope.destination,
            assertion_consumer_service: owned("AssertionConsumerServiceURL"),
            assertion_consumer_index: index.map_err(|_| Error::Shape("an index that is no number"))?,
            protocol_binding: owned("ProtocolBinding"),
            name_id_format: policy.and_then(|policy| policy.attribute("Format")).map(str::to_owned),
            subject: of(ASSERTION, "Subject")?.map(subject).transpose()?.flatten(),
            context: of(PROTOCOL, "RequestedAuthnContext")?.map(context).transpose()?.flatten(),
            force_authn: truth("ForceAuthn")?,
            is_passive: truth("IsPassive")?,
        };
        // The two say the same thing in two ways (core 3.4.1): whichever is taken, somebody else would take the other.
        if read.assertion_consumer_index.is_some() && read.assertion_consumer_service.is_some() {
            return Err(Error::Shape("AssertionConsumerServiceIndex beside AssertionConsumerServiceURL"));
        }
        Ok(read)
    }

    /// Whether it was sent here, and lately.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), Error> {
        match &self.destination {
            // A message that is not signed need not say it (SAML bindings 3.4.5.2).
            None if !expected.must_say_where => {}
            Some(destination) if destination == expected.destination => {}
            other => return Err(Error::Destination(other.clone().unwrap_or_default())),
        }
        if expected.now < self.issued_at.saturating_sub(expected.skew) {
            return Err(Error::Stale(format!("made at {}, which is yet to come", said(self.issued_at))));
        }
        let until = self.issued_at.saturating_add(expected.lifetime);
        if expected.now >= until.saturating_add(expected.skew) {
            return Err(Error::Stale(format!("made at {}, which is too long ago", said(self.issued_at))));
        }
        Ok(())
    }
}

/// What a request is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The address that it came to.
    pub destination: &'a str,
    /// Whether it must say that it was sent there: one that is signed must.
    pub must_say_where: bool,
    /// The moment.
    pub now: OffsetDateTime,
    /// How far the two clocks may differ.
    pub skew: Duration,
    /// For how long one counts.
    pub lifetime: Duration,
}

/// Whom a Subject names; one without a NameID says only how it would be confirmed.
fn subject(subject: Node<'_, '_>) -> Result<Option<String>, Error> {
    let of = |name| at_most_one(subject, (ASSERTION, name), "a Subject with two identifiers");
    if of("EncryptedID")?.is_some() || of("BaseID")?.is_some() {
        return Err(Error::Shape("a Subject that is not a NameID in plain text"));
    }
    Ok(of("NameID")?.map(NameId::read).transpose()?.map(|name| name.value))
}

fn context(context: Node<'_, '_>) -> Result<Option<RequestedContext>, Error> {
    let comparison = match context.attribute("Comparison") {
        None | Some("exact") => Comparison::Exact,
        Some("minimum") => Comparison::Minimum,
        Some("maximum") => Comparison::Maximum,
        Some("better") => Comparison::Better,
        Some(_) => return Err(Error::Shape("an unknown Comparison")),
    };
    let classes: Vec<String> = context
        .children()
        .filter(|node| is(*node, ASSERTION, "AuthnContextClassRef"))
        .take(CLASSES_MAX + 1)
        .map(text)
        .collect::<Result<_, _>>()?;
    if classes.len() > CLASSES_MAX {
        return Err(Error::Limit("32 AuthnContextClassRef"));
    }
    Ok(Some(RequestedContext { comparison, classes }).filter(|asked| !asked.classes.is_empty()))
}
