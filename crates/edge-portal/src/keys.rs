//! A role's page: the profile to paste, and on request short-lived keys.

use accounts::role_credentials::Grants;
use accounts::role_sessions::Credentials;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use model::accounts::account::AccountId;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::message::{Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::shell::Shell;
use crate::visitor::Visitor;
use crate::words::language::Language;
use crate::words::sentence::Sentence;
use crate::{form, profile, sign_in, verify};

struct Keys {
    expires: String,
    shells: [(Sentence, String); 3],
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
    commands: String,
    profile: String,
    shared: String,
    variables: String,
    process: String,
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
    let Some(session) = &visitor.session else { return sign_in::first(&portal, "/start") };
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    match signin::devices::has_proved_lately(&portal.store, &visitor.cx, session) {
        Ok(true) => {}
        Ok(false) => return verify::first(&portal, &own_address(&pairs)),
        Err(refused) => return fault(&portal, &visitor, &refused),
    }
    let issued = match (
        AccountId::parse(form::field(&pairs, "account").unwrap_or_default()),
        form::field(&pairs, "role"),
    ) {
        (Ok(account), Some(role)) => {
            match Grants::default().issue(&portal.store, &visitor.cx, &account, role) {
                Ok(issued) => portal.recorder.release(&visitor.cx, issued).await,
                Err(refused) => Err(refused),
            }
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

/// The page of the role that a form is about.
fn own_address(pairs: &[(String, String)]) -> String {
    let value = |name| utf8_percent_encode(form::field(pairs, name).unwrap_or_default(), NON_ALPHANUMERIC);
    format!("/start/keys?account={}&role={}", value("account"), value("role"))
}

fn no_access() -> Fault {
    Fault::say(FaultKind::Forbidden, Saying::NoSuchRole)
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
        commands: profile::commands(portal, &name, &found.account.id, role),
        profile: profile::section(portal, &name, &found.account.id, role),
        shared: profile::shared(portal),
        variables: profile::variables(portal),
        process: format!("credential_process = aws configure export-credentials --profile {name}"),
        profile_name: name,
        csrf: visitor.csrf(portal),
        keys: issued.map(|issued| keys(portal, visitor.language, issued, &format!("{account}_{role}"))),
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}

fn keys(portal: &Portal, language: Language, issued: &Credentials, section: &str) -> Keys {
    let (id, secret, token) =
        (&issued.access_key_id, issued.secret_access_key.expose(), issued.session_token.expose());
    let (region, endpoint) = (&portal.instance.region, &portal.signin.endpoint);
    // The keys are good here only: whatever the shell calls goes here, so that no token of ours reaches Amazon. The Go SDK does not heed
    // the variable for all services where it takes a further role, hence the one for STS. Not every program reads AWS_REGION.
    let variables = [
        ("AWS_ACCESS_KEY_ID", id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_SESSION_TOKEN", token),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ENDPOINT_URL_STS", endpoint),
    ];
    let shells = [
        (language.say("keys-posix"), Shell::Posix),
        (language.say("keys-powershell"), Shell::Pwsh),
        (language.say("keys-cmd"), Shell::Cmd),
    ];
    Keys {
        expires: issued.expires_at.rfc3339().replace('T', " ").replace('Z', " UTC"),
        shells: shells.map(|(name, shell)| (name, shell.set(variables.into_iter()))),
        credentials: format!(
            "[{section}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n\
             region = {region}\nendpoint_url = {endpoint}\n"
        ),
    }
}
