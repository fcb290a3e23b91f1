//! What people were given, and what was taken from them again: tokens, cookies and keys, how each is presented, and whether it still opens
//! anything. Knows nothing of who holds what.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::http::{Answer, Ask, Keys, between};

/// Where the program listens for its code.
pub(crate) const REDIRECT: &str = "http://127.0.0.1/oauth/callback";
/// Things that were taken back which a worker looks at again and again.
const REMEMBERED: usize = 12;
/// A program that registered.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// What grew from one approval.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) client: Client,
    /// The code and its verifier.
    pub(crate) code: (String, String),
    pub(crate) redeemed: bool,
    pub(crate) approved_at: Instant,
    pub(crate) access: Vec<String>,
    pub(crate) refresh: Option<String>,
    pub(crate) used: Vec<String>,
}

impl Family {
    /// Whether the code may be over by now: it is good for a minute.
    pub(crate) fn is_late(&self) -> bool {
        self.approved_at.elapsed() > Duration::from_secs(50)
    }
}

/// Things that nobody may use any more.
#[derive(Debug, Default)]
pub(crate) struct Dead {
    pub(crate) access: Vec<String>,
    pub(crate) refresh: Vec<(Client, String)>,
    pub(crate) cookies: Vec<String>,
    pub(crate) keys: Vec<Keys>,
}

impl Dead {
    /// Keeps the latest of each.
    pub(crate) fn forget_old(&mut self) {
        let cut = |length: usize| length.saturating_sub(REMEMBERED);
        self.access.drain(..cut(self.access.len()));
        self.refresh.drain(..cut(self.refresh.len()));
        self.cookies.drain(..cut(self.cookies.len()));
        self.keys.drain(..cut(self.keys.len()));
    }

    /// None of it may open anything.
    pub(crate) async fn stay_dead(&self, actor: &Actor) -> anyhow::Result<()> {
        for cookie in &self.cookies {
            ensure!(!is_known(actor, cookie).await?, "a session that was ended is alive");
        }
        for token in &self.access {
            ensure!(!is_good(actor, token).await?, "an access token that was revoked is alive");
        }
        for keys in &self.keys {
            ensure!(!opens(actor, keys).await?, "credentials of a role that was removed are alive");
        }
        Ok(())
    }
}

/// Whether an access token opens the portal.
pub(crate) async fn is_good(actor: &Actor, token: &str) -> anyhow::Result<bool> {
    let ask = Ask::plain(Method::GET, "/assignment/accounts", "").with("x-amz-sso_bearer_token", token);
    let answer = actor.look(ask).await?;
    ensure!(
        answer.status == StatusCode::OK || answer.status == StatusCode::UNAUTHORIZED,
        "ListAccounts: {}",
        answer.shown()
    );
    Ok(answer.status == StatusCode::OK)
}

/// Whether a cookie is a session's.
pub(crate) async fn is_known(actor: &Actor, cookie: &str) -> anyhow::Result<bool> {
    let ask = Ask::plain(Method::GET, "/start", "").with("cookie", &format!("portico={cookie}"));
    let answer = actor.look(ask).await?;
    ensure!(!answer.status.is_server_error(), "/start: {}", answer.shown());
    Ok(answer.status == StatusCode::OK)
}

/// Whether role credentials are good.
pub(crate) async fn opens(actor: &Actor, keys: &Keys) -> anyhow::Result<bool> {
    let pairs = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")];
    let answer = actor.look(Ask::query(keys, "sts", &pairs)).await?;
    ensure!(!answer.status.is_server_error(), "GetCallerIdentity: {}", answer.shown());
    Ok(answer.status == StatusCode::OK)
}

/// A request of a REST operation.
pub(crate) fn rest(path: &str, input: &Value) -> Ask {
    Ask::plain(Method::POST, path, input.to_string()).with("content-type", "application/json")
}

/// CreateToken with a code.
pub(crate) fn by_code(family: &Family) -> Ask {
    rest(
        "/token",
        &json!({
            "clientId": family.client.id, "clientSecret": family.client.secret, "grantType": "authorization_code",
            "code": family.code.0, "codeVerifier": family.code.1, "redirectUri": REDIRECT,
        }),
    )
}

/// CreateToken with a refresh token.
pub(crate) fn by_refresh(client: &Client, token: &str) -> Ask {
    rest(
        "/token",
        &json!({
            "clientId": client.id, "clientSecret": client.secret, "grantType": "refresh_token", "refreshToken": token,
        }),
    )
}

/// The token of a page's form.
pub(crate) fn csrf(page: &Answer) -> anyhow::Result<String> {
    let text = page.text();
    let found = between(&text, "name=\"csrf\" value=\"", "\"");
    Ok(found.with_context(|| format!("a page without a form: {}", page.shown()))?.to_owned())
}
