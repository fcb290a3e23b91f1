//! Single logout (SAML core 3.7, profiles 4.4): the request that ends sessions and its answer, written and read in both roles. They are
//! read from verified text alone: whoever can end a stranger's session without proof can end everybody's. Whose sessions they are, and
//! that a request did not come before, is the caller's.

use roxmltree::{Document, Node};
use time::{Duration, OffsetDateTime};

use crate::envelope::{Envelope, Kind};
use crate::error::Error;
use crate::key::SigningKey;
use crate::name_id::NameId;
use crate::names::{ASSERTION, PROTOCOL};
use crate::reading::{at_most_one, identifier, instant as read_instant, is, said, text};
use crate::sign::enveloped;
use crate::status::Status;
use crate::verify::Signed;
use crate::writer::{Xml, instant};

/// A request to write.
#[derive(Debug, Clone, Copy)]
pub struct NewLogoutRequest<'a> {
    /// Its ID, which the answer names: random, never used before.
    pub id: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    /// When made.
    pub issued_at: OffsetDateTime,
    /// The receiver's address.
    pub destination: &'a str,
    /// Until when it counts, exclusive.
    pub not_on_or_after: Option<OffsetDateTime>,
    /// Whose sessions are to end, as the assertion named them.
    pub name_id: &'a NameId,
    /// Which of them, as the assertions named them; all of them where none is named.
    pub session_indexes: &'a [&'a str],
}

impl NewLogoutRequest<'_> {
    /// The text: for a query string, which is signed itself.
    pub fn write(&self) -> Result<String, Error> {
        let (head, tail) = self.parts()?;
        Ok(head + &tail)
    }

    /// The text, signed: for a form.
    pub fn write_signed(&self, key: &SigningKey) -> Result<String, Error> {
        let (head, tail) = self.parts()?;
        enveloped(self.id, (&head, &tail), key)
    }

    fn parts(&self) -> Result<(String, String), Error> {
        let until = self.not_on_or_after.map(instant).transpose()?;
        let head = head(
            "samlp:LogoutRequest",
            [
                ("Destination", Some(self.destination)),
                ("ID", Some(identifier(self.id)?)),
                ("IssueInstant", Some(&instant(self.issued_at)?)),
                ("NotOnOrAfter", until.as_deref()),
            ],
            self.issuer,
        )?;
        let mut out = Xml::default();
        self.name_id.write(&mut out, Some(ASSERTION))?;
        for index in self.session_indexes {
            out.leaf("samlp:SessionIndex", &[], index)?;
        }
        out.close("samlp:LogoutRequest");
        Ok((head, out.text()))
    }
}

/// An answer to write.
#[derive(Debug, Clone, Copy)]
pub struct NewLogoutResponse<'a> {
    /// Its ID: random, never used before.
    pub id: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    /// When made.
    pub issued_at: OffsetDateTime,
    /// The receiver's address for answers.
    pub destination: &'a str,
    /// The request's ID.
    pub in_response_to: &'a str,
    /// What became of it.
    pub status: &'a Status,
}

impl NewLogoutResponse<'_> {
    /// The text: for a query string, which is signed itself.
    pub fn write(&self) -> Result<String, Error> {
        let (head, tail) = self.parts()?;
        Ok(head + &tail)
    }

    /// The text, signed: for a form.
    pub fn write_signed(&self, key: &SigningKey) -> Result<String, Error> {
        let (head, tail) = self.parts()?;
        enveloped(self.id, (&head, &tail), key)
    }

    fn parts(&self) -> Result<(String, String), Error> {
        let head = head(
            "samlp:LogoutResponse",
            [
                ("Destination", Some(self.destination)),
                ("ID", Some(identifier(self.id)?)),
                ("InResponseTo", Some(self.in_response_to)),
                ("IssueInstant", Some(&instant(self.issued_at)?)),
            ],
            self.issuer,
        )?;
        let mut out = Xml::default();
        self.status.write(&mut out)?;
        out.close("samlp:LogoutResponse");
        Ok((head, out.text()))
    }
}

/// Up to the place of the signature. The attributes are in canonical order, and `Version` is behind all of them.
fn head(name: &str, attributes: [(&str, Option<&str>); 4], issuer: &str) -> Result<String, Error> {
    let [first, second, third, fourth] = attributes;
    let mut out = Xml::default();
    out.open(
        name,
        &[("xmlns:samlp", Some(PROTOCOL)), first, second, third, fourth, ("Version", Some("2.0"))],
    )?;
    out.leaf("saml:Issuer", &[("xmlns:saml", Some(ASSERTION))], issuer)?;
    Ok(out.text())
}

/// A request that was received and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Its ID, for the answer: whoever accepts it remembers this.
    pub id: String,
    /// The sender's entity ID.
    pub issuer: String,
    /// Where it was sent to.
    pub destination: Option<String>,
    /// When it was made.
    pub issued_at: OffsetDateTime,
    /// Until when it counts, exclusive.
    pub not_on_or_after: Option<OffsetDateTime>,
    /// Whose sessions are to end.
    pub name_id: NameId,
    /// Which of them; all of them where none is named.
    pub session_indexes: Vec<String>,
}

/// What a message is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The addresses that the receiver takes such messages at.
    pub destinations: &'a [&'a str],
    /// The moment.
    pub now: OffsetDateTime,
    /// How far the two clocks may differ.
    pub skew: Duration,
    /// For how long one counts that does not say it.
    pub lifetime: Duration,
}

impl LogoutRequest {
    /// Reads a verified message.
    pub fn read(signed: &Signed) -> Result<Self, Error> {
        let document = Document::parse(signed.as_str()).map_err(|error| Error::Xml(error.to_string()))?;
        let root = document.root_element();
        let (envelope, issuer) = outside(root, Kind::LogoutRequest)?;
        let of = |name| at_most_one(root, (ASSERTION, name), "a LogoutRequest about two subjects");
        if of("EncryptedID")?.is_some() || of("BaseID")?.is_some() {
            return Err(Error::Shape("a LogoutRequest whose subject is not a NameID in plain text"));
        }
        let name_id = of("NameID")?.ok_or(Error::Shape("a LogoutRequest without NameID"))?;
        let indexes = root.children().filter(|node| is(*node, PROTOCOL, "SessionIndex"));
        Ok(Self {
            id: envelope.id,
            issuer,
            destination: envelope.destination,
            issued_at: envelope.issued_at,
            not_on_or_after: read_instant(root, "NotOnOrAfter")?,
            name_id: NameId::read(name_id)?,
            session_indexes: indexes.map(text).collect::<Result<_, _>>()?,
        })
    }

    /// Whether it was sent here, and counts at this moment.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), Error> {
        here(self.destination.as_deref(), expected)?;
        fresh(self.issued_at, self.good_until(expected.lifetime), expected)
    }

    /// Until when it counts, clocks aside: as it says, and never longer than `lifetime`, for whoever takes it remembers it until then.
    pub fn good_until(&self, lifetime: Duration) -> OffsetDateTime {
        let most = self.issued_at.saturating_add(lifetime);
        self.not_on_or_after.map_or(most, |until| until.min(most))
    }
}

/// An answer that was received and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutResponse {
    /// Its ID.
    pub id: String,
    /// The sender's entity ID.
    pub issuer: String,
    /// Where it was sent to.
    pub destination: Option<String>,
    /// When it was made.
    pub issued_at: OffsetDateTime,
    /// The request that it answers: the caller knows which it sent.
    pub in_response_to: String,
    /// What became of that.
    pub status: Status,
}

impl LogoutResponse {
    /// Reads a verified message.
    pub fn read(signed: &Signed) -> Result<Self, Error> {
        let document = Document::parse(signed.as_str()).map_err(|error| Error::Xml(error.to_string()))?;
        let root = document.root_element();
        let (envelope, issuer) = outside(root, Kind::LogoutResponse)?;
        Ok(Self {
            id: envelope.id,
            issuer,
            destination: envelope.destination,
            issued_at: envelope.issued_at,
            in_response_to: envelope
                .in_response_to
                .ok_or(Error::Shape("a LogoutResponse without InResponseTo"))?,
            status: Status::read(root)?,
        })
    }

    /// Whether it was sent here, and lately.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), Error> {
        here(self.destination.as_deref(), expected)?;
        fresh(self.issued_at, self.issued_at.saturating_add(expected.lifetime), expected)
    }
}

fn outside(root: Node<'_, '_>, kind: Kind) -> Result<(Envelope, String), Error> {
    let mut envelope = Envelope::of(root)?;
    if envelope.kind != kind {
        return Err(Error::Shape("a message of another kind than the one that is expected"));
    }
    let issuer = envelope.issuer.take().ok_or(Error::Shape("a message without Issuer"))?;
    Ok((envelope, issuer))
}

/// A signed message must say where it was sent to, so that nobody passes it on to another receiver (SAML bindings 3.4.5.2, 3.5.5.2).
fn here(destination: Option<&str>, expected: &Expected<'_>) -> Result<(), Error> {
    match destination {
        Some(destination) if expected.destinations.contains(&destination) => Ok(()),
        other => Err(Error::Destination(other.unwrap_or_default().to_owned())),
    }
}

fn fresh(from: OffsetDateTime, until: OffsetDateTime, expected: &Expected<'_>) -> Result<(), Error> {
    if expected.now < from.saturating_sub(expected.skew) {
        return Err(Error::Stale(format!("made at {}, which is yet to come", said(from))));
    }
    if expected.now >= until.saturating_add(expected.skew) {
        return Err(Error::Stale(format!("good until {}, which is past", said(until))));
    }
    Ok(())
}
