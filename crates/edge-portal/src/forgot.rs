//! "Forgot your password?": the same words after the same time, whoever's name is typed. There is such a page only where mail is sent.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use model::fault::FaultKind;
use tokio::time::Instant;

use crate::message::{Frame, fault, record, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::{form, headers, message};

/// How long the answer takes at least: nobody can tell what was looked up for it.
const ANSWERED: Duration = Duration::from_millis(100);

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    user_name: &'a str,
}

pub(crate) async fn show(State(portal): State<Portal>, visitor: Visitor) -> Response {
    let visitor = visitor.doing("PasswordRecoveryRequested");
    if !portal.signin.mails {
        return message::no_page(&portal, &visitor);
    }
    page(&portal, &visitor, (StatusCode::OK, None), "")
}

fn page(
    portal: &Portal,
    visitor: &Visitor,
    (status, notice): (StatusCode, Option<&str>),
    user_name: &str,
) -> Response {
    let page =
        ForgotPage { frame: Frame::new(portal, visitor), notice, csrf: visitor.csrf(portal), user_name };
    visitor.remember(portal, render(portal, visitor, status, &page, None))
}

pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let begun = Instant::now();
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("PasswordRecoveryRequested");
    if !portal.signin.mails {
        return message::no_page(&portal, &visitor);
    }
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let user_name = form::field(&pairs, "username").unwrap_or_default().trim();
    if user_name.is_empty() {
        let why = visitor.language.say("forgot-who").to_string();
        return page(&portal, &visitor, (StatusCode::BAD_REQUEST, Some(&why)), "");
    }
    let asked = signin::forgotten::ask(&portal.store, &visitor.cx, &portal.signin, user_name).await;
    tokio::time::sleep_until(begun + ANSWERED).await;
    match asked {
        Ok(()) => message::letter_asked(&portal, &visitor),
        Err(refused) if matches!(refused.kind(), FaultKind::Throttled(_)) => {
            record(&portal, &visitor, &refused);
            let why = visitor.language.told(&refused);
            let status = (StatusCode::TOO_MANY_REQUESTS, Some(why.as_str()));
            headers::retry_after(page(&portal, &visitor, status, user_name), refused.kind())
        }
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}
