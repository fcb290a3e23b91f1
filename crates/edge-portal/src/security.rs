//! `/security`: a person's own devices, recovery codes, password, sessions and browsers.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::mfa::{DeviceId, DeviceKind, Method, MfaDevice};
use model::signin::oauth::ClientId;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use signin::consents::{self, Consent};
use signin::devices::{self, Act, Own};
use signin::directory_passwords::{self, Changing};

use crate::agent::told;
use crate::message::{Ended, Frame, fault, render, signed_out, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::saml_logouts::sign_out_onward;
use crate::visitor::{Visitor, set_cookie};
use crate::words::language::Language;
use crate::words::sentence::{Sentence, minutes};
use crate::{form, headers, next_step, sign_in, verify};

/// A moment that is over, or one that nobody counts down to.
struct At {
    /// For programs (HTML, `<time datetime>`).
    iso: String,
    /// For people without scripts.
    text: String,
}

impl From<Timestamp> for At {
    fn from(moment: Timestamp) -> Self {
        Self { iso: moment.rfc3339(), text: moment.minute() }
    }
}

struct DeviceRow {
    id: String,
    name: String,
    kind: Sentence,
    registered: At,
    used: Option<At>,
    counts: bool,
}

struct SessionRow {
    id: String,
    /// What the person calls it, or else its browser.
    name: String,
    agent: String,
    source: String,
    since: At,
    until: At,
    by: String,
    here: bool,
}

struct BrowserRow {
    id: String,
    agent: String,
    source: String,
    used: At,
    until: At,
}

struct ProgramRow {
    id: String,
    name: String,
    scopes: String,
    since: At,
    used: At,
}

#[derive(Template)]
#[template(path = "security.html")]
struct SecurityPage<'a> {
    frame: Frame,
    notice: Option<String>,
    bad: bool,
    csrf: String,
    user_name: &'a str,
    codes: &'a [String],
    devices: Vec<DeviceRow>,
    manage: bool,
    recovery: usize,
    has_password: bool,
    /// What is said of the password that a directory has, where it can be changed here.
    there: Option<Sentence>,
    rule: Option<Sentence>,
    idle_minutes: Option<usize>,
    sessions: Vec<SessionRow>,
    browsers: Vec<BrowserRow>,
    programs: Vec<ProgramRow>,
}

const fn method(language: Language, method: Method) -> Sentence {
    match method {
        Method::Password => language.say("security-by-password"),
        Method::Webauthn => language.say("security-by-passkey"),
        Method::Totp => language.say("security-by-app"),
        Method::EmailOtp => language.say("security-by-mail"),
        Method::RecoveryCode => language.say("security-by-recovery-code"),
        Method::Bypass => language.say("security-by-bypass"),
        Method::ExternalIdp => language.say("security-by-external-idp"),
    }
}

/// By what somebody proved who they are.
fn methods(language: Language, given: &[Method]) -> String {
    let all = given.iter().map(|given| method(language, *given).to_string());
    let both = |one: String, other: String| {
        language.say("security-and").with("one", one).with("other", other).to_string()
    };
    all.reduce(both).unwrap_or_default()
}

fn device_row(language: Language, own: &Own, device: &MfaDevice) -> DeviceRow {
    DeviceRow {
        id: device.id.to_string(),
        name: device.name.clone(),
        kind: match device.kind {
            DeviceKind::Webauthn => language.say("add-device-passkey"),
            DeviceKind::Totp => language.say("add-device-app"),
        },
        registered: device.created_at.into(),
        used: device.last_used_at.map(At::from),
        counts: own.policy.allows(device.kind),
    }
}

fn session_row(language: Language, session: &PortalSession, here: &PortalSession) -> SessionRow {
    SessionRow {
        id: session.user.session_id.clone(),
        name: session.name.clone(),
        agent: told(language, &session.user_agent),
        source: session.source_ip.clone(),
        since: session.created_at.into(),
        until: session.expires_at.into(),
        by: methods(language, &session.proofs.methods),
        here: session.user.session_id == here.user.session_id,
    }
}

fn program_row(consent: Consent) -> ProgramRow {
    ProgramRow {
        id: consent.client_id.to_string(),
        name: consent.client_name,
        scopes: consent.scopes.join(" "),
        since: consent.created_at.into(),
        used: consent.last_used_at.into(),
    }
}

fn page(
    portal: &Portal,
    visitor: &Visitor,
    session: &PortalSession,
    (status, notice, codes): (StatusCode, Option<(String, bool)>, &[String]),
) -> Response {
    let read = devices::list_own(&portal.store, &visitor.cx, session).and_then(|own| {
        let sessions = signin::sessions::list_own(&portal.store, &visitor.cx)?;
        let there = directory_passwords::is_changeable(&portal.store, session)?;
        let has_password = (signin::passwords::has_own(&portal.store, session)?, there);
        let programs = consents::list_own(&portal.store, &visitor.cx, session)?;
        Ok((own, sessions, has_password, programs))
    });
    let (own, sessions, (has_password, there), programs) = match read {
        Ok(read) => read,
        Err(refused) => return fault(portal, visitor, &refused),
    };
    let language = visitor.language;
    let browsers = own.browsers.iter().map(|browser| BrowserRow {
        id: browser.id.clone(),
        agent: told(language, &browser.user_agent),
        source: browser.source_ip.clone(),
        used: browser.last_used_at.into(),
        until: browser.expires_at.into(),
    });
    let page = SecurityPage {
        frame: Frame::new(portal, visitor),
        bad: notice.as_ref().is_some_and(|(_, bad)| *bad),
        notice: notice.map(|(text, _)| text),
        csrf: visitor.csrf(portal),
        user_name: &session.user_name,
        codes,
        devices: own.devices.iter().map(|device| device_row(language, &own, device)).collect(),
        manage: own.policy.people_manage,
        recovery: usize::try_from(own.recovery_codes).unwrap_or(usize::MAX),
        has_password,
        there: there.then(|| language.say("choose-password-rule-there")),
        rule: next_step::rule(portal, visitor),
        idle_minutes: session.idle.map(minutes),
        sessions: sessions.iter().map(|other| session_row(language, other, session)).collect(),
        browsers: browsers.collect(),
        programs: programs.into_iter().map(program_row).collect(),
    };
    render(portal, visitor, status, &page, None)
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("ListMfaDevicesForUser");
    let Some(session) = visitor.session.clone() else { return sign_in::first(&portal, "/security") };
    visitor.saw(&portal, "ListMfaDevicesForUser");
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let notice = match form::field(&pairs, "done") {
        Some("device") => Some("security-added"),
        Some("changed") => Some("security-changed"),
        Some("password") => Some("security-password-changed"),
        _ => None,
    };
    let notice = notice.map(|name| (visitor.language.say(name).to_string(), false));
    page(&portal, &visitor, &session, (StatusCode::OK, notice, &[]))
}

/// A form of the page, read.
struct Sent {
    visitor: Visitor,
    session: PortalSession,
    pairs: Vec<(String, String)>,
}

fn read(portal: &Portal, posted: Posted, event: &'static str) -> Result<Sent, Box<Response>> {
    let Posted { visitor, headers, body, .. } = posted;
    let visitor = visitor.doing(event);
    let Some(session) = visitor.session.clone() else {
        return Err(Box::new(sign_in::first(portal, "/security")));
    };
    let pairs = form::pairs(&body).filter(|pairs| visitor.sent(portal, pairs, &headers));
    let Some(pairs) = pairs else { return Err(Box::new(stale_form(portal, &visitor))) };
    Ok(Sent { visitor, session, pairs })
}

impl Sent {
    fn field(&self, name: &str) -> &str {
        form::field(&self.pairs, name).unwrap_or_default()
    }

    fn after(&self, portal: &Portal, result: Result<(), Fault>, done: &str) -> Response {
        match result {
            Ok(()) => headers::redirect(&format!("/security?done={done}"), portal.is_secure()),
            Err(refused) => self.refused(portal, &refused),
        }
    }

    fn refused(&self, portal: &Portal, refused: &Fault) -> Response {
        if refused.saying() == Some(&Saying::NotFresh) {
            return verify::first(portal, "/security");
        }
        match refused.kind() {
            FaultKind::Internal | FaultKind::Unavailable => fault(portal, &self.visitor, refused),
            kind => headers::retry_after(self.again(portal, self.visitor.language.told(refused)), kind),
        }
    }

    /// The page, with what was wrong.
    fn again(&self, portal: &Portal, why: String) -> Response {
        page(portal, &self.visitor, &self.session, (StatusCode::BAD_REQUEST, Some((why, true)), &[]))
    }
}

/// A device is renamed or removed, a browser forgotten.
pub(crate) async fn change_device(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted, "UpdateMfaDeviceForUser") {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    let device = || DeviceId::parse(sent.field("device"));
    let act = match sent.field("act") {
        "rename" => device().map(|id| Act::Rename(id, sent.field("name").to_owned())),
        "remove" => device().map(Act::Remove),
        _ => Ok(Act::Forget(sent.field("device").to_owned())),
    };
    let done = match act {
        Ok(act) => devices::act(&portal.store, &sent.visitor.cx, &sent.session, act).await,
        Err(refused) => Err(refused),
    };
    sent.after(&portal, done, "changed")
}

/// Recovery codes are made, and shown this once.
pub(crate) async fn make_codes(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted, "CreateRecoveryCodes") {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    match devices::make_recovery_codes(&portal.store, &sent.visitor.cx, &sent.session).await {
        Ok(codes) => {
            let codes: Vec<String> = codes.iter().map(|code| code.expose().to_owned()).collect();
            page(&portal, &sent.visitor, &sent.session, (StatusCode::OK, None, &codes))
        }
        Err(refused) => sent.refused(&portal, &refused),
    }
}

/// The password is changed by who knows it.
pub(crate) async fn change_password(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted, "UpdatePassword") {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    if sent.field("new_password") != sent.field("repeated") {
        return sent.again(&portal, sent.visitor.language.say("security-password-differ").to_string());
    }
    let (old, new) = (Secret::new(sent.field("old_password")), Secret::new(sent.field("new_password")));
    let (store, cx) = (&portal.store, &sent.visitor.cx);
    let changed = match directory_passwords::begin_own(store, cx, &sent.session).await {
        Ok(Some(changing)) => changed_there(&portal, &sent, changing, (&old, &new)).await,
        Ok(None) => {
            signin::passwords::change_own(store, cx, (&portal.signin, &portal.hasher), &old, &new).await
        }
        Err(refused) => Err(refused),
    };
    sent.after(&portal, changed, "password")
}

/// The same in the person's directory.
async fn changed_there(
    portal: &Portal,
    sent: &Sent,
    changing: Changing,
    passwords: (&Secret, &Secret),
) -> Result<(), Fault> {
    let (store, cx) = (&portal.store, &sent.visitor.cx);
    let asked = (changing.asked(), passwords);
    let answer = sources::directory_passwords::change(store, cx, &portal.outbound, asked).await?;
    changing.answered_own(store, cx, &portal.signin, answer).await
}

/// A session of one's own gets a name.
pub(crate) async fn name_session(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted, "UpdateSession") {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    let (id, name) = (sent.field("session"), sent.field("name"));
    let named = signin::sessions::name_own(&portal.store, &sent.visitor.cx, id, name).await;
    sent.after(&portal, named, "changed")
}

/// Every session of one's own is ended, this one too.
pub(crate) async fn end_every_session(State(portal): State<Portal>, posted: Posted) -> Response {
    let mut sent = match read(&portal, posted, "BatchDeleteSession") {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    let told = match signin::sessions::sign_out_everywhere(&portal.store, &sent.visitor.cx).await {
        Ok(told) => applications::saml_logouts::everywhere(told),
        Err(refused) => return sent.refused(&portal, &refused),
    };
    sent.visitor.session = None;
    let mut response = if told.is_empty() {
        signed_out(&portal, &sent.visitor, Ended::Everywhere)
    } else {
        sign_out_onward(&portal, &sent.visitor, (told, Ended::Everywhere), None).await
    };
    set_cookie(&portal, &mut response, "portico", "", Some(0));
    response
}

/// A session of one's own is ended.
pub(crate) async fn end_session(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted, "BatchDeleteSession") {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    let ended = signin::sessions::end_own(&portal.store, &sent.visitor.cx, sent.field("session")).await;
    sent.after(&portal, ended, "changed")
}

/// A program is asked about again.
pub(crate) async fn forget_program(State(portal): State<Portal>, posted: Posted) -> Response {
    let sent = match read(&portal, posted, "DeleteConsent") {
        Ok(sent) => sent,
        Err(away) => return *away,
    };
    let done = match ClientId::parse(sent.field("program")) {
        Ok(client) => consents::forget(&portal.store, &sent.visitor.cx, &sent.session, &client).await,
        Err(refused) => Err(refused),
    };
    sent.after(&portal, done, "changed")
}
