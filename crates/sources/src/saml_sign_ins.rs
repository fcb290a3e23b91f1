//! Signing in by a SAML provider (SAML profiles 4.1): the question that a browser takes there, and the answer that it brings back. Everything that is
//! believed was signed by a certificate that an administrator trusts.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::secret::Secret;
use model::sources::arrival::Arrival;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, SamlIdp};
use model::timestamp::Timestamp;
use saml::algorithm::Accepted;
use saml::answer::{Answer, Holds};
use saml::assertion::{Assertion, Expected};
use saml::authn_request::NewAuthnRequest;
use saml::encrypted;
use saml::key::{PublicKey, SigningKey};
use saml::metadata::{HTTP_POST, HTTP_REDIRECT, IdpMetadata};
use saml::redirect::{Outgoing, Parameter};
use saml::verify::verify_accepting;
use store::db::Store;
use time::OffsetDateTime;

use crate::external_answers::{Answered, NotTaken, Once, failed, keep};
use crate::external_idp_certificates::keys;
use crate::external_idps::{is_strict, usable};
use crate::our_side::{OurSide, decryption_keys, moment, name_id_format, saml, signing_key};
use crate::questions::{Asking, Begun, Errand, GoTo, Question, SKEW};
use crate::session_tags::ACCESS_CONTROL;

/// Characters of an answer that AWS takes (aws-capabilities 2.6).
const STRICT_MAX: usize = 50_000;
/// How providers say that two factors were given: REFEDS, Microsoft, and SAML's own classes of two factors.
const TWO_FACTORS: &[&str] = &[
    "https://refeds.org/profile/mfa",
    "http://schemas.microsoft.com/claims/multipleauthn",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
];
/// Where Microsoft says it.
const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";

/// Sends a browser to a provider.
pub fn begin(store: &Store, cx: &Cx, id: &str, asking: Asking) -> Result<Begun, Fault> {
    let trial = matches!(asking.errand, Errand::Trial(_));
    let (idp, key) = store.read(|rx| Ok((usable(rx, id, trial)?, signing_key(rx, cx)?)))?;
    let settings = saml(&idp)?;
    let metadata = IdpMetadata::read_named(&idp.document, &idp.issuer).map_err(Fault::internal)?;
    let named = format!("_{}", hex(&bytes::<20>(cx.entropy())));
    let is_signed = settings.sign_requests || metadata.wants_signed_requests;
    let ask = Ask { idp: &idp, settings, metadata: &metadata, named: &named, afresh: asking.is_afresh() };
    let go_to = ask.go_to(cx, is_signed.then_some(&key))?;
    let question = Question::new(cx, &idp.id, asking, named);
    Ok(Begun { go_to, kept: question.seal(store.keyring(), cx)? })
}

/// A request to a provider.
struct Ask<'a> {
    idp: &'a ExternalIdp,
    settings: &'a SamlIdp,
    metadata: &'a IdpMetadata,
    named: &'a str,
    afresh: bool,
}

impl Ask<'_> {
    /// In an address where the provider takes that, else in a form.
    fn go_to(&self, cx: &Cx, key: Option<&SigningKey>) -> Result<GoTo, Fault> {
        if let Some(location) = self.metadata.sign_on_location(HTTP_REDIRECT) {
            let message = self.request(cx, location)?.write().map_err(Fault::internal)?;
            let outgoing =
                Outgoing { location, parameter: Parameter::Request, message: &message, relay_state: None };
            let url = key.map_or_else(|| outgoing.url(), |key| outgoing.signed_url(key));
            return url.map(GoTo::Address).map_err(Fault::internal);
        }
        let location = self.metadata.sign_on_location(HTTP_POST);
        let location =
            location.ok_or_else(|| Fault::internal("a provider without an address to sign in at"))?;
        let request = self.request(cx, location)?;
        let message = key.map_or_else(|| request.write(), |key| request.write_signed(key));
        let message = STANDARD.encode(message.map_err(Fault::internal)?);
        Ok(GoTo::Form { action: location.to_owned(), fields: vec![("SAMLRequest", message)] })
    }

    fn request<'a>(&'a self, cx: &Cx, destination: &'a str) -> Result<NewAuthnRequest<'a>, Fault> {
        Ok(NewAuthnRequest {
            id: self.named,
            issuer: &self.settings.sp_entity_id,
            issued_at: moment(cx)?,
            destination,
            assertion_consumer_service: &self.settings.acs_url,
            name_id_format: name_id_format(self.idp),
            force_authn: self.afresh,
        })
    }
}

/// What a provider's form brought: the ticket under which its browser finds it.
pub async fn receive(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OurSide, &ExternalIdpId),
    response: &str,
) -> Result<Secret, Refused> {
    // A provider may be tried before it is enabled; whether this is a trial is known when the browser comes.
    let idp = store.read(|rx| usable(rx, id.as_str(), true))?;
    taken(store, cx, (ours, &idp), response).await.map_err(|fault| {
        let told = fault.context().filter(|_| matches!(fault.kind(), FaultKind::Unauthorized));
        let told = told.map(|why| NotTaken::new(&idp, named(response), why));
        Refused { fault, told }
    })
}

/// An answer that was not taken.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why.
    pub fault: Fault,
    /// What the browser takes along, if there is something that an administrator who tries the provider is to know.
    pub told: Option<NotTaken>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, told: None }
    }
}

/// The question that an answer seems to answer: nothing of it is proved.
fn named(response: &str) -> Option<String> {
    let packed: String = response.split_ascii_whitespace().collect();
    let text = String::from_utf8(STANDARD.decode(packed).ok()?).ok()?;
    Answer::read(&text).ok()?.envelope.in_response_to
}

async fn taken(
    store: &Store,
    cx: &Cx,
    (ours, idp): (&OurSide, &ExternalIdp),
    response: &str,
) -> Result<Secret, Fault> {
    let message = message(cx, response).map_err(|why| failed(idp, why))?;
    let (assertion, named) = judged(store, cx, (ours, idp), &message)?;
    let until = timestamp(assertion.not_on_or_after).plus(SKEW);
    let once = Once { issuer: idp.issuer.clone(), id: assertion.id.clone(), until };
    let signed_in_at = assertion.authn_instant.map(timestamp);
    let arrival = arrival(cx, idp, assertion).map_err(|why| failed(idp, why))?;
    keep(store, cx, idp, (Answered { arrival, named, signed_in_at }, once)).await
}

fn message(cx: &Cx, response: &str) -> Result<String, String> {
    let length = response.chars().count();
    if is_strict(cx) && length > STRICT_MAX {
        return Err(format!("the answer has {length} characters, {STRICT_MAX} at most"));
    }
    let packed: String = response.split_ascii_whitespace().collect();
    let text = STANDARD.decode(packed).ok().and_then(|text| String::from_utf8(text).ok());
    text.ok_or_else(|| "SAMLResponse is not base64 of UTF-8".to_owned())
}

/// The assertion, proved to be the provider's, for us, now; and the question that it answers.
fn judged(
    store: &Store,
    cx: &Cx,
    (ours, idp): (&OurSide, &ExternalIdp),
    message: &str,
) -> Result<(Assertion, Option<String>), Fault> {
    let refused = |why: &dyn std::fmt::Display| failed(idp, why);
    let settings = saml(idp)?;
    let answer = Answer::read(message).map_err(|error| refused(&error))?;
    if !answer.status.is_success() {
        return Err(refused(&format!("the provider refused: {}", answer.status)));
    }
    let here = [settings.acs_url.clone(), ours.acs_url(&idp.id)];
    let here: Vec<&str> = here.iter().map(String::as_str).collect();
    let envelope = &answer.envelope;
    if envelope.issuer.as_ref().is_some_and(|issuer| *issuer != idp.issuer) {
        return Err(refused(&format!("the answer is of {:?}, not of {}", envelope.issuer, idp.issuer)));
    }
    if envelope.destination.as_deref().is_some_and(|destination| !here.contains(&destination)) {
        return Err(refused(&format!("the answer was sent to {:?}", envelope.destination)));
    }
    let keys = store.read(|rx| keys(rx, &idp.id))?;
    let assertion =
        proved(store, cx, (settings, &answer), (message, &keys))?.map_err(|error| refused(&error))?;
    let audiences = [settings.sp_entity_id.as_str()];
    let expected = Expected {
        audiences: &audiences,
        recipients: &here,
        now: moment(cx)?,
        skew: SKEW.try_into().map_err(Fault::internal)?,
    };
    assertion.check(&expected).map_err(|error| refused(&error))?;
    if assertion.issuer != idp.issuer {
        return Err(refused(&format!("the assertion is of {}, not of {}", assertion.issuer, idp.issuer)));
    }
    let named = assertion.in_response_to.clone();
    if envelope.in_response_to.is_some() && envelope.in_response_to != named {
        return Err(refused(&"the answer and its assertion name different questions (InResponseTo)"));
    }
    if named.is_none() && !settings.allow_unsolicited {
        return Err(refused(
            &"nobody asked for it: a sign-in that begins at the provider is taken only with AllowUnsolicited",
        ));
    }
    Ok((assertion, named))
}

/// The assertion that a key of the provider's signed.
fn proved(
    store: &Store,
    cx: &Cx,
    (settings, answer): (&SamlIdp, &Answer),
    (message, keys): (&str, &[PublicKey]),
) -> Result<Result<Assertion, saml::error::Error>, Fault> {
    let accepted = Accepted::with_sha1(settings.allow_sha1).and_cbc(settings.allow_aes_cbc);
    let signed = match answer.holds {
        Holds::EncryptedAssertion if is_strict(cx) => Err(saml::error::Error::Shape(
            "an encrypted assertion, which AWS does not take: it is taken in relaxed mode",
        )),
        Holds::EncryptedAssertion => {
            let ours = store.read(decryption_keys)?;
            encrypted::open(message, &ours, keys, accepted)
        }
        Holds::Assertion | Holds::Nothing => verify_accepting(message, keys, accepted),
    };
    Ok(signed.and_then(|signed| Assertion::read(&signed)))
}

/// What it says of the person.
fn arrival(cx: &Cx, idp: &ExternalIdp, assertion: Assertion) -> Result<Arrival, String> {
    let mfa = says_two_factors(&assertion);
    let until = assertion.session_not_on_or_after.map(timestamp);
    if until.is_some_and(|until| until <= cx.now) {
        return Err("the session at the provider is over (SessionNotOnOrAfter)".to_owned());
    }
    let mut attributes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, values) in assertion.attributes {
        if name.starts_with(ACCESS_CONTROL) && (attributes.contains_key(&name) || values.len() != 1) {
            return Err(format!("{name} must come once, with one value"));
        }
        attributes.entry(name).or_default().extend(values);
    }
    let called = assertion.name_id.value;
    let subject = match &idp.settings.subject_from {
        None => called.clone(),
        Some(name) => match attributes.get(name).map(Vec::as_slice) {
            Some([only]) if !only.is_empty() => only.clone(),
            Some(values) => return Err(format!("{name} must have one value: it has {}", values.len())),
            None => {
                let there: Vec<&str> = attributes.keys().map(String::as_str).collect();
                return Err(format!("there is no attribute {name}; there are {}", there.join(", ")));
            }
        },
    };
    Ok(Arrival { subject, called, index: assertion.session_index, until, mfa, attributes })
}

fn says_two_factors(assertion: &Assertion) -> bool {
    let is_so = |text: &str| TWO_FACTORS.contains(&text);
    assertion.authn_context_class.as_deref().is_some_and(is_so) || assertion.values(METHODS).any(is_so)
}

fn timestamp(instant: OffsetDateTime) -> Timestamp {
    Timestamp::from_seconds(instant.unix_timestamp())
}
