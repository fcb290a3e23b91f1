//! Who is at the console: a person who is signed in, as one of their roles in the management account. Remembers the calls of a page, so that it can say
//! which commands do the same.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::extract::FromRequestParts as _;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::fault;
use edge_portal::sign_in;
use edge_portal::visitor::{Visitor, cookie, cookie_name};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use model::client_address::{OverTls, is_secure};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::encoded;
use crate::command;
use crate::desk::Desk;

/// The cookie that names the role which a person chose, of those that they have.
pub(crate) const ROLE_COOKIE: &str = "portico_role";

/// Who is at the console.
#[derive(Debug)]
pub(crate) struct Administrator {
    /// The person, and their browser.
    pub(crate) visitor: Visitor,
    /// As which role they act.
    pub(crate) role: String,
    /// The roles that they have in the management account.
    pub(crate) roles: Vec<String>,
    /// The context of calls: the role's.
    cx: Cx,
    commands: Vec<String>,
}

impl Administrator {
    /// Who asks for a page; else the answer to them. `place`: where they come back to once they have signed in.
    pub(crate) async fn of(parts: &mut Parts, desk: &Desk, place: &str) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, &desk.portal).await?.doing("ListAccountRoles");
        if visitor.session.is_none() {
            return Err(sign_in::first(&desk.portal, place));
        }
        let refuse = |visitor: &Visitor, refused: &Fault| fault(&desk.portal, visitor, refused);
        let roles = desk.inside.roles_at_home(&visitor.cx).map_err(|refused| refuse(&visitor, &refused))?;
        let Some(role) = chosen(desk, &parts.headers, &roles) else {
            return Err(refuse(&visitor, &Fault::say(FaultKind::Forbidden, Saying::NoRoleAtHome)));
        };
        let caller = desk.inside.as_role(&visitor.cx, &role).await;
        let caller = caller.map_err(|refused| refuse(&visitor, &refused))?;
        let mut cx = visitor.cx.clone().with_caller(caller);
        cx.secure_transport = Some(comes_by_tls(parts, desk));
        Ok(Self { visitor, role, roles, cx, commands: Vec::new() })
    }

    /// Calls an operation as the role, and keeps in mind which command does the same.
    pub(crate) async fn call<T: DeserializeOwned>(
        &mut self,
        desk: &Desk,
        op: Op,
        input: Value,
    ) -> Result<T, Fault> {
        self.commands.push(command::text(op, &input));
        let answer = desk.inside.call(&self.cx, op, &input).await?;
        let text: &[u8] = if answer.is_empty() { b"{}" } else { &answer };
        serde_json::from_slice(text).map_err(|error| Fault::internal(format!("{op:?} answers {error}")))
    }

    /// [`Self::call`] of what a page has beside its main matter: nothing, where the role may not ask for it.
    pub(crate) async fn call_if_allowed<T: DeserializeOwned>(
        &mut self,
        desk: &Desk,
        op: Op,
        input: Value,
    ) -> Result<Option<T>, Fault> {
        allowed(self.call(desk, op, input).await)
    }

    /// [`Self::call`] of what answers nothing that is of use.
    pub(crate) async fn act(&mut self, desk: &Desk, op: Op, input: Value) -> Result<(), Fault> {
        self.call::<Value>(desk, op, input).await.map(|_| ())
    }

    /// The commands of the AWS CLI that do what this page did.
    pub(crate) fn commands(&self) -> &[String] {
        &self.commands
    }
}

/// What a call answered; nothing, where the role may not call it.
pub(crate) fn allowed<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(why) if matches!(why.kind(), FaultKind::AccessDenied) => Ok(None),
        Err(why) => Err(why),
    }
}

/// The role that the browser remembers, if the person has it; the first of theirs otherwise.
fn chosen(desk: &Desk, headers: &HeaderMap, roles: &[String]) -> Option<String> {
    let remembered = cookie(headers, &cookie_name(&desk.portal, ROLE_COOKIE));
    roles.iter().find(|role| Some(encoded(role).as_str()) == remembered).or_else(|| roles.first()).cloned()
}

fn comes_by_tls(parts: &Parts, desk: &Desk) -> bool {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let over_tls = parts.extensions.get::<OverTls>().is_some_and(|OverTls(over_tls)| *over_tls);
    let said = parts.headers.get_all("x-forwarded-proto").iter().map(HeaderValue::as_bytes);
    peer.is_some_and(|peer| is_secure(peer, over_tls, said, &desk.portal.trusted_proxies))
}
