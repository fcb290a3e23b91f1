//! What applications are told when a person's session ends (OpenID Connect Back-Channel Logout 1.0). Whoever ends one writes jobs with it; whoever tells opens one, posts what it holds,
//! and says how that went: it is told at least once, or given up with a record. A token is made anew for each attempt, since it lives for two minutes. Knows nothing of how it travels.

use std::time::Duration;

use model::applications::oidc_participant::OidcParticipant;
use model::cx::Cx;
use model::entropy::uuid;
use model::event::{EventHead, Outcome};
use model::fault::Fault;
use model::job::Job;
use model::secret::Secret;
use outbound::address::Address;
use serde_json::{Map, Value, json};
use store::applications::{applications, oidc_applications, oidc_participants};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::applications::KIND;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_keys;

/// The event that a logout token tells (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// What it says that it is.
const TYPE: &str = "logout+jwt";
/// Seconds that it lives (§2.4 recommends two minutes).
const LIFETIME: i64 = 120;
/// After how long it is tried again: twice as long each time, up to a limit, and for about a day.
const PUT_OFF: Duration = Duration::from_secs(5);
const PUT_OFF_MAX: Duration = Duration::from_secs(1_800);
const ATTEMPTS_MAX: i64 = 56;
/// After how many tries it waits for itself: what an application will not hear of one session keeps it from no other.
const ASIDE_AFTER: i64 = 2;
/// What the trail calls one that was given up.
const NOT_TOLD: &str = "LogoutNotDelivered";

/// What is to be posted, and where.
#[derive(Debug)]
pub struct Notice {
    /// Where.
    pub address: Address,
    /// `logout_token`
    pub token: Secret,
}

/// How telling went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The application has heard.
    Heard,
    /// It says that it will not (§2.8: 400).
    Refused,
    /// It could not be told now.
    PutOff,
}

/// What a job is to tell; `None` when there is nothing to tell any more, and then the job is done.
pub async fn open(store: &Store, cx: &Cx, ours: &OidcAddresses, job: &Job) -> Result<Option<Notice>, Fault> {
    if let Some(notice) = store.read(|rx| notice(rx, cx, ours, &job.subject))? {
        return Ok(Some(notice));
    }
    let done = job.clone();
    store
        .maintain(cx, move |tx, _| {
            store::jobs::take(tx, &done.id)?;
            oidc_participants::delete(tx, &done.subject)
        })
        .await?;
    Ok(None)
}

fn notice(rx: &mut Rx<'_>, cx: &Cx, ours: &OidcAddresses, id: &str) -> Result<Option<Notice>, Fault> {
    let Some(told) = oidc_participants::find(rx, id)?.filter(|told| told.has_ended) else { return Ok(None) };
    let Some(decided) = oidc_applications::find(rx, &told.application_id)? else { return Ok(None) };
    let Some(uri) = decided.settings.back_channel_logout_uri else { return Ok(None) };
    let address = Address::parse(&uri).map_err(|flaw| Fault::internal(flaw.to_string()))?;
    let how = (decided.settings.signing_algorithm, cx.now);
    let token = oidc_keys::signed_as(rx, &told.application_id, (TYPE, how), &claims(cx, ours, &told))?;
    Ok(Some(Notice { address, token: Secret::new(token) }))
}

/// What a logout token says. Always both whom and which session: an application that knows sessions ends this one.
fn claims(cx: &Cx, ours: &OidcAddresses, told: &OidcParticipant) -> Map<String, Value> {
    let now = cx.now.seconds();
    let said = [
        ("iss", json!(ours.issuer(&told.application_id))),
        ("sub", json!(told.user_id.as_str())),
        ("aud", json!(told.application_id.as_str())),
        ("iat", json!(now)),
        ("exp", json!(now.saturating_add(LIFETIME))),
        ("jti", json!(uuid(cx.entropy()).to_string())),
        ("sid", json!(told.sid)),
        ("events", json!({ EVENT: {} })),
    ];
    said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Notes how telling went, for the reason `why` where it came to nothing: it is done, tried again, or given up.
pub async fn settle(store: &Store, cx: &Cx, job: &Job, (told, why): (Told, &str)) -> Result<(), Fault> {
    let (job, why) = (job.clone(), why.to_owned());
    if told == Told::PutOff && job.attempts < ATTEMPTS_MAX {
        tracing::warn!(
            logout = job.id,
            attempts = job.attempts,
            why,
            "an application was not told of a sign-out, and is later"
        );
        let wait = PUT_OFF.saturating_mul(1 << job.attempts.clamp(0, 10)).min(PUT_OFF_MAX);
        let retry = move |tx: &mut Tx<'_>, cx: &Cx| {
            if job.attempts + 1 >= ASIDE_AFTER {
                store::jobs::put_aside(tx, &job)?;
            }
            store::jobs::retry(tx, &job, cx.now.plus(wait))
        };
        return store.maintain(cx, retry).await;
    }
    store.maintain(cx, move |tx, cx| end(tx, cx, &job, (told, &why))).await
}

/// Ends it, once, with a record.
fn end(tx: &mut Tx<'_>, cx: &Cx, job: &Job, (told, why): (Told, &str)) -> Result<(), Fault> {
    if !store::jobs::take(tx, &job.id)? {
        return Ok(());
    }
    let Some(found) = oidc_participants::find(tx, &job.subject)? else { return Ok(()) };
    oidc_participants::delete(tx, &job.subject)?;
    let step = cx.of_service(EventHead::of_service("sso-oauth.amazonaws.com", "SendLogoutToken"));
    if let Some(application) = applications::find(tx, &found.application_id)? {
        let arn = application.arn().to_string();
        step.event().touch(KIND, arn.as_str());
        step.event().detail("application_arn", arn);
    }
    step.event().touch("AWS::IdentityStore::User", found.user_id.arn());
    step.event().add("Attempts", job.attempts.saturating_add(1));
    let outcome = match told {
        Told::Heard => Outcome::Success,
        _ => Outcome::Failure { code: NOT_TOLD, message: why },
    };
    store::audit::audit_records::insert(tx, &step.record(outcome))
}
