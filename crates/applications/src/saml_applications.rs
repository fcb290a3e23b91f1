//! PutApplicationSamlConfiguration, GetApplicationSamlConfiguration, ImportApplicationInstanceServiceProviderMetadata: what an application that speaks SAML is told, where,
//! and what it has to prove. Whatever could not be kept when somebody signs in is refused here, by its field.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::applications::application::ApplicationArn;
use model::applications::saml_application::{
    AssertionConsumer, AssertionEncryption, ContentEncryption, KeyEncryption, NameIdFormat, SamlApplication,
    SamlBinding, SamlSettings, SingleLogout,
};
use model::applications::saml_certificate::SamlCertificate;
use model::cx::Cx;
use model::fault::Fault;
use model::id::hex;
use policy::require::Action;
use saml::certificate::Certificate;
use saml::encrypting::Encryption;
use saml::metadata::{Endpoint, HTTP_POST, HTTP_REDIRECT, SpMetadata};
use saml::redirect::{Outgoing, Parameter};
use store::applications::{saml_applications, saml_certificates};
use store::db::Store;
use time::OffsetDateTime;

use crate::applications::KIND;
use crate::attribute_templates::Template;
use crate::catalog::Protocol;
use crate::gate::{speaking, told_of_people};
use crate::saml_certificates::{NewCertificate, make, moment, require_for_sha1};

/// Characters of a certificate at most: two KiB as AWS says, and the lines around them.
const PEM_MAX: usize = 4_096;
/// Addresses that a record names at most.
const TOLD_MAX: usize = 10;
/// Characters of metadata at most.
const METADATA_MAX: usize = 75_000;

/// Reads a certificate in PEM; in base64 of its DER.
fn certificate(field: &str, pem: &str) -> Result<Certificate, Fault> {
    let length = pem.chars().count();
    if length > PEM_MAX {
        return Err(Fault::validation(format!("{field} has {length} characters, {PEM_MAX} at most")));
    }
    Certificate::from_pem(pem)
        .map_err(|error| Fault::validation(format!("{field} must be one X.509 certificate in PEM: {error}")))
}

/// The settings as they are kept: certificates in base64 of their DER, templates that can be filled.
pub(crate) fn judged(settings: SamlSettings) -> Result<SamlSettings, Fault> {
    let mut settings = settings.checked()?;
    for given in &mut settings.request_certificates {
        *given = certificate("RequestCertificates", given)?.to_base64();
    }
    if let Some(encryption) = &mut settings.encryption {
        let given = certificate("Encryption.Certificate", &encryption.certificate)?;
        if !Encryption::is_possible_for(&given) {
            return Err(Fault::validation(
                "Encryption.Certificate must hold an RSA key of 2048 bits or more: nothing else is encrypted for",
            ));
        }
        encryption.certificate = given.to_base64();
    }
    if let Some(logout) = settings.single_logout.as_ref().filter(|it| it.binding == SamlBinding::Redirect) {
        leads_out("SingleLogoutService.Url", &logout.url, Parameter::Request)?;
        let mut answers = logout.response_url.iter();
        answers.try_for_each(|url| leads_out("SingleLogoutService.ResponseUrl", url, Parameter::Response))?;
    }
    let subject = settings.subject.value.as_deref().or(settings.subject.format.usual());
    if let Some(text) = subject
        && Template::parse("Subject.Value", text)?.is_several()
    {
        return Err(Fault::validation(format!(
            "Subject.Value is {text}, which may come to several values: a person is called one thing"
        )));
    }
    for (at, attribute) in settings.attributes.iter().enumerate() {
        Template::parse(&format!("AttributeMappings.{}.Value", at + 1), &attribute.value)?;
    }
    Ok(settings)
}

/// Whether a message can follow an address in its query string: what could not would hold up everybody's sign-out.
fn leads_out(field: &str, location: &str, parameter: Parameter) -> Result<(), Fault> {
    let outgoing = Outgoing { location, parameter, message: "<a/>", relay_state: None };
    outgoing
        .url()
        .map(drop)
        .map_err(|why| Fault::validation(format!("{field} cannot be sent a message: {why}")))
}

/// PutApplicationSamlConfiguration: in the place of what was decided before. The first time a key is made that signs. `agrees` to SHA-1: nobody comes to sign with it by
/// one member of a long list.
pub async fn put(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    (settings, agrees): (SamlSettings, bool),
) -> Result<(), Fault> {
    let action = Action("portico:PutApplicationSamlConfiguration");
    decide(store, cx, (action, arn), move |before| {
        require_agreement(before.is_some_and(|before| before.sign_with_sha1), &settings, agrees)?;
        Ok(settings.clone())
    })
    .await
}

/// Refuses to begin to sign with SHA-1 unless somebody agrees to just that, and an agreement to what is not asked for. What is agreed to stays so.
fn require_agreement(was_agreed: bool, settings: &SamlSettings, agrees: bool) -> Result<(), Fault> {
    match (settings.sign_with_sha1, agrees) {
        (true, false) if !was_agreed => Err(Fault::validation(
            "SigningDigest SHA1 needs AgreeToSha1 true: collisions of SHA-1 are affordable, so that whoever can have something signed for this application may come to sign something else. Decide so only for an application that verifies nothing else, and as long as that is so",
        )),
        (false, true) => {
            Err(Fault::validation("AgreeToSha1 goes with SigningDigest SHA1, and SigningDigest is SHA256"))
        }
        _ => Ok(()),
    }
}

async fn decide(
    store: &Store,
    cx: &Cx,
    (action, arn): (Action, &ApplicationArn),
    decided: impl Fn(Option<SamlSettings>) -> Result<SamlSettings, Fault> + Send + 'static,
) -> Result<(), Fault> {
    let has_key = store.read(|rx| {
        speaking(rx, cx, action, arn, Protocol::Saml)?;
        told_of_people(rx, cx, action, arn)?;
        Ok(!saml_certificates::list(rx, &arn.id)?.is_empty())
    })?;
    let made = if has_key { None } else { Some(make(cx, &arn.id, NewCertificate::default()).await?) };
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            speaking(tx, cx, action, &arn, Protocol::Saml)?;
            let before = saml_applications::find(tx, &arn.id)?.map(|found| found.settings);
            let new = SamlApplication {
                application_id: arn.id.clone(),
                settings: judged(decided(before)?)?,
                updated_at: cx.now,
                updated_by: cx.caller.arn(),
            };
            saml_applications::put(tx, &new)?;
            said_of(cx, &new.settings)?;
            if let Some(made) = &made
                && saml_certificates::list(tx, &arn.id)?.is_empty()
            {
                made.keep(tx, cx, &arn.id)?;
            }
            if new.settings.sign_with_sha1 {
                let held = saml_certificates::list(tx, &arn.id)?.into_iter().find(|held| held.is_active);
                held.as_ref().map_or(Ok(()), require_for_sha1)?;
            }
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

/// What the record says in any case, however long the request was: who is told, where, and a mark of all of it.
fn said_of(cx: &Cx, settings: &SamlSettings) -> Result<(), Fault> {
    let (event, text) = (cx.event(), serde_json::to_vec(settings).map_err(Fault::internal)?);
    event.detail("audience", settings.audience.as_str());
    let urls = settings.consumers.iter().take(TOLD_MAX).map(|consumer| consumer.url.as_str());
    event.detail("assertion_consumer_services", urls.collect::<Vec<_>>());
    event.detail("single_logout_service", settings.single_logout.as_ref().map(|logout| logout.url.as_str()));
    if settings.sign_with_sha1 {
        event.detail("signing_digest", "SHA1");
    }
    event.detail("configuration_sha256", hex(digest(&SHA256, &text).as_ref()));
    Ok(())
}

/// What was decided of an application, and the certificate whose key signs.
#[derive(Debug, Clone)]
pub struct Described {
    /// What was decided.
    pub saml: SamlApplication,
    /// The certificate.
    pub certificate: SamlCertificate,
}

/// GetApplicationSamlConfiguration.
pub fn describe(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<Described, Fault> {
    store.read(|rx| {
        speaking(rx, cx, Action("portico:GetApplicationSamlConfiguration"), arn, Protocol::Saml)?;
        let saml = saml_applications::find(rx, &arn.id)?.ok_or_else(|| {
            Fault::not_found(format!(
                "Nothing is decided of {arn} yet: PutApplicationSamlConfiguration or ImportApplicationInstanceServiceProviderMetadata does"
            ))
            .with_resource_id(arn.to_string())
        })?;
        let certificate = saml_certificates::list(rx, &arn.id)?.into_iter().find(|held| held.is_active);
        let certificate =
            certificate.ok_or_else(|| Fault::internal("an application without a key that signs"))?;
        Ok(Described { saml, certificate })
    })
}

/// What a service provider says of itself, and what is taken of it.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The document.
    pub document: String,
    /// Which entity of it is meant, if there are several.
    pub entity_id: Option<String>,
    /// Whether assertions are encrypted for the certificate that it has for that.
    pub encrypt: bool,
}

/// ImportApplicationInstanceServiceProviderMetadata: audience, addresses and certificates become what the document says; all else stays, or is as it is by default.
pub async fn import(store: &Store, cx: &Cx, arn: &ApplicationArn, imported: Imported) -> Result<(), Fault> {
    let action = Action("portico:ImportApplicationInstanceServiceProviderMetadata");
    let now = moment(cx)?;
    decide(store, cx, (action, arn), move |before| said(&imported, now, before)).await
}

pub(crate) fn said(
    imported: &Imported,
    now: OffsetDateTime,
    before: Option<SamlSettings>,
) -> Result<SamlSettings, Fault> {
    let length = imported.document.chars().count();
    if length > METADATA_MAX {
        return Err(Fault::validation(format!(
            "MetadataXml has {length} characters, {METADATA_MAX} at most"
        )));
    }
    let read = match &imported.entity_id {
        Some(named) => SpMetadata::read_named(&imported.document, named),
        None => SpMetadata::read(&imported.document),
    };
    let read = read.map_err(|error| {
        Fault::validation(format!("MetadataXml is not metadata of a SAML 2.0 service provider: {error}"))
    })?;
    if let Some(until) = read.valid_until.filter(|until| *until <= now) {
        return Err(Fault::validation(format!("MetadataXml was valid until {until}, which is past")));
    }
    let consumers = consumers(&read.assertion_consumers)?;
    let encryption = match (imported.encrypt, read.encryption_certificates.first()) {
        (false, _) => None,
        (true, Some(certificate)) => Some(AssertionEncryption {
            certificate: certificate.to_base64(),
            content: ContentEncryption::Aes256Gcm,
            key: KeyEncryption::OaepMgf1p,
        }),
        (true, None) => {
            return Err(Fault::validation(
                "Encrypt is set, and MetadataXml has no certificate to encrypt for",
            ));
        }
    };
    let format = read.name_id_formats.iter().find_map(|uri| NameIdFormat::of_uri(uri));
    let request_certificates: Vec<String> = read.certificates.iter().map(Certificate::to_base64).collect();
    let from = before.unwrap_or_else(|| {
        SamlSettings::new(String::new(), Vec::new(), format.unwrap_or(NameIdFormat::Unspecified))
    });
    Ok(SamlSettings {
        audience: read.entity_id,
        consumers,
        encryption: encryption.or(from.encryption),
        // What had to be signed has to be: if nothing proves it any more, the settings as a whole are refused.
        require_signed_requests: from.require_signed_requests
            || read.signs_requests && !request_certificates.is_empty(),
        // Without a key that proves a sign-out there is none.
        single_logout: single_logout(&read.single_logout).filter(|_| !request_certificates.is_empty()),
        request_certificates,
        ..from
    })
}

/// The addresses that take forms, the default first; one without a number gets the next that is free.
fn consumers(said: &[Endpoint]) -> Result<Vec<AssertionConsumer>, Fault> {
    let forms: Vec<&Endpoint> = said.iter().filter(|endpoint| endpoint.binding == HTTP_POST).collect();
    let mut free = (0..=u16::MAX).filter(|index| forms.iter().all(|endpoint| endpoint.index != Some(*index)));
    forms
        .iter()
        .map(|endpoint| {
            let index = endpoint.index.or_else(|| free.next());
            let index = index.ok_or_else(|| Fault::validation("MetadataXml numbers too many addresses"))?;
            Ok(AssertionConsumer { url: endpoint.location.clone(), index })
        })
        .collect()
}

/// Where it takes sign-outs: in a query string, if it does.
fn single_logout(said: &[Endpoint]) -> Option<SingleLogout> {
    let by = |uri: &str, binding| {
        let found = said.iter().find(|endpoint| endpoint.binding == uri)?;
        Some(SingleLogout {
            url: found.location.clone(),
            response_url: found.response_location.clone(),
            binding,
        })
    };
    by(HTTP_REDIRECT, SamlBinding::Redirect).or_else(|| by(HTTP_POST, SamlBinding::Post))
}

/// A certificate as the settings keep it.
pub(crate) fn kept_certificate(kept: &str) -> Result<Certificate, Fault> {
    let der = STANDARD.decode(kept).map_err(Fault::internal)?;
    Certificate::from_der(&der).map_err(Fault::internal)
}
