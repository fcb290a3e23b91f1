//! Sessions of a role that are void: an inline policy that denies everything to what was given to a person before a moment. STS knows no way to end a session;
//! this is AWS's own ("Revoking IAM role temporary security credentials"), for one session name in the place of everybody where there is room.

use std::time::Duration;

use model::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::aws::access::{Access, Reach};
use crate::aws::failure::Failure;
use crate::aws::roles::Account;
use crate::aws::steps::REVOKED;

/// What all inline policies of a role may have together (IAM quotas: "Role inline policies"), white space not counted.
const INLINE_MAX: usize = 10_240;
/// What is left to the policy that shuts a role.
const RESERVED: usize = 256;

/// The policy that voids sessions by their names, each given before a moment; `beside`: how long the role's other inline policies are. Where there is no room for
/// all names it voids everybody's sessions of before the last of those moments, who then ask anew. None where nothing is void.
pub fn policy(sessions: &[(String, Timestamp)], beside: usize) -> Option<Value> {
    let last = sessions.iter().map(|(_, at)| *at).max()?;
    let named: Vec<Value> = sessions
        .iter()
        // The id of an assumed role's session is the role's, a colon, and the session's name, which has neither `*` nor `?` in it.
        .map(|(name, at)| {
            json!({"Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"StringLike": {"aws:userid": format!("*:{name}")}, "DateLessThan": older(*at)}})
        })
        .collect();
    let named = json!({"Version": "2012-10-17", "Statement": named});
    if named.to_string().len() + beside + RESERVED <= INLINE_MAX {
        return Some(named);
    }
    Some(everybodys(last))
}

/// The policy that voids whatever was given before a moment.
fn everybodys(at: Timestamp) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": older(at)}}]})
}

/// Both are said in whole seconds: what was given within the last one counts as older.
fn older(at: Timestamp) -> Value {
    json!({"aws:TokenIssueTime": at.plus(Duration::from_secs(1)).rfc3339()})
}

/// Has the role's policy say so. A role that is gone took its sessions along; one that is not ours is left alone, and that is a failure. Where others left too
/// little room on the role for all names, everybody's sessions are void.
pub async fn put(
    access: &Access,
    reach: &Reach,
    (name, path, mark): (&str, &str, &str),
    (sessions, beside): (&[(String, Timestamp)], usize),
) -> Result<(), Failure> {
    let account = Account::enter(access, reach).await?;
    let Some(role) = account.role(name).await? else { return Ok(()) };
    if role.path() != path || Account::mark(&role).as_deref() != Some(mark) {
        let said = format!("role {name} does not bear our mark, or has another path: nothing was changed");
        return Err(Failure::found(&access.account, "iam:GetRole", said));
    }
    let Some(text) = policy(sessions, beside) else { return account.delete_inline(name, REVOKED).await };
    let put = account.put_inline(name, (REVOKED, &text)).await;
    match (put, sessions.iter().map(|(_, at)| *at).max()) {
        (Err(failure), Some(last)) if failure.is("LimitExceeded") => {
            account.put_inline(name, (REVOKED, &everybodys(last))).await
        }
        (put, _) => put,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn sessions_are_void_by_name_and_everybodys_where_there_is_no_room() {
        assert_eq!(policy(&[], 0), None);
        let one = policy(&[("jane".to_owned(), at(1_795_507_200))], 10).unwrap();
        let statement = &one["Statement"][0];
        assert_eq!(statement["Condition"]["StringLike"]["aws:userid"], "*:jane");
        assert_eq!(statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"], at(1_795_507_201).rfc3339());
        let many: Vec<_> = (0..80).map(|number| (format!("somebody-{number}"), at(number))).collect();
        let all = policy(&many, 0).unwrap();
        assert_eq!(all["Statement"].as_array().unwrap().len(), 1);
        assert!(all["Statement"][0]["Condition"].get("StringLike").is_none());
        assert_eq!(all["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"], at(80).rfc3339());
        // Room counts what stands beside it.
        let few = many.iter().take(5).cloned().collect::<Vec<_>>();
        assert_eq!(policy(&few, 0).unwrap()["Statement"].as_array().unwrap().len(), 5);
        assert_eq!(policy(&few, 9_700).unwrap()["Statement"].as_array().unwrap().len(), 1);
    }
}
