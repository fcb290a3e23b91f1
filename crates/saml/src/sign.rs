//! Writes and signs assertions, and signs the other messages. All are written in canonical form from the start, so that what is hashed
//! is what is sent; a test holds the form equal to what canonicalisation makes of it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;

use crate::error::Error;
use crate::key::SigningKey;
use crate::names::{ASSERTION, BEARER, DSIG, ENVELOPED, EXCLUSIVE, PROTOCOL, SHA256 as SHA256_URI};
use crate::reading::identifier;
use crate::status::Status;
use crate::writer::{Xml, instant};

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
    /// When made, and when the person signed in.
    pub issued_at: OffsetDateTime,
    /// Valid from.
    pub not_before: OffsetDateTime,
    /// Valid until, exclusive.
    pub not_on_or_after: OffsetDateTime,
    /// When the session that follows has to end.
    pub session_not_on_or_after: Option<OffsetDateTime>,
    /// Attribute names and values.
    pub attributes: &'a [(&'a str, &'a [&'a str])],
}

/// A signed assertion.
pub fn assertion(new: &NewAssertion<'_>, key: &SigningKey) -> Result<String, Error> {
    enveloped(new.id, (&head(new)?, &tail(new)?), key)
}

/// Signs the element of an ID, which is written in canonical form but for its signature: that goes between the two parts, right behind
/// the Issuer.
pub(crate) fn enveloped(id: &str, (head, tail): (&str, &str), key: &SigningKey) -> Result<String, Error> {
    let hash = STANDARD.encode(digest(&SHA256, format!("{head}{tail}").as_bytes()));
    Ok(format!("{head}{}{tail}", signature(id, &hash, key)?))
}

/// A Response of the given ID with a signed assertion: what the browser posts to the recipient.
pub fn response(id: &str, new: &NewAssertion<'_>, key: &SigningKey) -> Result<String, Error> {
    let mut out = Xml::default();
    out.open(
        "samlp:Response",
        &[
            ("xmlns:samlp", Some(PROTOCOL)),
            ("Destination", Some(new.recipient)),
            ("ID", Some(identifier(id)?)),
            ("InResponseTo", new.in_response_to),
            ("IssueInstant", Some(&instant(new.issued_at)?)),
            ("Version", Some("2.0")),
        ],
    )?;
    out.leaf("saml:Issuer", &[("xmlns:saml", Some(ASSERTION))], new.issuer)?;
    Status::success().write(&mut out)?;
    out.raw(&assertion(new, key)?);
    out.close("samlp:Response");
    Ok(out.text())
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
            ("AuthnInstant", Some(&instant(new.issued_at)?)),
            ("SessionIndex", Some(new.id)),
            ("SessionNotOnOrAfter", session.as_deref()),
        ],
    )?;
    out.open("saml:AuthnContext", &[])?;
    out.leaf("saml:AuthnContextClassRef", &[], "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")?;
    out.close("saml:AuthnContext");
    out.close("saml:AuthnStatement");
    if !new.attributes.is_empty() {
        out.open("saml:AttributeStatement", &[])?;
        for (name, values) in new.attributes {
            out.open("saml:Attribute", &[("Name", Some(name))])?;
            for value in *values {
                out.leaf("saml:AttributeValue", &[], value)?;
            }
            out.close("saml:Attribute");
        }
        out.close("saml:AttributeStatement");
    }
    out.close("saml:Assertion");
    Ok(out.text())
}

/// The Signature element. SignedInfo is hashed with the namespace declaration that it inherits from its parent in the message.
fn signature(id: &str, hash: &str, key: &SigningKey) -> Result<String, Error> {
    let algorithm = key.algorithm();
    let content = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{algorithm}\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform>\
         <ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{SHA256_URI}\"></ds:DigestMethod><ds:DigestValue>{hash}</ds:DigestValue></ds:Reference>"
    );
    let hashed = format!("<ds:SignedInfo xmlns:ds=\"{DSIG}\">{content}</ds:SignedInfo>");
    let value = STANDARD.encode(key.sign(hashed.as_bytes())?);
    let certificate = STANDARD.encode(key.certificate());
    Ok(format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo>{content}</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    ))
}
