//! Questions that an application pushes before it sends a browser (RFC 9126): nobody on the way reads or changes them, and who asks has proved who it is. The name of one is good
//! once, within a minute. Where its person has to sign in first, the question waits under another name, for as long as that may take.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::applications::application::ApplicationId;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, OAuthError};
use model::secret::Secret;
use model::timestamp::Timestamp;
use serde_json::json;
use store::applications::oidc_pushed_requests::{self, Origin};
use store::db::Store;

use crate::applications::KIND;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_clients::{Presented, prove};
use crate::oidc_gate::{require_room, require_room_to_sign_in, site, usable};
use crate::oidc_proofs;
use crate::oidc_sign_ons::{self, Question, Refusal, appended, single};

/// What names of pushed questions begin with (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long one waits for its browser.
const PUSHED: Duration = Duration::from_secs(60);
/// How long it waits while its person signs in.
const SIGNING_IN: Duration = Duration::from_mins(15);
/// Bytes of names and values of one at most, as much as a browser may bring.
const ASKED_MAX: usize = 3_500;
/// In a question that is asked again: since when its person must have proved who they are, in microseconds. Ours alone: no application pushes it.
const PROVED_SINCE: &str = "portico_proved_since";
/// By what a client proves itself: no part of what it asks.
const CREDENTIALS: [&str; 4] = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];

type Pairs = Vec<(String, String)>;

/// What an application is given for its question.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// `request_uri`
    pub request_uri: Secret,
    /// `expires_in`, seconds
    pub expires_in: u64,
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::oauth(OAuthError::InvalidRequest, message)
}

fn new_name(cx: &Cx) -> Secret {
    Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy()))))
}

/// Keeps a question for whoever brings its name. It is judged now, as it will be when a browser brings it.
pub async fn push(
    store: &Store,
    cx: &Cx,
    at: (&OidcAddresses, &ApplicationId),
    (presented, asked, proof): (Presented, &[(String, String)], Option<&Secret>),
) -> Result<Pushed, Fault> {
    let (ours, id) = at;
    let client = store.read(|rx| prove(rx, cx, at, &presented))?;
    // A proof is no must here: what it proves is the key that the code is bound to (RFC 9449 §10.1).
    let proved = match proof {
        Some(_) => oidc_proofs::proved(cx, &client.settings, (proof, &ours.below(id, "par")))?,
        None => None,
    };
    let is_asked = |(name, _): &&(String, String)| !CREDENTIALS.contains(&name.as_str());
    let mut pairs: Pairs = asked.iter().filter(is_asked).cloned().collect();
    if pairs.iter().any(|(name, _)| name == PROVED_SINCE) {
        return Err(invalid(format!("{PROVED_SINCE} is no part of a question")));
    }
    let length: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
    if length > ASKED_MAX {
        return Err(invalid(format!("The question has {length} bytes, {ASKED_MAX} at most")));
    }
    pairs.push(("client_id".to_owned(), id.to_string()));
    if let Some(proved) = &proved {
        if single(&pairs, "dpop_jkt").map_err(invalid)?.is_some_and(|key| key != proved.key) {
            return Err(invalid("dpop_jkt is another key than the one that the DPoP header proves"));
        }
        pairs.retain(|(name, _)| name != "dpop_jkt");
        pairs.push(("dpop_jkt".to_owned(), proved.key.clone()));
    }
    oidc_sign_ons::open_pushed(store, cx, at, pairs.clone()).map_err(as_fault)?;
    let name = new_name(cx);
    let text = serde_json::to_vec(&pairs).map_err(Fault::internal)?;
    let (ours, id, kept) = (ours.clone(), id.clone(), name.clone());
    store
        .write(cx, move |tx, cx| {
            let client = prove(tx, cx, (&ours, &id), &presented)?;
            client.spend(tx, cx)?;
            if let Some(proved) = &proved {
                proved.use_up(tx, cx)?;
            }
            let from = Origin { site: &site(cx), waits: false };
            let waiting = oidc_pushed_requests::count_living(tx, &id, (from.site, cx.now))?;
            require_room(&client.settings, waiting)?;
            let hash = tx.keyring().hash_token(kept.expose());
            oidc_pushed_requests::insert(tx, cx, (&id, &hash), (&text, from, cx.now.plus(PUSHED)))?;
            cx.event().touch(KIND, client.application.arn().to_string());
            cx.event().respond(json!({ "requestUri": model::event::HIDDEN, "expiresIn": PUSHED.as_secs() }));
            Ok(())
        })
        .await?;
    Ok(Pushed { request_uri: name, expires_in: PUSHED.as_secs() })
}

/// What a browser would have been told, told to the program that asks (RFC 9126 §2.3).
fn as_fault(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Page(fault) => fault,
        Refusal::Redirect(answer) if answer.error == "invalid_scope" => {
            Fault::oauth(OAuthError::InvalidScope, answer.description)
        }
        Refusal::Redirect(answer) if answer.error == "invalid_request" => invalid(answer.description),
        Refusal::Redirect(answer) => invalid(format!("{}: {}", answer.error, answer.description)),
    }
}

/// Reads the decoded parameters of a question: of one that was pushed where they name it. A name that we gave nobody is refused like any other way of bringing a question.
pub async fn open(
    store: &Store,
    cx: &Cx,
    at: (&OidcAddresses, &ApplicationId),
    params: &[(String, String)],
) -> Result<Question, Refusal> {
    if !params.iter().any(|(name, value)| name == "request_uri" && value.starts_with(PREFIX)) {
        return oidc_sign_ons::open(store, cx, at, params);
    }
    let (_, id) = at;
    let one = |name: &str| single(params, name).map_err(invalid);
    if one("client_id")? != Some(id.as_str()) {
        return Err(
            invalid(format!("client_id must be {id}: each application has an address of its own")).into()
        );
    }
    let name = one("request_uri")?.unwrap_or_default();
    let hash = store.keyring().hash_token(name);
    // A name that somebody made up is found out by a read, and never queues for the writer.
    let is_there = store.read(|rx| {
        usable(rx, cx, id)?;
        Ok(oidc_pushed_requests::is_there(rx, (id, &hash), cx.now)?)
    })?;
    let of = id.clone();
    let found = if is_there {
        store.maintain(cx, move |tx, cx| oidc_pushed_requests::take(tx, (&of, &hash), cx.now)).await?
    } else {
        None
    };
    let text = found.ok_or_else(|| {
        invalid("request_uri is not known, is another application's, was used before, or is too old: go back to the application and begin again")
    })?;
    let pairs: Pairs = serde_json::from_slice(&text).map_err(Fault::internal)?;
    let is_pushed = |pair: &&(String, String)| pair.0 == "request_uri" || pairs.contains(pair);
    if let Some((name, _)) = params.iter().find(|pair| !is_pushed(pair)) {
        return Err(invalid(format!("{name} is not what the application pushed: it goes into that")).into());
    }
    let since = single(&pairs, PROVED_SINCE).map_err(invalid)?;
    let since = since.and_then(|micros| micros.parse().ok()).map(Timestamp::from_micros);
    let mut question = oidc_sign_ons::open_pushed(store, cx, at, pairs)?;
    question.since = since;
    Ok(question)
}

/// The query by which a question that was pushed is asked again, once its person has done what had to come first; none for one that was not.
pub async fn again(store: &Store, cx: &Cx, question: &Question) -> Result<Option<String>, Fault> {
    let Some(pairs) = &question.pushed else { return Ok(None) };
    let (id, name) = (question.application.id.clone(), new_name(cx));
    let is_done = |name: &str| matches!(name, "prompt" | "max_age");
    let mut left: Pairs = pairs.iter().filter(|(name, _)| !is_done(name)).cloned().collect();
    // The way back is in the browser's hands: whoever takes it without having proved anything is led there again.
    if let Some(since) = question.proved_since(cx.now) {
        left.push((PROVED_SINCE.to_owned(), since.micros().to_string()));
    }
    let text = serde_json::to_vec(&left).map_err(Fault::internal)?;
    let mut query = String::new();
    appended(&mut query, "client_id", id.as_str());
    appended(&mut query, "request_uri", name.expose());
    store
        .maintain(cx, move |tx, cx| {
            let hash = tx.keyring().hash_token(name.expose());
            let from = Origin { site: &site(cx), waits: true };
            let waiting = oidc_pushed_requests::count_signing_in(tx, &id, (from.site, cx.now))?;
            require_room_to_sign_in(waiting)?;
            oidc_pushed_requests::insert(tx, cx, (&id, &hash), (&text, from, cx.now.plus(SIGNING_IN)))
        })
        .await?;
    Ok(Some(query))
}
