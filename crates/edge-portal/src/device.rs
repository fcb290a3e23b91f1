//! The device page (RFC 8628): type the code, compare, decide.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use model::fault::FaultKind;
use model::signin::portal_session::PortalSession;
use signin::device::{self, DeviceRequest};

use crate::authorize::{Asking, ConsentPage};
use crate::message::{Frame, done, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::{form, message, sign_in};

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    user_code: &'a str,
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("AuthorizeClient");
    let raw = query.unwrap_or_default();
    let Some(session) = visitor.session.clone() else {
        let back = if raw.is_empty() { "/device".to_owned() } else { format!("/device?{raw}") };
        return sign_in::first(&portal, &back);
    };
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let code = form::field(&pairs, "user_code").unwrap_or_default();
    // A look-up counts as a guess at codes: links on other sites must not use up the visitor's.
    if code.is_empty() || form::linked_from_elsewhere(&headers) {
        visitor.saw(&portal, "ViewAuthorizeClient");
        return type_code(&portal, &visitor, StatusCode::OK, None, code);
    }
    ask(&portal, &visitor, &session, code).await
}

fn type_code(
    portal: &Portal,
    visitor: &Visitor,
    status: StatusCode,
    notice: Option<&str>,
    user_code: &str,
) -> Response {
    let page =
        DevicePage { frame: Frame::new(portal, visitor), notice, csrf: visitor.csrf(portal), user_code };
    render(portal, visitor, status, &page, None)
}

/// Shows what the code stands for, and asks.
async fn ask(portal: &Portal, visitor: &Visitor, session: &PortalSession, code: &str) -> Response {
    match device::look_up(&portal.store, &visitor.cx, session, code).await {
        Ok(request) => {
            visitor.saw(portal, "ViewAuthorizeClient");
            consent(portal, visitor, session, &request)
        }
        Err(refused) if matches!(refused.kind(), FaultKind::Unavailable | FaultKind::Internal) => {
            fault(portal, visitor, &refused)
        }
        Err(refused) => {
            message::record(portal, visitor, &refused);
            let why = visitor.language.told(&refused);
            type_code(portal, visitor, StatusCode::BAD_REQUEST, Some(&why), code)
        }
    }
}

fn consent(portal: &Portal, visitor: &Visitor, session: &PortalSession, request: &DeviceRequest) -> Response {
    let page = ConsentPage {
        frame: Frame::new(portal, visitor),
        client_name: &request.client_name,
        asking: if request.is_application {
            Asking::Application
        } else {
            Asking::named(&request.client_name)
        },
        user_code: Some(&request.user_code),
        asked_from: Some(&request.source_ip),
        elsewhere: *request.source_ip != *visitor.cx.source_ip,
        asked_at: Some(request.started_at.minute()),
        sends_to: None,
        scopes: &request.scopes,
        who: &session.user_name,
        action: "/device",
        can_remember: false,
        csrf: visitor.csrf(portal),
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}

pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("AuthorizeClient");
    let Some(session) = visitor.session.clone() else { return sign_in::first(&portal, "/device") };
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let code = form::field(&pairs, "user_code").unwrap_or_default();
    let decided = match form::field(&pairs, "decision") {
        None => return ask(&portal, &visitor, &session, code).await,
        Some("approve") => {
            let request = device::approve(&portal.store, &visitor.cx, &session, code).await;
            request.map(|_| true)
        }
        Some(_) => {
            let request = device::deny(&portal.store, &visitor.cx, &session, code).await;
            request.map(|_| false)
        }
    };
    match decided {
        Ok(true) => {
            let say = |name| visitor.language.say(name);
            done(&portal, &visitor, say("access-allowed"), say("device-allowed"))
        }
        Ok(false) => message::denied(&portal, &visitor, visitor.language.say("device-denied")),
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}
