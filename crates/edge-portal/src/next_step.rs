//! The steps of a sign-in after the first: a second factor, another password, a device to register.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use model::fault::{Fault, FaultKind};
use model::secret::Secret;
use model::signin::mfa::{DeviceKind, PromptMode};
use signin::directory_passwords::{self, Changing};
use signin::factors::{self, Proof};
use signin::flows::{self, Next, Pending, Progress};
use signin::webauthn::Challenge;

use crate::message::{Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::{Visitor, flow};
use crate::words::sentence::Sentence;
use crate::{add_device, form, headers, return_to, sign_in};

#[derive(Template)]
#[template(path = "factor.html")]
struct FactorPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    return_to: &'a str,
    encoded_return_to: String,
    who: &'a str,
    again: bool,
    webauthn: Option<Challenge>,
    offers: Offers,
    can_remember: bool,
}

/// What a person may give beside a passkey.
struct Offers {
    totp: bool,
    by_mail: bool,
    codes: bool,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPasswordPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    return_to: &'a str,
    who: &'a str,
    rule: Option<Sentence>,
    /// Whether it is a directory's, which wants the old one.
    there: bool,
}

fn pending(portal: &Portal, visitor: &Visitor, flow: &Secret) -> Result<Option<Pending>, Fault> {
    portal.store.read(|rx| flows::open(rx, &visitor.cx, &portal.signin, flow))
}

/// `/signin/next`: whatever comes next.
pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("Authenticate");
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let Some(flow) = flow(&portal, &headers) else { return sign_in::first(&portal, &back) };
    step(&portal, &visitor, &flow, (&back, None))
}

/// The page of the next step.
fn step(portal: &Portal, visitor: &Visitor, flow: &Secret, (back, notice): (&str, Option<&str>)) -> Response {
    let pending = match pending(portal, visitor, flow) {
        Ok(Some(pending)) => pending,
        Ok(None) => return sign_in::first(portal, back),
        Err(refused) => return fault(portal, visitor, &refused),
    };
    let status = if notice.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    match pending.next {
        Next::Factor => factor(portal, visitor, &pending, (status, back, notice)),
        Next::NewPassword => {
            let page = NewPasswordPage {
                frame: Frame::new(portal, visitor),
                notice,
                csrf: visitor.csrf(portal),
                return_to: back,
                who: &pending.user.profile.user_name,
                rule: rule(portal, visitor),
                there: pending.changes_there(),
            };
            visitor.remember(portal, render(portal, visitor, status, &page, None))
        }
        Next::Device => {
            add_device::page(portal, visitor, add_device::Who::Flow(flow), (status, back, notice))
        }
        Next::Done => headers::redirect(return_to::safe(back), portal.is_secure()),
    }
}

/// What is asked of a password, in a sentence.
pub(crate) fn rule(portal: &Portal, visitor: &Visitor) -> Option<Sentence> {
    let rule = signin::passwords::rule(&portal.store, &visitor.cx, &portal.signin.identity_store_id);
    rule.ok().map(|rule| visitor.language.rule(&rule))
}

fn factor(
    portal: &Portal,
    visitor: &Visitor,
    pending: &Pending,
    (status, back, notice): (StatusCode, &str, Option<&str>),
) -> Response {
    let webauthn = match factors::ask(&portal.store, &visitor.cx, &portal.signin, pending) {
        Ok(question) => question,
        Err(refused) => return fault(portal, visitor, &refused),
    };
    let page = FactorPage {
        frame: Frame::new(portal, visitor),
        notice,
        csrf: visitor.csrf(portal),
        return_to: back,
        encoded_return_to: form::encoded(back),
        who: &pending.user.profile.user_name,
        again: pending.is_again(),
        webauthn,
        offers: Offers {
            totp: pending.has(DeviceKind::Totp),
            by_mail: pending.by_mail(),
            codes: pending.has_codes,
        },
        can_remember: !pending.is_again() && pending.policy.prompt_mode == PromptMode::ContextAware,
    };
    visitor.remember(portal, render(portal, visitor, status, &page, None))
}

/// A form of a step, read: its pairs, where to go afterwards, and the sign-in that it is of.
struct Step {
    visitor: Visitor,
    pairs: Vec<(String, String)>,
    back: String,
    flow: Secret,
}

fn read(portal: &Portal, sent: Posted) -> Result<Step, Box<Response>> {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("Authenticate");
    let pairs = form::pairs(&body).filter(|pairs| visitor.sent(portal, pairs, &headers));
    let Some(pairs) = pairs else { return Err(Box::new(stale_form(portal, &visitor))) };
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let Some(flow) = flow(portal, &headers) else {
        return Err(Box::new(sign_in::first(portal, &back)));
    };
    Ok(Step { visitor, pairs, back, flow })
}

/// After a step: on, or the same page with what was wrong.
fn after(portal: &Portal, step_: &Step, result: Result<Progress, Fault>) -> Response {
    let Step { visitor, back, flow, .. } = step_;
    match result {
        Ok(progress) => sign_in::go_on(portal, progress, back),
        Err(refused) => match refused.kind() {
            FaultKind::Internal | FaultKind::Unavailable => fault(portal, visitor, &refused),
            kind => {
                let why = visitor.language.told(&refused);
                let page = step(portal, visitor, flow, (back, Some(&why)));
                headers::retry_after(page, kind)
            }
        },
    }
}

/// A second factor is given.
pub(crate) async fn give_factor(State(portal): State<Portal>, sent: Posted) -> Response {
    let step = match read(&portal, sent) {
        Ok(step) => step,
        Err(away) => return *away,
    };
    let field = |name: &str| form::field(&step.pairs, name).unwrap_or_default();
    let code = || Secret::new(field("code"));
    let proof = match field("kind") {
        "webauthn" => {
            Proof::Webauthn { state: Secret::new(field("state")), answer: field("answer").to_owned() }
        }
        "totp" => Proof::Totp(code()),
        "mail" => Proof::Mailed(code()),
        _ => Proof::Code(code()),
    };
    if field("kind") == "another" {
        let sent = factors::mail_again(&portal.store, &step.visitor.cx, &portal.signin, &step.flow).await;
        return after(&portal, &step, sent);
    }
    let remember = field("remember") == "yes";
    let given = (&step.flow, proof);
    let proved = factors::prove(&portal.store, &step.visitor.cx, &portal.signin, given, remember).await;
    after(&portal, &step, proved)
}

/// Another password is chosen.
pub(crate) async fn choose_password(State(portal): State<Portal>, sent: Posted) -> Response {
    let step = match read(&portal, sent) {
        Ok(step) => step,
        Err(away) => return *away,
    };
    let field = |name: &str| form::field(&step.pairs, name).unwrap_or_default();
    if field("new_password") != field("repeated") {
        let why = step.visitor.language.say("choose-password-differ").to_string();
        return self::step(&portal, &step.visitor, &step.flow, (&step.back, Some(&why)));
    }
    let (old, new) = (Secret::new(field("old_password")), Secret::new(field("new_password")));
    let (store, cx) = (&portal.store, &step.visitor.cx);
    let chosen = match directory_passwords::begin_in_flow(store, cx, &portal.signin, &step.flow).await {
        Ok(Some(changing)) => changed_there(&portal, &step, changing, (&old, &new)).await,
        Ok(None) => {
            let with = (&portal.signin, &portal.hasher);
            signin::passwords::choose(store, cx, with, (&step.flow, &new)).await
        }
        Err(refused) => Err(refused),
    };
    after(&portal, &step, chosen)
}

async fn changed_there(
    portal: &Portal,
    step: &Step,
    changing: Changing,
    passwords: (&Secret, &Secret),
) -> Result<Progress, Fault> {
    let (store, cx) = (&portal.store, &step.visitor.cx);
    let asked = (changing.asked(), passwords);
    let answer = sources::directory_passwords::change(store, cx, &portal.outbound, asked).await?;
    changing.answered_in_flow(store, cx, (&portal.signin, &step.flow), answer).await
}
