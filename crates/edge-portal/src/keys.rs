//! A role's page: the profile to paste, and on request short-lived keys.

use accounts::role_sessions::Credentials;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use model::account::AccountId;
use model::fault::{Fault, FaultKind};

use crate::message::{Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::{form, profile, sign_in};

struct Keys {
    expires: String,
    environment: String,
    credentials: String,
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage<'a> {
    frame: Frame,
    account_id: &'a str,
    account_name: &'a str,
    role: &'a str,
    profile_name: String,
    profile: String,
    csrf: String,
    keys: Option<Keys>,
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("ListAccountRoles");
    let raw = query.unwrap_or_default();
    if visitor.session.is_none() {
        return sign_in::first(&portal, &format!("/start/keys?{raw}"));
    }
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    page(&portal, &visitor, &pairs, None).await
}

pub(crate) async fn issue(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing("GetRoleCredentials");
    if visitor.session.is_none() {
        return sign_in::first(&portal, "/start");
    }
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let issued = match (
        AccountId::parse(form::field(&pairs, "account").unwrap_or_default()),
        form::field(&pairs, "role"),
    ) {
        (Ok(account), Some(role)) => {
            accounts::role_credentials::issue(&portal.store, &visitor.cx, &account, role).await
        }
        _ => Err(no_access()),
    };
    match issued {
        Ok(credentials) => page(&portal, &visitor, &pairs, Some(&credentials)).await,
        Err(refused) if matches!(refused.kind(), FaultKind::Forbidden) => {
            fault(&portal, &visitor, &no_access())
        }
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

fn no_access() -> Fault {
    Fault::new(FaultKind::Forbidden, "You have no such role. Somebody may have taken it away a moment ago.")
}

async fn page(
    portal: &Portal,
    visitor: &Visitor,
    pairs: &[(String, String)],
    issued: Option<&Credentials>,
) -> Response {
    let (account, role) =
        (form::field(pairs, "account").unwrap_or_default(), form::field(pairs, "role").unwrap_or_default());
    let everything = match accounts::effective_access::everything(&portal.store, &visitor.cx).await {
        Ok(everything) => everything,
        Err(refused) => return fault(portal, visitor, &refused),
    };
    let found = everything
        .iter()
        .find(|reachable| reachable.account.id.as_str() == account)
        .filter(|reachable| reachable.roles.iter().any(|(has, _)| has.permission_set_name == role));
    let Some(found) = found else { return fault(portal, visitor, &no_access()) };
    if issued.is_none() {
        visitor.saw(portal, "ListAccountRoles");
    }
    let name = profile::Names::new(&everything).of(&found.account, role);
    let page = KeysPage {
        frame: Frame::new(portal, visitor),
        account_id: account,
        account_name: &found.account.name,
        role,
        profile: format!(
            "{}\n{}",
            profile::section(portal, &name, &found.account.id, role),
            profile::shared(portal)
        ),
        profile_name: name,
        csrf: visitor.csrf(portal),
        keys: issued.map(|issued| keys(issued, &format!("{account}_{role}"))),
    };
    render(portal, StatusCode::OK, &page, None)
}

fn keys(issued: &Credentials, section: &str) -> Keys {
    let (id, secret, token) =
        (&issued.access_key_id, issued.secret_access_key.expose(), issued.session_token.expose());
    Keys {
        expires: issued.expires_at.rfc3339().replace('T', " ").replace('Z', " UTC"),
        environment: format!(
            "export AWS_ACCESS_KEY_ID=\"{id}\"\nexport AWS_SECRET_ACCESS_KEY=\"{secret}\"\nexport AWS_SESSION_TOKEN=\"{token}\""
        ),
        credentials: format!(
            "[{section}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}"
        ),
    }
}
