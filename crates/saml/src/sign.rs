//! Writes and signs assertions, and signs the other messages. All are written in canonical form from the start, so that what is hashed
//! is what is sent; a test holds the form equal to what canonicalisation makes of it.

use aws_lc_rs::digest::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;

use crate::encrypting::Encryption;
use crate::error::Error;
use crate::key::SigningKey;
use crate::names::{ASSERTION, BEARER, DSIG, ENVELOPED, EXCLUSIVE, PROTOCOL};
use crate::reading::identifier;
use crate::status::Status;
use crate::writer::{Xml, instant};

/// How a person signed in, where nothing is said of it.
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";

/// What an assertion is to say.
#[derive(Debug, Clone, Copy)]
pub struct NewAssertion<'a> {
    /// Its ID: a letter or `_`, then letters, digits, `_`, `-` and `.`; never used before.
    pub id: &'a str,
    /// The identity provider's entity ID.
    pub issuer: &'a str,
    /// The person.
    pub name_id: &'a str,
    /// The kind of identifier, a URI.
    pub name_id_format: &'a str,
    /// Whom it is meant for.
    pub audience: &'a str,
    /// Where it will be delivered.
    pub recipient: &'a str,
    /// The request that it answers.
    pub in_response_to: Option<&'a str>,
    /// When made.
    pub issued_at: OffsetDateTime,
    /// When the person signed in; when it was made where nothing is said.
    pub authn_instant: Option<OffsetDateTime>,
    /// How they did, a URI; unspecified where nothing is said.
    pub authn_context_class: Option<&'a str>,
    /// What the session is called, for a LogoutRequest; the ID where nothing is said.
    pub session_index: Option<&'a str>,
    /// Valid from.
    pub not_before: OffsetDateTime,
    /// Valid until, exclusive.
    pub not_on_or_after: OffsetDateTime,
    /// When the session that follows has to end.
    pub session_not_on_or_after: Option<OffsetDateTime>,
    /// What is said of the person beside that.
    pub attributes: &'a [Attribute<'a>],
}

/// An attribute of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// What kind of name that is, a URI.
    pub name_format: Option<&'a str>,
    /// Its values.
    pub values: &'a [&'a str],
}

impl<'a> Attribute<'a> {
    /// One whose name is of no kind in particular.
    pub const fn new(name: &'a str, values: &'a [&'a str]) -> Self {
        Self { name, name_format: None, values }
    }
}

/// A signed assertion.
pub fn assertion(new: &NewAssertion<'_>, key: &SigningKey) -> Result<String, Error> {
    enveloped(new.id, (&head(new)?, &tail(new)?), key)
}

/// Signs the element of an ID, which is written in canonical form but for its signature: that goes between the two parts, right behind
/// the Issuer.
pub(crate) fn enveloped(id: &str, (head, tail): (&str, &str), key: &SigningKey) -> Result<String, Error> {
    let hash = STANDARD.encode(digest(key.digest().0, format!("{head}{tail}").as_bytes()));
    Ok(format!("{head}{}{tail}", signature(id, &hash, key)?))
}

/// A Response of the given ID with a signed assertion: what the browser posts to the recipient.
pub fn response(id: &str, new: &NewAssertion<'_>, key: &SigningKey) -> Result<String, Error> {
    NewResponse { id, assertion: new, is_signed: false, encryption: None }.write(key)
}

/// A Response that brings an assertion.
#[derive(Debug, Clone, Copy)]
pub struct NewResponse<'a> {
    /// Its ID, of the form of an assertion's and another than that.
    pub id: &'a str,
    /// What it brings. That is signed in any case: there are receivers who look at nothing else.
    pub assertion: &'a NewAssertion<'a>,
    /// Whether the Response is signed too.
    pub is_signed: bool,
    /// For whom the assertion is encrypted, if for anybody.
    pub encryption: Option<&'a Encryption<'a>>,
}

impl NewResponse<'_> {
    /// The text.
    pub fn write(&self, key: &SigningKey) -> Result<String, Error> {
        let new = self.assertion;
        let outside = Outside {
            id: self.id,
            issuer: new.issuer,
            destination: new.recipient,
            in_response_to: new.in_response_to,
            issued_at: new.issued_at,
        };
        let plain = assertion(new, key)?;
        let content = match self.encryption {
            None => plain,
            Some(encryption) => encryption.element(&plain)?,
        };
        outside.written(&Status::success(), &content, self.is_signed.then_some(key))
    }
}

/// A Response that brings none: why nobody is signed in.
#[derive(Debug, Clone, Copy)]
pub struct NewRefusal<'a> {
    /// Its ID: random, never used before.
    pub id: &'a str,
    /// The identity provider's entity ID.
    pub issuer: &'a str,
    /// Where it will be delivered.
    pub destination: &'a str,
    /// The request that it answers.
    pub in_response_to: &'a str,
    /// When made.
    pub issued_at: OffsetDateTime,
    /// Why.
    pub status: &'a Status,
}

impl NewRefusal<'_> {
    /// The text, signed as a whole: there is nothing else to sign.
    pub fn write_signed(&self, key: &SigningKey) -> Result<String, Error> {
        let outside = Outside {
            id: self.id,
            issuer: self.issuer,
            destination: self.destination,
            in_response_to: Some(self.in_response_to),
            issued_at: self.issued_at,
        };
        outside.written(self.status, "", Some(key))
    }
}

/// What every Response says of itself.
struct Outside<'a> {
    id: &'a str,
    issuer: &'a str,
    destination: &'a str,
    in_response_to: Option<&'a str>,
    issued_at: OffsetDateTime,
}

impl Outside<'_> {
    fn written(&self, status: &Status, content: &str, key: Option<&SigningKey>) -> Result<String, Error> {
        let mut out = Xml::default();
        out.open(
            "samlp:Response",
            &[
                ("xmlns:samlp", Some(PROTOCOL)),
                ("Destination", Some(self.destination)),
                ("ID", Some(identifier(self.id)?)),
                ("InResponseTo", self.in_response_to),
                ("IssueInstant", Some(&instant(self.issued_at)?)),
                ("Version", Some("2.0")),
            ],
        )?;
        out.leaf("saml:Issuer", &[("xmlns:saml", Some(ASSERTION))], self.issuer)?;
        let (head, mut out) = (out.text(), Xml::default());
        status.write(&mut out)?;
        out.raw(content);
        out.close("samlp:Response");
        let tail = out.text();
        match key {
            Some(key) => enveloped(self.id, (&head, &tail), key),
            None => Ok(head + &tail),
        }
    }
}

/// Up to the place of the signature: right behind the Issuer.
fn head(new: &NewAssertion<'_>) -> Result<String, Error> {
    let mut out = Xml::default();
    out.open(
        "saml:Assertion",
        &[
            ("xmlns:saml", Some(ASSERTION)),
            ("ID", Some(identifier(new.id)?)),
            ("IssueInstant", Some(&instant(new.issued_at)?)),
            ("Version", Some("2.0")),
        ],
    )?;
    out.leaf("saml:Issuer", &[], new.issuer)?;
    Ok(out.text())
}

fn tail(new: &NewAssertion<'_>) -> Result<String, Error> {
    let mut out = Xml::default();
    let until = instant(new.not_on_or_after)?;
    out.open("saml:Subject", &[])?;
    out.leaf("saml:NameID", &[("Format", Some(new.name_id_format))], new.name_id)?;
    out.open("saml:SubjectConfirmation", &[("Method", Some(BEARER))])?;
    let data = [
        ("InResponseTo", new.in_response_to),
        ("NotOnOrAfter", Some(&*until)),
        ("Recipient", Some(new.recipient)),
    ];
    out.leaf("saml:SubjectConfirmationData", &data, "")?;
    out.close("saml:SubjectConfirmation");
    out.close("saml:Subject");
    let from = instant(new.not_before)?;
    out.open("saml:Conditions", &[("NotBefore", Some(&from)), ("NotOnOrAfter", Some(&until))])?;
    out.open("saml:AudienceRestriction", &[])?;
    out.leaf("saml:Audience", &[], new.audience)?;
    out.close("saml:AudienceRestriction");
    out.close("saml:Conditions");
    let session = new.session_not_on_or_after.map(instant).transpose()?;
    out.open(
        "saml:AuthnStatement",
        &[
            ("AuthnInstant", Some(&instant(new.authn_instant.unwrap_or(new.issued_at))?)),
            ("SessionIndex", Some(new.session_index.unwrap_or(new.id))),
            ("SessionNotOnOrAfter", session.as_deref()),
        ],
    )?;
    out.open("saml:AuthnContext", &[])?;
    out.leaf("saml:AuthnContextClassRef", &[], new.authn_context_class.unwrap_or(UNSPECIFIED))?;
    out.close("saml:AuthnContext");
    out.close("saml:AuthnStatement");
    attributes(&mut out, new.attributes)?;
    out.close("saml:Assertion");
    Ok(out.text())
}

fn attributes(out: &mut Xml, attributes: &[Attribute<'_>]) -> Result<(), Error> {
    if attributes.is_empty() {
        return Ok(());
    }
    out.open("saml:AttributeStatement", &[])?;
    for attribute in attributes {
        out.open("saml:Attribute", &[("Name", Some(attribute.name)), ("NameFormat", attribute.name_format)])?;
        for value in attribute.values {
            out.leaf("saml:AttributeValue", &[], value)?;
        }
        out.close("saml:Attribute");
    }
    out.close("saml:AttributeStatement");
    Ok(())
}

/// The Signature element. SignedInfo is hashed with the namespace declaration that it inherits from its parent in the message.
fn signature(id: &str, hash: &str, key: &SigningKey) -> Result<String, Error> {
    let (algorithm, digest) = (key.algorithm(), key.digest().1);
    let content = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{algorithm}\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform>\
         <ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{digest}\"></ds:DigestMethod><ds:DigestValue>{hash}</ds:DigestValue></ds:Reference>"
    );
    let hashed = format!("<ds:SignedInfo xmlns:ds=\"{DSIG}\">{content}</ds:SignedInfo>");
    let value = STANDARD.encode(key.sign(hashed.as_bytes())?);
    let certificate = STANDARD.encode(key.certificate());
    Ok(format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo>{content}</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    ))
}
