//! What stands in an assertion: who somebody is to an application, what it is told of them, how long that holds. Filled from the settings, which were judged
//! when they were written.

use model::applications::saml_application::{
    AssertionEncryption, ContentEncryption, KeyEncryption, SamlSettings,
};
use model::cx::Cx;
use model::directory::user::User;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::signin::portal_session::PortalSession;
use saml::certificate::Certificate;
use saml::encrypting::{Content, Encryption, Wrapping};
use saml::key::SigningKey;
use saml::sign::{Attribute, NewAssertion, NewResponse};
use store::directory::{groups as group_rows, memberships};
use store::tx::Rx;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::attribute_templates::{InGroup, Person, Template};
use crate::authn_contexts::since;
use crate::saml_applications::kept_certificate;
use crate::saml_certificates::moment;

/// How long an assertion may be delivered, and how far an application's clock may be behind.
const DELIVERY: Duration = Duration::minutes(5);
const BEHIND: Duration = Duration::minutes(1);

/// What is said that is not in the settings.
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) response_id: String,
    pub(crate) issuer: String,
    pub(crate) recipient: String,
    pub(crate) in_response_to: Option<String>,
    pub(crate) class: &'static str,
    pub(crate) session_index: String,
    pub(crate) name_id: String,
}

/// The groups of a person, where the settings tell of them.
pub(crate) fn groups(rx: &mut Rx<'_>, settings: &SamlSettings, user: &User) -> Result<Vec<InGroup>, Fault> {
    if !settings.attributes.iter().any(|mapping| mapping.value.contains("${user:group")) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for id in memberships::groups(rx, &user.id)? {
        if let Some(group) = group_rows::find(rx, &user.identity_store_id, &id)? {
            found.push(InGroup { id: id.to_string(), name: group.display_name });
        }
    }
    Ok(found)
}

/// What a person is called where that is not random.
pub(crate) fn name_id(settings: &SamlSettings, person: &Person<'_>) -> Result<String, Fault> {
    let subject = &settings.subject;
    let text = subject.value.as_deref().or(subject.format.usual());
    let text = text.ok_or_else(|| Fault::internal("an identifier without a template"))?;
    let template = Template::parse("Subject.Value", text)?;
    let unnamed = || {
        let called = text.to_owned();
        Fault::say(FaultKind::Forbidden, Saying::ApplicationUnnamed { called })
    };
    template.fill(person).into_iter().next().ok_or_else(unnamed)
}

/// The Response, signed as the settings say.
pub(crate) fn told(
    cx: &Cx,
    new: &Told,
    (settings, session): (&SamlSettings, &PortalSession),
    (person, key): (&Person<'_>, &SigningKey),
) -> Result<String, Fault> {
    let now = moment(cx)?;
    let mut attributes = Vec::new();
    for mapping in &settings.attributes {
        let values = Template::parse(&mapping.name, &mapping.value)?.fill(person);
        // What is not known of a person is left out: an empty value would say that it is known to be empty.
        if !values.is_empty() {
            attributes.push((mapping, values));
        }
    }
    let values: Vec<Vec<&str>> =
        attributes.iter().map(|(_, values)| values.iter().map(String::as_str).collect()).collect();
    let attributes: Vec<Attribute<'_>> = attributes
        .iter()
        .zip(&values)
        .map(|((mapping, _), values)| Attribute {
            name: &mapping.name,
            name_format: Some(mapping.format.uri()),
            values,
        })
        .collect();
    let assertion = NewAssertion {
        id: &new.id,
        issuer: &new.issuer,
        name_id: &new.name_id,
        name_id_format: settings.subject.format.uri(),
        audience: &settings.audience,
        recipient: &new.recipient,
        in_response_to: new.in_response_to.as_deref(),
        issued_at: now,
        authn_instant: OffsetDateTime::from_unix_timestamp(since(session, new.class).seconds()).ok(),
        authn_context_class: Some(new.class),
        session_index: Some(&new.session_index),
        not_before: now - BEHIND,
        not_on_or_after: now + DELIVERY,
        session_not_on_or_after: Some(until(settings, session, now)?),
        attributes: &attributes,
    };
    let certificate =
        settings.encryption.as_ref().map(|kept| kept_certificate(&kept.certificate)).transpose()?;
    let both = settings.encryption.as_ref().zip(certificate.as_ref());
    let encryption = both.map(|(kept, certificate)| encryption(cx, kept, certificate));
    let response = NewResponse {
        id: &new.response_id,
        assertion: &assertion,
        is_signed: settings.sign_responses,
        encryption: encryption.as_ref(),
    };
    response.write(key).map_err(Fault::internal)
}

/// When the application's session has to end: with the person's, or before.
fn until(
    settings: &SamlSettings,
    session: &PortalSession,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, Fault> {
    let own = OffsetDateTime::from_unix_timestamp(session.expires_at.seconds()).map_err(Fault::internal)?;
    Ok(settings.session_minutes.map_or(own, |minutes| own.min(now + Duration::minutes(i64::from(minutes)))))
}

fn encryption<'a>(cx: &Cx, kept: &AssertionEncryption, certificate: &'a Certificate) -> Encryption<'a> {
    Encryption {
        certificate,
        content: match kept.content {
            ContentEncryption::Aes256Gcm => Content::Aes256Gcm,
            ContentEncryption::Aes128Gcm => Content::Aes128Gcm,
            ContentEncryption::Aes256Cbc => Content::Aes256Cbc,
            ContentEncryption::Aes128Cbc => Content::Aes128Cbc,
        },
        wrapping: match kept.key {
            KeyEncryption::OaepMgf1p => Wrapping::OaepMgf1p,
            KeyEncryption::OaepSha256 => Wrapping::OaepSha256,
        },
        key: Zeroizing::new(bytes::<32>(cx.entropy())),
        vector: bytes::<16>(cx.entropy()),
    }
}
