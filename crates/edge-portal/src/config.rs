//! `/start/config`: a `~/.aws/config` for everything that a person reaches: named as they like, looked at, copied, downloaded.

use std::sync::Arc;

use accounts::own_access::OwnAccess;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use model::fault::Fault;

use crate::message::{Frame, fault, render};
use crate::portal::Portal;
use crate::profile::{self, Wish};
use crate::profile_names::{TEMPLATE_MAX, Template, USUAL, blanks};
use crate::start::own_access;
use crate::visitor::Visitor;
use crate::words::language::Language;
use crate::{form, headers, sign_in};

/// Roles of a file that is shown whole; of a larger one the beginning is, and the rest is downloaded.
const SHOWN_WHOLE: usize = 100;
const SHOWN_OF_MORE: usize = 10;

#[derive(askama::Template)]
#[template(path = "config.html")]
struct ConfigPage<'a> {
    frame: Frame,
    template: &'a str,
    template_max: usize,
    blanks: [&'static str; 3],
    /// Ready templates, each with the page of its own.
    ready: Vec<(&'static str, String)>,
    each: bool,
    notice: Option<String>,
    text: String,
    roles: usize,
    shown: usize,
    download: String,
}

/// What profiles may be called, for who does not want to think about it.
const READY: [&str; 4] = [USUAL, "{role}-{account_name}", "{account_id}-{role}", "{account_name}.{role}"];

/// What is asked for, as it was typed and as it was understood.
struct Asked {
    template: String,
    each: bool,
    wish: Result<Wish, Fault>,
}

impl Asked {
    fn read(raw: &str) -> Self {
        let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
        let template = form::field(&pairs, "template").unwrap_or(USUAL).trim().to_owned();
        let (each, sessions) = match form::field(&pairs, "sessions") {
            None | Some("one") => (false, Ok(())),
            Some("account") => (true, Ok(())),
            Some(_) => (false, Err(Fault::validation("sessions must be one or account"))),
        };
        let wish = sessions.and_then(|()| Template::parse(&template)).map(|template| Wish { template, each });
        Self { template, each, wish }
    }
}

fn address(path: &str, template: &str, each: bool) -> String {
    let sessions = if each { "account" } else { "one" };
    format!("{path}?template={}&sessions={sessions}", form::encoded(template))
}

/// The beginning of the file, or all of it. Fifty thousand names take their time: no other request waits for them.
async fn text(
    portal: &Portal,
    language: Language,
    (own, wish): (Arc<OwnAccess>, Wish),
    roles_max: usize,
) -> Result<String, Fault> {
    let portal = portal.clone();
    let write = move || profile::file(&portal, language, (&own, &wish), roles_max);
    tokio::task::spawn_blocking(write).await.map_err(Fault::internal)
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("ListAccounts");
    let raw = query.unwrap_or_default();
    if visitor.session.is_none() {
        let back = if raw.is_empty() { "/start/config".to_owned() } else { format!("/start/config?{raw}") };
        return sign_in::first(&portal, &back);
    }
    let own = match own_access(&portal, &visitor).await {
        Ok(own) => own,
        Err(refused) => return *refused,
    };
    let asked = Asked::read(&raw);
    let (notice, status) = match &asked.wish {
        Ok(_) => (None, StatusCode::OK),
        Err(refused) => (Some(visitor.language.told(refused)), StatusCode::BAD_REQUEST),
    };
    let wish = asked.wish.unwrap_or_else(|_| Wish { template: Template::usual(), each: asked.each });
    let roles = own.roles_in_all();
    let shown = if roles <= SHOWN_WHOLE { roles } else { SHOWN_OF_MORE };
    let text = match text(&portal, visitor.language, (own, wish), shown).await {
        Ok(text) => text,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    visitor.saw(&portal, "ListAccounts");
    let page = ConfigPage {
        frame: Frame::new(&portal, &visitor),
        download: address(
            "/start/config.txt",
            if notice.is_some() { USUAL } else { &asked.template },
            asked.each,
        ),
        template: &asked.template,
        template_max: TEMPLATE_MAX,
        blanks: blanks(),
        ready: READY
            .into_iter()
            .filter(|ready| *ready != asked.template)
            .map(|ready| (ready, address("/start/config", ready, asked.each)))
            .collect(),
        each: asked.each,
        notice,
        text,
        roles,
        shown,
    };
    render(&portal, &visitor, status, &page, None)
}

/// The file itself.
pub(crate) async fn download(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("ListAccounts");
    let raw = query.unwrap_or_default();
    if visitor.session.is_none() {
        // To the page: a download that begins by itself after a sign-in would surprise.
        return sign_in::first(&portal, &format!("/start/config?{raw}"));
    }
    let own = match own_access(&portal, &visitor).await {
        Ok(own) => own,
        Err(refused) => return *refused,
    };
    let text = match Asked::read(&raw).wish {
        Ok(wish) => text(&portal, visitor.language, (own, wish), usize::MAX).await,
        Err(refused) => Err(refused),
    };
    let text = match text {
        Ok(text) => text,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    visitor.saw(&portal, "ListAccounts");
    let mut response = ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"aws-config.txt\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    headers::harden(&mut response, portal.is_secure());
    headers::in_language(response, visitor.language)
}
