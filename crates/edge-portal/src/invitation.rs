//! The page that an invitation opens: a person chooses a password. To open it changes nothing, for programs open the links in letters; the form uses
//! the link, once. Nobody is signed in by it: the sign-in page is next.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use model::fault::{Fault, FaultKind};
use model::secret::Secret;
use signin::invitations::{self, Opened};

use crate::message::{Frame, fault, record, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::words::sentence::Sentence;
use crate::{form, message};

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    csrf: String,
    token: &'a str,
    user_name: &'a str,
    rule: Sentence,
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("AcceptInvitation");
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let token = Secret::new(form::field(&pairs, "token").unwrap_or_default());
    match invitations::look(&portal.store, &visitor.cx, &token) {
        Ok(opened) => page(&portal, &visitor, (StatusCode::OK, None), (&opened, &token)),
        Err(refused) => refuse(&portal, &visitor, &refused),
    }
}

fn page(
    portal: &Portal,
    visitor: &Visitor,
    (status, notice): (StatusCode, Option<&str>),
    (opened, token): (&Opened, &Secret),
) -> Response {
    let page = InvitationPage {
        frame: Frame::new(portal, visitor),
        notice,
        csrf: visitor.csrf(portal),
        token: token.expose(),
        user_name: &opened.user_name,
        rule: visitor.language.rule(&opened.rule),
    };
    visitor.remember(portal, render(portal, visitor, status, &page, None))
}

fn refuse(portal: &Portal, visitor: &Visitor, refused: &Fault) -> Response {
    if !matches!(refused.kind(), FaultKind::NotFound(_)) {
        return fault(portal, visitor, refused);
    }
    record(portal, visitor, refused);
    message::void_link(portal, visitor, refused)
}

pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("AcceptInvitation");
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let secret = |name: &str| Secret::new(form::field(&pairs, name).unwrap_or_default());
    let (token, password, again) = (secret("token"), secret("password"), secret("again"));
    let opened = match invitations::look(&portal.store, &visitor.cx, &token) {
        Ok(opened) => opened,
        Err(refused) => return refuse(&portal, &visitor, &refused),
    };
    let wrong = |why: &str| page(&portal, &visitor, (StatusCode::BAD_REQUEST, Some(why)), (&opened, &token));
    if password.expose() != again.expose() {
        return wrong(&visitor.language.say("invitation-differ").to_string());
    }
    let parts = (&portal.signin, &portal.hasher);
    match invitations::accept(&portal.store, &visitor.cx, parts, &token, &password).await {
        Ok(user_name) => {
            let name = form::encoded(&user_name);
            let link = format!("/signin?again=1&user_name={name}");
            message::password_chosen(&portal, &visitor, &link)
        }
        Err(refused) if refused.kind() == &FaultKind::Validation => {
            record(&portal, &visitor, &refused);
            wrong(&capitalised(&visitor.language.told(&refused)))
        }
        Err(refused) => refuse(&portal, &visitor, &refused),
    }
}

/// A sentence, of what the API says within one.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
