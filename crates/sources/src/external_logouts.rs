//! Sign-outs that a provider tells of: the sessions here that it began end, with everything that came in by them, before it is answered. Only what it
//! signed counts.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jose::openid::logout_token::{Expected as ExpectedToken, LogoutToken};
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::sources::arrival::ExternalSession;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, Protocol};
use model::timestamp::Timestamp;
use outbound::client::Outbound;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use saml::algorithm::Accepted;
use saml::envelope::{Envelope, Kind};
use saml::key::PublicKey;
use saml::logout::{Expected, LogoutRequest, NewLogoutRequest, NewLogoutResponse};
use saml::metadata::{HTTP_POST, HTTP_REDIRECT, IdpMetadata};
use saml::name_id::NameId;
use saml::redirect::{Outgoing, Parameter, Received};
use saml::status::Status;
use saml::verify::verify_message;
use store::accounts::used_assertions;
use store::db::Store;
use store::signin::{portal_sessions, sign_outs};
use store::tx::Tx;

use crate::external_idp_certificates::keys;
use crate::external_idps::{of_address, usable};
use crate::oidc_sign_ins::{SKEW, described, oidc, with_keys};
use crate::our_side::{OurSide, moment, name_id_format, saml, signing_key};
use crate::questions::GoTo;

/// How far a provider's clock may be off.
const CLOCK: time::Duration = time::Duration::minutes(3);
/// How long a request without an end of its own counts.
const LIFETIME: time::Duration = time::Duration::minutes(5);

/// A message of a provider, as it came.
#[derive(Debug, Clone, Copy)]
pub enum Came<'a> {
    /// In a query string, without its `?`.
    Query(&'a str),
    /// In a form: its message and RelayState.
    Form(&'a str, Option<&'a str>),
}

impl Came<'_> {
    /// Whether it answers a sign-out that began here.
    fn is_answer(&self) -> bool {
        match self {
            Self::Query(query) => query.split('&').any(|pair| pair.starts_with("SAMLResponse=")),
            Self::Form(message, _) => message.is_empty(),
        }
    }
}

/// Where somebody who has signed out here goes to sign out at their provider too, if it takes that; with what people know it by.
pub fn onward(store: &Store, cx: &Cx, external: &ExternalSession) -> Result<Option<(String, String)>, Fault> {
    let Some(idp) = store.read(|rx| of_address(rx, &external.external_idp_id, true))? else {
        return Ok(None);
    };
    let url = match &idp.settings.protocol {
        Protocol::Saml(_) => ask_saml(store, cx, &idp, external)?,
        Protocol::Oidc(settings) => described(&idp)?.end_session_endpoint.map(|endpoint| {
            let joint = if endpoint.contains('?') { '&' } else { '?' };
            let client = utf8_percent_encode(&settings.client_id, NON_ALPHANUMERIC);
            format!("{endpoint}{joint}client_id={client}")
        }),
    };
    Ok(url.map(|url| (url, idp.settings.name)))
}

/// A signed request, in an address: providers that take it in forms alone are left to the person.
fn ask_saml(
    store: &Store,
    cx: &Cx,
    idp: &ExternalIdp,
    external: &ExternalSession,
) -> Result<Option<String>, Fault> {
    let metadata = IdpMetadata::read_named(&idp.document, &idp.issuer).map_err(Fault::internal)?;
    let Some(endpoint) = metadata.logout_endpoint(HTTP_REDIRECT) else { return Ok(None) };
    let (key, named) =
        (store.read(|rx| signing_key(rx, cx))?, format!("_{}", hex(&bytes::<20>(cx.entropy()))));
    let format = name_id_format(idp).map(str::to_owned);
    let name_id = NameId { value: external.subject.clone(), format, qualifier: None, sp_qualifier: None };
    let indexes: Vec<&str> = external.index.as_deref().into_iter().collect();
    let request = NewLogoutRequest {
        id: &named,
        issuer: &saml(idp)?.sp_entity_id,
        issued_at: moment(cx)?,
        destination: &endpoint.location,
        not_on_or_after: Some(moment(cx)? + LIFETIME),
        name_id: &name_id,
        session_indexes: &indexes,
    };
    let message = request.write().map_err(Fault::internal)?;
    let outgoing = Outgoing {
        location: &endpoint.location,
        parameter: Parameter::Request,
        message: &message,
        relay_state: None,
    };
    outgoing.signed_url(&key).map(Some).map_err(Fault::internal)
}

fn refused(why: impl std::fmt::Display) -> Fault {
    Fault::validation(format!("The sign-out of the identity provider is not taken: {why}"))
}

/// A SAML LogoutRequest: the sessions that it means are over, and this is where the browser takes the answer. A LogoutResponse answers nothing that we asked.
pub async fn by_saml(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OurSide, &ExternalIdpId),
    came: Came<'_>,
) -> Result<GoTo, Fault> {
    let (idp, keys) = store.read(|rx| Ok((usable(rx, id.as_str(), true)?, keys(rx, id)?)))?;
    let settings = saml(&idp)?;
    if came.is_answer() {
        // To what somebody asked for who had signed out here already: nothing hangs on it.
        return Ok(GoTo::Address(format!("{}/start", ours.base_url)));
    }
    let accepted = Accepted::with_sha1(settings.allow_sha1);
    let (request, relay_state) = request(came, &keys, accepted)?;
    if request.issuer != idp.issuer {
        return Err(refused(format!("it is of {}, not of {}", request.issuer, idp.issuer)));
    }
    let here = ours.slo_url(&idp.id);
    let expected = Expected { destinations: &[&here], now: moment(cx)?, skew: CLOCK, lifetime: LIFETIME };
    request.check(&expected).map_err(refused)?;
    let until = request.good_until(LIFETIME).saturating_add(CLOCK);
    let (asked, once, issuer) =
        (request.clone(), Timestamp::from_seconds(until.unix_timestamp()), idp.issuer.clone());
    let idp_id = idp.id.clone();
    store
        .write(cx, move |tx, cx| {
            if !used_assertions::insert(tx, &issuer, &asked.id, once)? {
                return Err(refused(format!("the request {} came before", asked.id)));
            }
            let ended = end(tx, &idp_id, (&asked.name_id.value, &asked.session_indexes))?;
            cx.event().detail("externalIdP", issuer.as_str());
            cx.event().detail("sessionsEnded", ended.to_string());
            Ok(())
        })
        .await?;
    answer(store, cx, (ours, &idp), (&request, relay_state.as_deref()))
}

/// The request that a message is, proved.
fn request(
    came: Came<'_>,
    keys: &[PublicKey],
    accepted: Accepted,
) -> Result<(LogoutRequest, Option<String>), Fault> {
    let (signed, relay_state) = match came {
        Came::Query(query) => {
            let received = Received::read(query).map_err(refused)?;
            if received.parameter() != Parameter::Request {
                return Err(refused("it answers a sign-out that was not asked for here"));
            }
            let relay_state = received.relay_state().map(str::to_owned);
            (received.verify(keys, accepted).map_err(refused)?, relay_state)
        }
        Came::Form(message, relay_state) => {
            let packed: String = message.split_ascii_whitespace().collect();
            let text = STANDARD.decode(packed).ok().and_then(|text| String::from_utf8(text).ok());
            let text = text.ok_or_else(|| refused("SAMLRequest is not base64 of UTF-8"))?;
            if Envelope::read(&text).map_err(refused)?.kind != Kind::LogoutRequest {
                return Err(refused("it is no LogoutRequest"));
            }
            let signed = verify_message(&text, keys, accepted).map_err(refused)?;
            (signed, relay_state.map(str::to_owned))
        }
    };
    Ok((LogoutRequest::read(&signed).map_err(refused)?, relay_state))
}

/// Ends the sessions that a provider began for somebody: those of these names, or all where it names none; how many.
fn end(tx: &mut Tx<'_>, id: &ExternalIdpId, (subject, indexes): (&str, &[String])) -> Result<u64, Fault> {
    let mut ended = 0_u64;
    for (session, index) in portal_sessions::of_external(tx, (id.as_str(), subject))? {
        let is_meant = indexes.is_empty() || index.is_some_and(|index| indexes.contains(&index));
        if is_meant && sign_outs::one(tx, &session)? {
            ended += 1;
        }
    }
    Ok(ended)
}

/// Says that it is done.
fn answer(
    store: &Store,
    cx: &Cx,
    (ours, idp): (&OurSide, &ExternalIdp),
    (request, relay_state): (&LogoutRequest, Option<&str>),
) -> Result<GoTo, Fault> {
    let metadata = IdpMetadata::read_named(&idp.document, &idp.issuer).map_err(Fault::internal)?;
    let by = |binding| metadata.logout_endpoint(binding);
    let Some(endpoint) = by(HTTP_REDIRECT).or_else(|| by(HTTP_POST)) else {
        // There is nowhere to take an answer to; the sessions are over all the same.
        return Ok(GoTo::Address(format!("{}/start", ours.base_url)));
    };
    let location = endpoint.response_location.as_deref().unwrap_or(&endpoint.location);
    let (key, named) =
        (store.read(|rx| signing_key(rx, cx))?, format!("_{}", hex(&bytes::<20>(cx.entropy()))));
    let (settings, status) = (saml(idp)?, Status::success());
    let response = NewLogoutResponse {
        id: &named,
        issuer: &settings.sp_entity_id,
        issued_at: moment(cx)?,
        destination: location,
        in_response_to: &request.id,
        status: &status,
    };
    if by(HTTP_REDIRECT).is_some() {
        let message = response.write().map_err(Fault::internal)?;
        // What is too long to be given back as the binding has it is left out.
        let relay_state = relay_state.filter(|state| state.len() <= 80);
        let outgoing = Outgoing { location, parameter: Parameter::Response, message: &message, relay_state };
        return outgoing.signed_url(&key).map(GoTo::Address).map_err(Fault::internal);
    }
    let message = STANDARD.encode(response.write_signed(&key).map_err(Fault::internal)?);
    let mut fields = vec![("SAMLResponse", message)];
    fields.extend(relay_state.map(|state| ("RelayState", state.to_owned())));
    Ok(GoTo::Form { action: location.to_owned(), fields })
}

/// A logout token of an OpenID provider (Back-Channel Logout 2.5): the sessions that it means are over when this returns.
pub async fn by_token(
    store: &Store,
    cx: &Cx,
    (outbound, id): (&Outbound, &ExternalIdpId),
    token: &str,
) -> Result<(), Fault> {
    let idp = store.read(|rx| usable(rx, id.as_str(), true))?;
    let (settings, provider) = (oidc(&idp)?, described(&idp)?);
    let expected = ExpectedToken {
        issuer: &idp.issuer,
        client_id: &settings.client_id,
        algorithms: &provider.algorithms,
        now: cx.now.seconds(),
        skew: SKEW,
    };
    let judged = with_keys((store, cx, outbound), (&idp, &provider), |keys| {
        LogoutToken::verify(token, keys, &expected)
    })
    .await;
    let told = judged.map_err(|fault| match fault.kind() {
        FaultKind::Unauthorized => refused(fault.context().unwrap_or_default()),
        _ => fault,
    })?;
    let until = Timestamp::from_seconds(told.remember_until).plus(Duration::from_secs(1));
    let issuer = idp.issuer.clone();
    store
        .write(cx, move |tx, cx| {
            if !used_assertions::insert(tx, &issuer, &told.id, until)? {
                return Err(refused(format!("the token {} came before", told.id)));
            }
            let idp = idp.id.as_str();
            let mut ended = 0_u64;
            match (&told.session, &told.subject) {
                (Some(index), subject) => {
                    for session in portal_sessions::of_external_index(tx, (idp, index))? {
                        let of = portal_sessions::find(tx, &session)?.and_then(|found| found.external);
                        let is_of = |of: &ExternalSession| {
                            subject.as_ref().is_none_or(|subject| of.subject == *subject)
                        };
                        if of.as_ref().is_some_and(is_of) && sign_outs::one(tx, &session)? {
                            ended += 1;
                        }
                    }
                }
                (None, Some(subject)) => ended = end(tx, &ExternalIdpId::trusted(idp), (subject, &[]))?,
                (None, None) => {}
            }
            cx.event().detail("externalIdP", issuer.as_str());
            cx.event().detail("sessionsEnded", ended.to_string());
            Ok(())
        })
        .await
}
