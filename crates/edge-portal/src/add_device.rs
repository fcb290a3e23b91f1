//! Registering a device: by somebody who is signed in, or by somebody who must before they are.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;
use http::{HeaderMap, StatusCode};
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use signin::devices::{self, Enrolee, NewTotp};
use signin::flows::Progress;
use signin::webauthn::Challenge;

use crate::message::{Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::{self, Visitor};
use crate::{form, headers, return_to, sign_in, verify};

#[derive(Template)]
#[template(path = "add_device.html")]
struct AddDevicePage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    return_to: &'a str,
    must: bool,
    webauthn: Option<Challenge>,
    totp: Option<NewTotp>,
    qr: String,
}

/// Who registers a device.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    /// Somebody who is signed in.
    SignedIn,
    /// Somebody whose sign-in waits for it.
    Flow(&'a Secret),
}

impl Who<'_> {
    fn enrolee(self, visitor: &Visitor) -> Option<Enrolee> {
        match self {
            Self::SignedIn => visitor.session.clone().map(|session| Enrolee::Session(Box::new(session))),
            Self::Flow(flow) => Some(Enrolee::Flow(flow.clone())),
        }
    }
}

/// The page; after a wrong first code with the same secret again.
fn page_of(
    portal: &Portal,
    visitor: &Visitor,
    (who, shown): (Who<'_>, Option<&Secret>),
    (status, back, notice): (StatusCode, &str, Option<&str>),
) -> Response {
    let Some(enrolee) = who.enrolee(visitor) else { return sign_in::first(portal, back) };
    let (store, cx, config) = (&portal.store, &visitor.cx, &portal.signin);
    let totp = match shown {
        Some(state) => devices::shown_totp(store, cx, config, (&enrolee, state)),
        None => devices::start_totp(store, cx, config, &enrolee),
    };
    let webauthn = devices::start_webauthn(store, cx, config, &enrolee);
    // A kind that is not taken, or of which there are enough, is not offered. When neither is, the reason is told.
    let (totp, webauthn) = match (totp, webauthn) {
        (Err(refused), Err(_)) => return refuse(portal, visitor, back, &refused),
        (totp, webauthn) => (totp.ok(), webauthn.ok()),
    };
    let qr = totp.as_ref().map(|totp| qr(totp.address.expose())).unwrap_or_default();
    let page = AddDevicePage {
        frame: Frame::new(portal, visitor),
        notice,
        csrf: visitor.csrf(portal),
        return_to: back,
        must: matches!(who, Who::Flow(_)),
        webauthn,
        totp,
        qr,
    };
    visitor.remember(portal, render(portal, visitor, status, &page, None))
}

/// The page.
pub(crate) fn page(
    portal: &Portal,
    visitor: &Visitor,
    who: Who<'_>,
    how: (StatusCode, &str, Option<&str>),
) -> Response {
    page_of(portal, visitor, (who, None), how)
}

fn refuse(portal: &Portal, visitor: &Visitor, back: &str, refused: &Fault) -> Response {
    if visitor.session.is_some() && refused.saying() == Some(&Saying::NotFresh) {
        return verify::first(portal, back);
    }
    fault(portal, visitor, refused)
}

fn qr(address: &str) -> String {
    QRBuilder::new(address).build().map(|code| SvgBuilder::default().to_str(&code)).unwrap_or_default()
}

/// `/security/add`
pub(crate) async fn show(State(portal): State<Portal>, visitor: Visitor, RawQuery(_): RawQuery) -> Response {
    let visitor = visitor.doing("ListMfaDevicesForUser");
    page(&portal, &visitor, Who::SignedIn, (StatusCode::OK, "/security/add", None))
}

/// A form that registers a device, read.
struct Sent {
    visitor: Visitor,
    pairs: Vec<(String, String)>,
    back: String,
    flow: Option<Secret>,
}

fn read(portal: &Portal, sent: Posted) -> Result<Sent, Box<Response>> {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("CompleteMfaDeviceRegistration");
    let pairs = form::pairs(&body).filter(|pairs| visitor.sent(portal, pairs, &headers));
    let Some(pairs) = pairs else { return Err(Box::new(stale_form(portal, &visitor))) };
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let flow = waiting(portal, &visitor, &headers);
    Ok(Sent { visitor, pairs, back, flow })
}

/// A sign-in that waits for a device: only of somebody who is not signed in yet.
fn waiting(portal: &Portal, visitor: &Visitor, headers: &HeaderMap) -> Option<Secret> {
    if visitor.session.is_some() { None } else { visitor::flow(portal, headers) }
}

impl Sent {
    fn who(&self) -> Who<'_> {
        self.flow.as_ref().map_or(Who::SignedIn, Who::Flow)
    }

    fn field(&self, name: &str) -> &str {
        form::field(&self.pairs, name).unwrap_or_default()
    }

    /// The name of the device; of who gives none, what it is.
    fn name_or(&self, kind: &'static str) -> String {
        let given = self.field("name");
        if given.trim().is_empty() { self.visitor.language.say(kind).to_string() } else { given.to_owned() }
    }
}

fn after(portal: &Portal, sent: &Sent, result: Result<Progress, Fault>, shown: Option<&Secret>) -> Response {
    match result {
        Ok(progress) if sent.flow.is_some() => sign_in::go_on(portal, progress, &sent.back),
        Ok(_) => headers::redirect("/security?done=device", portal.is_secure()),
        Err(refused) => match refused.kind() {
            FaultKind::Validation | FaultKind::Unauthorized | FaultKind::Conflict(_) => {
                let why = sent.visitor.language.told(&refused);
                let how = (StatusCode::BAD_REQUEST, sent.back.as_str(), Some(why.as_str()));
                page_of(portal, &sent.visitor, (sent.who(), shown), how)
            }
            _ => refuse(portal, &sent.visitor, "/security/add", &refused),
        },
    }
}

/// Registers an app by its first code.
pub(crate) async fn add_totp(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted) {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    let Some(enrolee) = sent.who().enrolee(&sent.visitor) else { return sign_in::first(&portal, &sent.back) };
    let (state, code) = (Secret::new(sent.field("state")), Secret::new(sent.field("code")));
    let name = sent.name_or("add-device-app");
    let given = (&state, &code, name.as_str());
    let added = devices::add_totp(&portal.store, &sent.visitor.cx, &portal.signin, &enrolee, given).await;
    let is_wrong_code = matches!(&added, Err(refused) if refused.saying() == Some(&Saying::WrongFirstCode));
    after(&portal, &sent, added, is_wrong_code.then_some(&state))
}

/// Registers a passkey or security key by its answer.
pub(crate) async fn add_passkey(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted) {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    let Some(enrolee) = sent.who().enrolee(&sent.visitor) else { return sign_in::first(&portal, &sent.back) };
    let state = Secret::new(sent.field("state"));
    let name = sent.name_or("add-device-passkey-name");
    let given = (&state, sent.field("answer"), name.as_str());
    let added = devices::add_webauthn(&portal.store, &sent.visitor.cx, &portal.signin, &enrolee, given).await;
    after(&portal, &sent, added, None)
}
