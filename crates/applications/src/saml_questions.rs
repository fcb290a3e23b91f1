//! What an application asks for (SAML core 3.4, bindings 3.4 and 3.5): an AuthnRequest in a form or a query string, proved where it must be, held against the settings,
//! and taken along sealed while its person signs in. Nothing is kept here until somebody is told something, so that strangers can ask as often as they like.
//! An answer goes to no address but those of the settings.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::applications::application::{Application, ApplicationId, Switch};
use model::applications::saml_application::{RELAY_STATE_MAX, SamlSettings};
use model::caller::Identity;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::timestamp::Timestamp;
use saml::algorithm::Accepted;
use saml::authn_request::{AuthnRequest, Comparison, Expected, RequestedContext};
use saml::key::PublicKey;
use saml::redirect::{Parameter, Received};
use saml::verify::verify_message_if_signed;
use serde::{Deserialize, Serialize};
use store::applications::{applications, saml_applications};
use store::db::Store;
use store::sealing::Purpose;
use store::tx::Rx;

use crate::addresses::Addresses;
use crate::applications::KIND;
use crate::saml_applications::kept_certificate;
use crate::saml_certificates::moment;

/// How long somebody may take to sign in.
const WAIT: Duration = Duration::from_mins(30);
/// How long a request counts, and how far an application's clock may be off.
pub(crate) const LIFETIME: time::Duration = time::Duration::minutes(5);
pub(crate) const CLOCK: time::Duration = time::Duration::minutes(3);
/// Characters of a request's ID at most: it is remembered.
pub(crate) const ID_MAX: usize = 256;
/// Characters of a sealed question at most: it stands in addresses.
const SEALED_MAX: usize = 3_500;
/// What questions are sealed for.
const PLACE: &str = "saml question";

/// A message of an application, as it came.
#[derive(Debug, Clone, Copy)]
pub enum Came<'a> {
    /// In a query string, without its `?`.
    Query(&'a str),
    /// In a form: its message and RelayState.
    Form(&'a str, Option<&'a str>),
}

/// What is asked for, once it is proved as far as the settings want it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub(crate) application_id: String,
    /// The request; none where a sign-in begins here.
    pub(crate) asked: Option<Asked>,
    until: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) id: String,
    /// Until when the same request would count again.
    pub(crate) counts_until: i64,
    /// Which of the settings' addresses takes the answer, by its number.
    pub(crate) consumer: u16,
    pub(crate) relay_state: Option<String>,
    pub(crate) name_id_format: Option<String>,
    pub(crate) binding: Option<String>,
    pub(crate) subject: Option<String>,
    /// How the person is to have signed in: which comparison, and classes.
    pub(crate) context: Option<(u8, Vec<String>)>,
    pub(crate) force_authn: bool,
    pub(crate) is_passive: bool,
    /// When it came, microseconds.
    pub(crate) came_at: i64,
}

/// The comparisons, by what a sealed question calls them.
const COMPARISONS: [Comparison; 4] =
    [Comparison::Exact, Comparison::Minimum, Comparison::Maximum, Comparison::Better];

impl Asked {
    pub(crate) fn context(&self) -> Option<RequestedContext> {
        let (comparison, classes) = self.context.clone()?;
        let comparison = *COMPARISONS.get(usize::from(comparison))?;
        Some(RequestedContext { comparison, classes })
    }
}

impl Question {
    /// That somebody is to be led in without the application having asked.
    pub fn unasked(cx: &Cx, id: &ApplicationId) -> Self {
        Self { application_id: id.as_str().to_owned(), asked: None, until: cx.now.plus(WAIT).seconds() }
    }

    /// The application.
    pub fn application_id(&self) -> ApplicationId {
        ApplicationId::trusted(&self.application_id)
    }

    /// As it stands in an address.
    pub fn seal(&self, store: &Store, cx: &Cx) -> Result<String, Fault> {
        let text = serde_json::to_vec(self).map_err(Fault::internal)?;
        let sealed = store.keyring().seal(cx.entropy(), Purpose::Form, PLACE, &text)?;
        let sealed = URL_SAFE_NO_PAD.encode(sealed);
        if sealed.len() > SEALED_MAX {
            return Err(refused(
                "RelayState, ID, Subject and RequestedAuthnContext are together too long to be kept while somebody signs in",
            ));
        }
        Ok(sealed)
    }

    /// From an address, if it is ours and still good.
    pub fn open(store: &Store, cx: &Cx, sealed: &str) -> Result<Self, Fault> {
        let gone = || Fault::say(FaultKind::Validation, Saying::ApplicationOver);
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| gone())?;
        let text = store.keyring().open(Purpose::Form, PLACE, &sealed).ok_or_else(gone)?;
        let question: Self = serde_json::from_slice(&text).map_err(Fault::internal)?;
        if cx.now.seconds() < question.until { Ok(question) } else { Err(gone()) }
    }
}

/// What is said of a request that is not taken: to a person, who can do nothing but tell whoever looks after the application.
pub(crate) fn refused(why: impl std::fmt::Display) -> Fault {
    Fault::validation(format!("The application's request is not taken: {why}"))
}

/// The application and its settings, while it may be used.
pub(crate) fn usable(
    rx: &mut Rx<'_>,
    cx: &Cx,
    id: &ApplicationId,
) -> Result<(Application, SamlSettings), Fault> {
    let (application, settings) = speaking(rx, cx, id)?;
    if application.status != Switch::Enabled {
        // A stranger is told nothing but what they brought.
        let is_stranger = matches!(cx.caller.identity(), Identity::Anonymous);
        let application = if is_stranger { id.to_string() } else { application.name };
        return Err(Fault::say(FaultKind::Forbidden, Saying::ApplicationOff { application }));
    }
    Ok((application, settings))
}

/// The same, switched on or off. Whatever becomes of the call, its record names the application.
pub(crate) fn speaking(
    rx: &mut Rx<'_>,
    cx: &Cx,
    id: &ApplicationId,
) -> Result<(Application, SamlSettings), Fault> {
    let gone = || Fault::not_found("There is no such application, or it does not speak SAML");
    let application = applications::find(rx, id)?.ok_or_else(gone)?;
    let (event, arn) = (cx.event(), application.arn().to_string());
    event.touch(KIND, arn.as_str());
    event.detail("application_arn", arn);
    event.detail("application_name", application.name.as_str());
    let settings = saml_applications::find(rx, id)?.ok_or_else(gone)?.settings;
    Ok((application, settings))
}

/// The keys that prove what an application sends.
pub(crate) fn keys(settings: &SamlSettings) -> Result<Vec<PublicKey>, Fault> {
    let certificates = settings.request_certificates.iter();
    certificates.map(|kept| Ok(kept_certificate(kept)?.public_key().clone())).collect()
}

/// The text of a message in a form.
pub(crate) fn unpacked(parameter: &str, message: &str) -> Result<String, Fault> {
    let packed: String = message.split_ascii_whitespace().collect();
    let text = STANDARD.decode(packed).ok().and_then(|text| String::from_utf8(text).ok());
    text.ok_or_else(|| refused(format_args!("{parameter} is not base64 of UTF-8")))
}

/// The request that a message is, whether it was proved, and its RelayState.
fn read(settings: &SamlSettings, came: Came<'_>) -> Result<(AuthnRequest, bool, Option<String>), Fault> {
    let keys = keys(settings)?;
    let accepted = Accepted::with_sha1(settings.allow_sha1);
    let (text, is_proved, relay_state) = match came {
        Came::Query(query) => {
            let received = Received::read(query).map_err(refused)?;
            if received.parameter() != Parameter::Request {
                return Err(refused("it is an answer"));
            }
            let relay_state = received.relay_state().map(str::to_owned);
            // Without a certificate of the application a signature proves nothing, as at AWS.
            if received.is_signed() && !keys.is_empty() {
                let signed = received.verify(&keys, accepted).map_err(refused)?;
                (signed.as_str().to_owned(), true, relay_state)
            } else {
                (received.message().to_owned(), false, relay_state)
            }
        }
        Came::Form(message, relay_state) => {
            let text = unpacked("SAMLRequest", message)?;
            let relay_state = relay_state.map(str::to_owned);
            let signed = if keys.is_empty() {
                None
            } else {
                verify_message_if_signed(&text, &keys, accepted).map_err(refused)?
            };
            match signed {
                Some(signed) => (signed.as_str().to_owned(), true, relay_state),
                None => (text, false, relay_state),
            }
        }
    };
    if !is_proved && settings.require_signed_requests {
        return Err(refused("it is not signed, and the application's requests have to be"));
    }
    Ok((AuthnRequest::read(&text).map_err(refused)?, is_proved, relay_state))
}

/// What an application asks for.
pub fn receive(
    store: &Store,
    cx: &Cx,
    (ours, id): (&Addresses, &ApplicationId),
    came: Came<'_>,
) -> Result<Question, Fault> {
    let (_, settings) = store.read(|rx| usable(rx, cx, id))?;
    let (request, is_proved, relay_state) = read(&settings, came)?;
    if request.issuer != settings.audience {
        let (found, wanted): (String, _) = (request.issuer.chars().take(200).collect(), &settings.audience);
        return Err(refused(format_args!("it is of {found}, not of {wanted}")));
    }
    let destination = ours.sign_in(id);
    let expected = Expected {
        destination: &destination,
        must_say_where: is_proved,
        now: moment(cx)?,
        skew: CLOCK,
        lifetime: LIFETIME,
    };
    request.check(&expected).map_err(refused)?;
    if request.id.len() > ID_MAX {
        return Err(refused(format_args!("its ID has {} characters, {ID_MAX} at most", request.id.len())));
    }
    if let Some(length) = relay_state.as_ref().map(String::len).filter(|length| *length > RELAY_STATE_MAX) {
        return Err(refused(format_args!("its RelayState has {length} bytes, {RELAY_STATE_MAX} at most")));
    }
    let named = request.assertion_consumer_service.as_deref();
    let consumer = settings
        .consumer(named, request.assertion_consumer_index)
        .ok_or_else(|| refused("the address that it wants the answer at is none of the application's"))?;
    let counts_until = (request.issued_at + LIFETIME + CLOCK).unix_timestamp() + 1;
    let asked = Asked {
        id: request.id,
        counts_until,
        consumer: consumer.index,
        relay_state: relay_state.filter(|state| !state.is_empty()),
        name_id_format: request.name_id_format,
        binding: request.protocol_binding,
        subject: request.subject,
        context: request.context.map(kept),
        force_authn: request.force_authn,
        is_passive: request.is_passive,
        came_at: cx.now.micros(),
    };
    Ok(Question { asked: Some(asked), ..Question::unasked(cx, id) })
}

fn kept(context: RequestedContext) -> (u8, Vec<String>) {
    let place = COMPARISONS.iter().position(|known| *known == context.comparison).unwrap_or_default();
    (u8::try_from(place).unwrap_or_default(), context.classes)
}

impl Asked {
    /// When it came.
    pub(crate) const fn came_at(&self) -> Timestamp {
        Timestamp::from_micros(self.came_at)
    }
}
