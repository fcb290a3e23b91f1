//! `/start`: the AWS access portal. And the HEAD request by which AWS CLI ≥ 2.35.13 asks where a start URL leads.

use std::sync::Arc;

use accounts::own_access::OwnAccess;
use accounts::portal_choices;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::accounts::account::AccountId;

use crate::listing::{Asked, Listing, address};
use crate::message::{Frame, fault, no_page, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::tiles::Tiles;
use crate::visitor::Visitor;
use crate::{form, headers, sign_in};

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    frame: &'a Frame,
    csrf: String,
    tiles: Tiles,
    listing: &'a Listing<'a>,
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

/// The bare address leads to the portal. So does AWS's, with a slash behind it: what stands behind its `#` the browser takes along.
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

/// What the visitor may use.
pub(crate) async fn own_access(portal: &Portal, visitor: &Visitor) -> Result<Arc<OwnAccess>, Box<Response>> {
    let own = portal.own_access.of_caller(&portal.store, &visitor.cx).await;
    own.map_err(|refused| Box::new(fault(portal, visitor, &refused)))
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
    let tiles = match Tiles::of(&portal, &visitor, form::field(&pairs, "applications")) {
        Ok(tiles) => tiles,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    list(&portal, &visitor, &raw, |frame, listing| {
        let page = StartPage { frame, csrf: visitor.csrf(&portal), tiles, listing };
        render(&portal, &visitor, StatusCode::OK, &page, None)
    })
    .await
}

/// The list alone, for the script that asks for it at every key. Whoever is not signed in any more is told so by the status: the script then opens the
/// page, which leads to the sign-in and back.
pub(crate) async fn search(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("ListAccounts");
    if visitor.session.is_none() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let raw = query.unwrap_or_default();
    list(&portal, &visitor, &raw, |_, listing| render(&portal, &visitor, StatusCode::OK, listing, None)).await
}

async fn list(
    portal: &Portal,
    visitor: &Visitor,
    raw: &str,
    shown: impl FnOnce(&Frame, &Listing<'_>) -> Response,
) -> Response {
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let asked = match Asked::read(&pairs) {
        Ok(asked) => asked,
        Err(refused) => return fault(portal, visitor, &refused),
    };
    let own = match own_access(portal, visitor).await {
        Ok(own) => own,
        Err(refused) => return *refused,
    };
    let frame = Frame::new(portal, visitor);
    match Listing::new((portal, visitor, &frame), &own, &asked) {
        Ok(listing) => {
            visitor.saw(portal, "ListAccounts");
            shown(&frame, &listing)
        }
        Err(refused) => fault(portal, visitor, &refused),
    }
}

/// An account is marked as a favourite, or is one no more.
pub(crate) async fn mark(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("UpdateFavouriteAccount");
    if visitor.session.is_none() {
        return sign_in::first(&portal, "/start");
    }
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let (add, remove) = (form::field(&pairs, "add"), form::field(&pairs, "remove"));
    let account = match AccountId::parse(add.or(remove).unwrap_or_default()) {
        Ok(account) => account,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    let own = match own_access(&portal, &visitor).await {
        Ok(own) => own,
        Err(refused) => return *refused,
    };
    let whose = (&*own, &account);
    if let Err(refused) = portal_choices::mark(&portal.store, &visitor.cx, whose, add.is_some()).await {
        return fault(&portal, &visitor, &refused);
    }
    let back = match Asked::read(&pairs) {
        Ok(asked) => address(asked.query, asked.page),
        Err(_) => "/start".to_owned(),
    };
    headers::redirect(&back, portal.is_secure())
}
