//! An assertion as a value, read from verified text alone, and its check against a moment, an audience and a recipient: the rules of
//! the Web Browser SSO profile (SAML profiles 4.1.4.2 and 4.1.4.3).

use roxmltree::{Document, Node};
use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::name_id::NameId;
use crate::names;
use crate::reading::{at_most_one, children, instant, is, said, text};
use crate::verify::Signed;

/// What an identity provider says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Unique: whoever accepts it remembers this until `not_on_or_after`.
    pub id: String,
    /// The identity provider's entity ID.
    pub issuer: String,
    /// The person.
    pub name_id: NameId,
    /// Whom it is meant for.
    pub audiences: Vec<String>,
    /// Where it is to be delivered.
    pub recipient: String,
    /// The request that it answers.
    pub in_response_to: Option<String>,
    /// Valid from.
    pub not_before: Option<OffsetDateTime>,
    /// Valid until, exclusive: the earliest of its bounds.
    pub not_on_or_after: OffsetDateTime,
    /// When the person signed in there.
    pub authn_instant: Option<OffsetDateTime>,
    /// How they did, a URI.
    pub authn_context_class: Option<String>,
    /// What the identity provider calls the session there: a LogoutRequest names it.
    pub session_index: Option<String>,
    /// When the session that follows has to end.
    pub session_not_on_or_after: Option<OffsetDateTime>,
    /// Attribute names and their values, in their order.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// What an assertion is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The entity IDs of the receiver: one must be an audience.
    pub audiences: &'a [&'a str],
    /// The addresses that the receiver takes assertions at.
    pub recipients: &'a [&'a str],
    /// The moment.
    pub now: OffsetDateTime,
    /// How far the two clocks may differ.
    pub skew: Duration,
}

impl Assertion {
    /// Reads the one assertion of a verified message.
    pub fn read(signed: &Signed) -> Result<Self, Error> {
        let document = Document::parse(signed.as_str()).map_err(|error| Error::Xml(error.to_string()))?;
        let mut found = document.descendants().filter(|node| is(*node, names::ASSERTION, "Assertion"));
        let (Some(assertion), None) = (found.next(), found.next()) else {
            return Err(Error::Shape("not exactly one Assertion"));
        };
        read(assertion)
    }

    /// The values of an attribute; none where it is absent.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let attributes = self.attributes.iter().filter(move |(found, _)| found == name);
        attributes.flat_map(|(_, values)| values.iter().map(String::as_str))
    }

    /// Whether it is meant for this receiver, at this moment.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), Error> {
        if !self.audiences.iter().any(|audience| expected.audiences.contains(&audience.as_str())) {
            return Err(Error::Audience(self.audiences.clone()));
        }
        if !expected.recipients.contains(&self.recipient.as_str()) {
            return Err(Error::Recipient(self.recipient.clone()));
        }
        let from = self.not_before.map(|from| from.saturating_sub(expected.skew));
        if let Some(from) = from.filter(|from| expected.now < *from) {
            return Err(Error::NotYetValid(said(from)));
        }
        if expected.now >= self.not_on_or_after.saturating_add(expected.skew) {
            return Err(Error::Expired(said(self.not_on_or_after)));
        }
        Ok(())
    }
}

fn read(assertion: Node<'_, '_>) -> Result<Assertion, Error> {
    if assertion.attribute("Version") != Some("2.0") {
        return Err(Error::Shape("an Assertion of another version than 2.0"));
    }
    let subject = one(assertion, "Subject")?;
    let name_id = one(subject, "NameID")?;
    let confirmation = bearer(subject)?;
    let data = one(confirmation, "SubjectConfirmationData")?;
    if data.attribute("NotBefore").is_some() {
        return Err(Error::Shape("a bearer confirmation with NotBefore"));
    }
    let confirmed =
        instant(data, "NotOnOrAfter")?.ok_or(Error::Shape("a confirmation without NotOnOrAfter"))?;
    let conditions = one(assertion, "Conditions")?;
    let until = instant(conditions, "NotOnOrAfter")?.map_or(confirmed, |until| until.min(confirmed));
    let statement = one(assertion, "AuthnStatement")?;
    Ok(Assertion {
        id: required(assertion, "ID")?,
        issuer: text(one(assertion, "Issuer")?)?,
        name_id: NameId::read(name_id)?,
        audiences: audiences(conditions)?,
        recipient: required(data, "Recipient")?,
        in_response_to: data.attribute("InResponseTo").map(str::to_owned),
        not_before: instant(conditions, "NotBefore")?,
        not_on_or_after: until,
        authn_instant: instant(statement, "AuthnInstant")?,
        authn_context_class: context_class(statement)?,
        session_index: statement
            .attribute("SessionIndex")
            .filter(|index| !index.is_empty())
            .map(str::to_owned),
        session_not_on_or_after: instant(statement, "SessionNotOnOrAfter")?,
        attributes: attributes(assertion)?,
    })
}

/// The class of the one context. A context may be described by a declaration instead, which nobody here reads.
fn context_class(statement: Node<'_, '_>) -> Result<Option<String>, Error> {
    let several = "an AuthnStatement with two AuthnContext or AuthnContextClassRef";
    let Some(context) = at_most_one(statement, (names::ASSERTION, "AuthnContext"), several)? else {
        return Ok(None);
    };
    let class = at_most_one(context, (names::ASSERTION, "AuthnContextClassRef"), several)?;
    Ok(class.map(text).transpose()?.filter(|class| !class.is_empty()))
}

/// The confirmation by which whoever brings the assertion is its subject. Others may stand beside it (SAML core 2.4.1: any of them is enough); several of
/// this method would each name another place and time, of which one had to be chosen.
fn bearer<'a, 'i>(subject: Node<'a, 'i>) -> Result<Node<'a, 'i>, Error> {
    let mut bearers = all(subject, "SubjectConfirmation")?;
    bearers.retain(|node| node.attribute("Method") == Some(names::BEARER));
    match bearers.as_slice() {
        [only] => Ok(*only),
        [] => Err(Error::Shape("no SubjectConfirmation of the method bearer")),
        _ => Err(Error::Shape("more than one SubjectConfirmation of the method bearer")),
    }
}

/// The audiences that every restriction names: all of them must be met (SAML core 2.5.1.4). A condition that is not known cannot be met (SAML core 2.5.1.1).
fn audiences(conditions: Node<'_, '_>) -> Result<Vec<String>, Error> {
    let known = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
    if !children(conditions)?.iter().all(|node| known.iter().any(|name| is(*node, names::ASSERTION, name))) {
        return Err(Error::Shape("an unknown condition"));
    }
    let restrictions = all(conditions, "AudienceRestriction")?;
    let mut named = restrictions.into_iter().map(|restriction| -> Result<Vec<String>, Error> {
        let audience = |node| is(node, names::ASSERTION, "Audience").then_some(node);
        let alone = Error::Shape("an AudienceRestriction holds Audience alone");
        let nodes = children(restriction)?.into_iter();
        nodes.map(|node| text(audience(node).ok_or_else(|| alone.clone())?)).collect()
    });
    let mut audiences = named.next().ok_or(Error::Shape("no AudienceRestriction"))??;
    for further in named {
        let further = further?;
        audiences.retain(|audience| further.contains(audience));
    }
    Ok(audiences)
}

fn attributes(assertion: Node<'_, '_>) -> Result<Vec<(String, Vec<String>)>, Error> {
    let mut attributes = Vec::new();
    for statement in all(assertion, "AttributeStatement")? {
        for attribute in all(statement, "Attribute")? {
            let values = all(attribute, "AttributeValue")?;
            // A value that holds elements is none that anybody here reads; it must not make the others unreadable.
            let values = values.into_iter().filter_map(|value| text(value).ok()).collect();
            attributes.push((required(attribute, "Name")?, values));
        }
    }
    Ok(attributes)
}

fn all<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Vec<Node<'a, 'i>>, Error> {
    Ok(children(parent)?.into_iter().filter(|node| is(*node, names::ASSERTION, name)).collect())
}

fn one<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>, Error> {
    match all(parent, name)?.as_slice() {
        [only] => Ok(*only),
        _ => Err(Error::Shape("not exactly one Issuer, Subject, NameID, Conditions or AuthnStatement")),
    }
}

fn required(element: Node<'_, '_>, name: &str) -> Result<String, Error> {
    let value = element.attribute(name).filter(|value| !value.is_empty());
    value.map(str::to_owned).ok_or(Error::Shape("without ID, Recipient or Name"))
}
