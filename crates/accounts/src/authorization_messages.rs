//! Why a call was refused, told in a message that only who administers the caller can read: sealed into the refusal, opened by DecodeAuthorizationMessage
//! in the shape that AWS has for it. STS API reference, "DecodeAuthorizationMessage". Every message has the same length, so that it tells its bearer
//! nothing: not even whether what was asked for is there.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::accounts::account::AccountId;
use model::caller::Identity;
use model::cx::Cx;
use model::denial::{Denial, MatchedStatement};
use model::fault::{Fault, FaultKind};
use model::timestamp::Timestamp;
use policy::require::{Action, require};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::db::Store;
use store::sealing::Purpose;

/// How long a message can be read.
const LIFE: Duration = Duration::from_hours(24);
/// Bytes of a message before it is sealed: room for what refusals mostly have to say.
const PLAIN: usize = 3_072;
/// Statements of which a message tells at most.
const MATCHED_MAX: usize = 32;

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Told {
    #[serde(rename = "e")]
    expires_at: i64,
    #[serde(rename = "m")]
    message: Value,
}

/// The refusal with its reasons behind it, for who can read them. A refusal without reasons, and of who has no account, stays as it is.
pub fn with_message(store: &Store, cx: &Cx, fault: Fault) -> Fault {
    let (Some(denial), Some(account)) = (fault.denial(), cx.caller.account_id()) else { return fault };
    match encode(store, cx, account, denial) {
        Ok(text) => {
            let message = format!(
                "{}. Encoded authorization failure message: {text}",
                fault.message().trim_end_matches('.')
            );
            fault.saying_instead(message)
        }
        // Who is refused is refused.
        Err(failed) => {
            tracing::warn!(%failed, "the reasons of a refusal are not told");
            fault
        }
    }
}

fn encode(store: &Store, cx: &Cx, account: &AccountId, denial: &Denial) -> Result<String, Fault> {
    let expires_at = cx.now.plus(LIFE).micros();
    let mut plain =
        fitting(&cx.caller.arn(), principal_id(cx.caller.identity()).as_deref(), denial, expires_at)?;
    // Behind JSON, spaces are nothing.
    plain.resize(PLAIN, b' ');
    let sealed =
        store.keyring().seal(cx.entropy(), Purpose::AuthorizationMessage, account.as_str(), &plain)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

fn principal_id(identity: &Identity) -> Option<String> {
    match identity {
        Identity::Role(session) => Some(format!("{}:{}", session.role_id, session.session_name)),
        Identity::User(user) => Some(user.id.clone()),
        _ => None,
    }
}

/// As much as there is room for: what is said in words goes first, then condition keys from the last on, then statements.
fn fitting(arn: &str, id: Option<&str>, denial: &Denial, expires_at: i64) -> Result<Vec<u8>, Fault> {
    // No more than could ever have room: each turn below writes all of it again.
    let all = denial.reasons.words.as_str();
    let mut end = all.len().min(PLAIN);
    while !all.is_char_boundary(end) {
        end -= 1;
    }
    let mut words = all.get(..end).unwrap_or_default();
    let mut conditions: Vec<(&String, &Vec<String>)> = denial.context.iter().collect();
    let mut matched: Vec<&MatchedStatement> = denial.reasons.matched.iter().take(MATCHED_MAX).collect();
    let mut whole = words.len() == all.len() && matched.len() == denial.reasons.matched.len();
    loop {
        let message = shown(arn, id, denial, (words, &conditions, &matched, whole));
        let plain = serde_json::to_vec(&Told { expires_at, message }).map_err(Fault::internal)?;
        if plain.len() <= PLAIN {
            return Ok(plain);
        }
        whole = false;
        if !words.is_empty() {
            // The first line says it all; those behind it, statement by statement.
            words = words.rsplit_once('\n').map_or("", |(head, _)| head);
        } else if conditions.pop().is_none() && matched.pop().is_none() {
            return Err(Fault::internal(format!("a refusal of {} bytes", plain.len())));
        }
    }
}

/// What is told of a refusal: words, condition keys, statements, and whether that is all.
type Parts<'p> = (&'p str, &'p [(&'p String, &'p Vec<String>)], &'p [&'p MatchedStatement], bool);

fn shown(
    arn: &str,
    id: Option<&str>,
    denial: &Denial,
    (words, conditions, matched, whole): Parts<'_>,
) -> Value {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let mut message = json!({
        "allowed": false,
        "explicitDeny": denial.explicit,
        "matchedStatements": {"items": matched.iter().map(|one| statement(one)).collect::<Vec<_>>()},
        "failures": {"items": []},
        "context": {
            "principal": {"id": id, "name": name, "arn": arn},
            "action": denial.action,
            "resource": denial.resource,
            "conditions": {"items": conditions.iter().map(|(key, values)| {
                json!({"key": key, "values": items(values)})
            }).collect::<Vec<_>>()},
        },
        "explanation": words,
    });
    if !whole {
        message["truncated"] = json!(true);
    }
    message
}

fn items(values: &[String]) -> Value {
    json!({"items": values.iter().map(|value| json!({"value": value})).collect::<Vec<_>>()})
}

fn statement(one: &MatchedStatement) -> Value {
    let conditions = one.conditions.iter().map(|(key, values)| json!({"key": key, "values": items(values)}));
    json!({
        "statementId": one.statement,
        "effect": if one.forbids { "DENY" } else { "ALLOW" },
        "principals": {"items": []},
        "principalGroups": {"items": []},
        "actions": items(&one.actions),
        "resources": items(&one.resources),
        "conditions": {"items": conditions.collect::<Vec<_>>()},
    })
}

/// DecodeAuthorizationMessage: of a refusal of somebody of the caller's own account, a day long.
pub fn decode(store: &Store, cx: &Cx, text: &str) -> Result<String, Fault> {
    require(cx, Action("sts:DecodeAuthorizationMessage"), &[])?;
    let invalid = || {
        Fault::new(
            FaultKind::Service("InvalidAuthorizationMessageException"),
            "EncodedMessage is none that this server gave to somebody of your account within the last 24 hours",
        )
    };
    let account = cx.caller.account_id().ok_or_else(invalid)?;
    let told = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|sealed| store.keyring().open(Purpose::AuthorizationMessage, account.as_str(), &sealed))
        .and_then(|plain| serde_json::from_slice::<Told>(&plain).ok())
        .ok_or_else(invalid)?;
    if cx.now >= Timestamp::from_micros(told.expires_at) {
        return Err(invalid());
    }
    Ok(told.message.to_string())
}
