//! `/start`: the AWS access portal. And the HEAD request by which AWS CLI ≥ 2.35.13 asks where a start URL leads.

use accounts::effective_access::ReachableAccount;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::message::{Frame, fault, no_page, render};
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::{form, headers, profile, sign_in};

/// A role on a page.
pub(crate) struct RoleRow {
    pub(crate) name: String,
    encoded: String,
    pub(crate) description: String,
}

/// An account on a page, with its roles.
pub(crate) struct AccountRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) roles: Vec<RoleRow>,
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    frame: Frame,
    query: &'a str,
    total: usize,
    accounts: Vec<AccountRow>,
}

/// Answers the CLI's question with the nominal name of this instance (aws-capabilities §5.2, strategy B). The CLI contacts nothing there.
pub(crate) async fn head(State(portal): State<Portal>) -> Response {
    let target = format!("https://{}.portal.{}.app.aws/", portal.instance.id, portal.instance.region);
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(value) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    headers::harden(&mut response, portal.is_secure());
    response
}

/// The bare address leads to the portal.
pub(crate) async fn root(State(portal): State<Portal>) -> Response {
    headers::redirect("/start", portal.is_secure())
}

/// An address that leads nowhere: a page for a person, a bare 404 for a program.
pub(crate) async fn nowhere(State(portal): State<Portal>, visitor: Visitor, headers: HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/html") {
        return StatusCode::NOT_FOUND.into_response();
    }
    no_page(&portal, &visitor.doing("ListAccounts"))
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("ListAccounts");
    let raw = query.unwrap_or_default();
    if visitor.session.is_none() {
        let back = if raw.is_empty() { "/start".to_owned() } else { format!("/start?{raw}") };
        return sign_in::first(&portal, &back);
    }
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let wanted = form::field(&pairs, "q").unwrap_or_default().trim();
    let found = match accounts::effective_access::everything(&portal.store, &visitor.cx).await {
        Ok(found) => found,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    visitor.saw(&portal, "ListAccounts");
    let page = StartPage {
        frame: Frame::new(&portal, &visitor),
        query: wanted,
        total: found.len(),
        accounts: found.into_iter().filter_map(|account| row(account, &wanted.to_lowercase())).collect(),
    };
    render(&portal, &visitor, StatusCode::OK, &page, None)
}

/// The account's row, if it or one of its roles matches; a match on the account shows all its roles.
pub(crate) fn row(found: ReachableAccount, wanted: &str) -> Option<AccountRow> {
    let account = found.account;
    let hit = |text: &str| wanted.is_empty() || text.to_lowercase().contains(wanted);
    let whole = hit(&account.name) || hit(account.id.as_str()) || hit(&account.email);
    let roles: Vec<RoleRow> = found
        .roles
        .into_iter()
        .filter(|(role, _)| whole || hit(&role.permission_set_name))
        .map(|(role, description)| RoleRow {
            encoded: utf8_percent_encode(&role.permission_set_name, NON_ALPHANUMERIC).to_string(),
            name: role.permission_set_name,
            description: description.unwrap_or_default(),
        })
        .collect();
    (!roles.is_empty()).then(|| AccountRow {
        id: account.id.into(),
        name: account.name,
        email: account.email,
        roles,
    })
}

/// Every account and role as a file for `~/.aws/config`.
pub(crate) async fn config(State(portal): State<Portal>, visitor: Visitor) -> Response {
    let visitor = visitor.doing("ListAccounts");
    if visitor.session.is_none() {
        return sign_in::first(&portal, "/start/config");
    }
    let found = match accounts::effective_access::everything(&portal.store, &visitor.cx).await {
        Ok(found) => found,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    visitor.saw(&portal, "ListAccounts");
    let text = profile::file(&portal, visitor.language, &found);
    let mut response = ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response();
    headers::harden(&mut response, portal.is_secure());
    headers::in_language(response, visitor.language)
}
