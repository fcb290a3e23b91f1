//! An audit record: CloudTrail-shaped JSON, and the few facts beside it that are looked up. What is kept is the text; the facts are read from it.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;
use uuid::Uuid;

use crate::fault::Fault;
use crate::timestamp::Timestamp;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// A UUID (version 7): sorts by time.
    pub event_id: String,
    /// When.
    pub event_time: Timestamp,
    /// `sso.amazonaws.com` and the like.
    pub event_source: Cow<'static, str>,
    /// The operation.
    pub event_name: Cow<'static, str>,
    /// Whether it changed nothing.
    pub read_only: bool,
    /// Whether it may go after a while: it tells of a look, a refusal or a stranger's call. What changed something, or handed a secret to
    /// somebody who was known, stays.
    pub passing: bool,
    /// The user or session name, when there is one.
    pub user_name: Option<String>,
    /// The access key id, when there is one.
    pub access_key_id: Option<String>,
    /// `type` and `name` of the resources touched.
    pub resources: Vec<(String, String)>,
    /// The record as JSON text.
    pub json: String,
}

/// A record on its way to where it is kept: its text, and what the text does not say.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'r> {
    /// [`AuditRecord::event_id`], which the text says too.
    pub event_id: &'r str,
    /// [`AuditRecord::passing`]
    pub passing: bool,
    /// [`AuditRecord::user_name`]
    pub user_name: Option<&'r str>,
    /// The record as JSON text, without a line break.
    pub json: &'r str,
}

/// [`NewRecord`], owned: nothing in it is taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRecord {
    /// [`NewRecord::event_id`]
    pub event_id: String,
    /// [`NewRecord::passing`]
    pub passing: bool,
    /// [`NewRecord::user_name`]
    pub user_name: Option<String>,
    /// [`NewRecord::json`]
    pub json: String,
}

impl From<NewRecord<'_>> for KeptRecord {
    fn from(record: NewRecord<'_>) -> Self {
        Self {
            event_id: record.event_id.to_owned(),
            passing: record.passing,
            user_name: record.user_name.map(str::to_owned),
            json: record.json.to_owned(),
        }
    }
}

impl KeptRecord {
    /// The same, borrowed.
    pub fn to_keep(&self) -> NewRecord<'_> {
        NewRecord {
            event_id: &self.event_id,
            passing: self.passing,
            user_name: self.user_name.as_deref(),
            json: &self.json,
        }
    }

    /// When it was made, by its id.
    pub fn event_time(&self) -> Result<Timestamp, Fault> {
        id_of(&self.event_id).map(time_of)
    }
}

impl AuditRecord {
    /// What is kept of it.
    pub fn to_keep(&self) -> NewRecord<'_> {
        NewRecord {
            event_id: &self.event_id,
            passing: self.passing,
            user_name: self.user_name.as_deref(),
            json: &self.json,
        }
    }

    /// From what was kept. The time is that of the id.
    pub fn kept(json: String, user_name: Option<String>, passing: bool) -> Result<Self, Fault> {
        let facts = Facts::read(&json)?;
        let text = |text: &Text<'_>| text.0.clone().into_owned();
        let resource = |resource: &Resource<'_>| (text(&resource.kind), text(&resource.arn));
        Ok(Self {
            event_id: facts.event_id.0.clone().into_owned(),
            event_time: facts.time()?,
            event_source: text(&facts.event_source).into(),
            event_name: text(&facts.event_name).into(),
            read_only: facts.read_only,
            passing,
            user_name,
            access_key_id: facts.access_key_id().map(str::to_owned),
            resources: facts.resources.iter().map(resource).collect(),
            json,
        })
    }
}

/// A text of a record, borrowed where it has no escapes.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
pub struct Text<'r>(#[serde(borrow)] pub Cow<'r, str>);

/// A resource of a record.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Resource<'r> {
    /// `type`
    #[serde(rename = "type", borrow)]
    pub kind: Text<'r>,
    /// `ARN`
    #[serde(rename = "ARN", borrow)]
    pub arn: Text<'r>,
}

/// What is looked up, read from a record's text.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Facts<'r> {
    /// `eventID`
    #[serde(rename = "eventID", borrow)]
    pub event_id: Text<'r>,
    /// `eventSource`
    #[serde(borrow)]
    pub event_source: Text<'r>,
    /// `eventName`
    #[serde(borrow)]
    pub event_name: Text<'r>,
    /// `readOnly`
    pub read_only: bool,
    /// `resources`
    #[serde(borrow, default)]
    pub resources: Vec<Resource<'r>>,
    #[serde(borrow, default)]
    user_identity: Keys<'r>,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Keys<'r> {
    #[serde(borrow)]
    access_key_id: Option<Text<'r>>,
}

impl<'r> Facts<'r> {
    /// From a record's text.
    pub fn read(json: &'r str) -> Result<Self, Fault> {
        if let Some(facts) = Self::glean(json) {
            return Ok(facts);
        }
        serde_json::from_str(json).map_err(|error| Fault::internal(format!("no audit record: {error}")))
    }

    /// The facts of a record in which they stand as [`Event::record`](crate::event::Event::record) writes nearly all; `None` where anything is
    /// otherwise. Every read is looked through once, and most of it is passed over here. Within a text of JSON no quotation mark stands by
    /// itself, so that a name between two is a name; what callers gave stands between the two places that are looked for, of which the first
    /// is the first of its name, and the second the last.
    fn glean(json: &'r str) -> Option<Self> {
        const SOURCE: &str = r#","eventSource":""#;
        const REQUEST: &str = r#","requestID":""#;
        const KEY: &str = r#","accessKeyId":""#;
        let json = json.strip_suffix(r#","eventCategory":"Management"}"#)?;
        let (before, rest) = json.split_at_checked(memmem::find(json.as_bytes(), SOURCE.as_bytes())?)?;
        let (event_source, rest) = plain(rest.strip_prefix(SOURCE)?)?;
        let (event_name, rest) = plain(rest.strip_prefix(r#","eventName":""#)?)?;
        let (_, rest) = rest.split_at_checked(memmem::rfind(rest.as_bytes(), REQUEST.as_bytes())?)?;
        let (_, rest) = plain(rest.strip_prefix(REQUEST)?)?;
        let (event_id, rest) = plain(rest.strip_prefix(r#","eventID":""#)?)?;
        let rest = rest.strip_prefix(r#","readOnly":"#)?;
        let (read_only, rest) = match rest.strip_prefix("true") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix("false")?),
        };
        // Resources, of which reads have none, are left to the parser.
        rest.strip_prefix(r#","eventType":""#)?;
        let access_key_id = match memmem::find(before.as_bytes(), KEY.as_bytes()) {
            Some(at) => Some(plain(before.get(at..)?.strip_prefix(KEY)?)?.0),
            None => None,
        };
        let text = |text| Text(Cow::Borrowed(text));
        Some(Self {
            event_id: text(event_id),
            event_source: text(event_source),
            event_name: text(event_name),
            read_only,
            resources: Vec::new(),
            user_identity: Keys { access_key_id: access_key_id.map(text) },
        })
    }

    /// The id as a number: ids and their numbers have one order.
    pub fn id(&self) -> Result<u128, Fault> {
        id_of(&self.event_id.0)
    }

    /// The access key that signed the call.
    pub fn access_key_id(&self) -> Option<&str> {
        self.user_identity.access_key_id.as_ref().map(|id| id.0.as_ref()).filter(|id| !id.is_empty())
    }

    fn time(&self) -> Result<Timestamp, Fault> {
        Ok(time_of(self.id()?))
    }
}

/// A text up to its quotation mark, and what is after that; `None` if it has escapes.
fn plain(rest: &str) -> Option<(&str, &str)> {
    let end = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
    let (text, rest) = rest.split_at_checked(end)?;
    Some((text, rest.strip_prefix('"')?))
}

fn id_of(text: &str) -> Result<u128, Fault> {
    let id = Uuid::parse_str(text);
    Ok(id.map_err(|error| Fault::internal(format!("no id of a record: {error}")))?.as_u128())
}

/// When a record of this id was made, to the millisecond.
pub fn time_of(id: u128) -> Timestamp {
    Timestamp::from_micros(i64::try_from(id >> 80).unwrap_or(0).saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Caller;
    use crate::cx::{Cx, Surroundings};
    use crate::entropy::SeededEntropy;
    use crate::event::{EventHead, Outcome};
    use std::sync::Arc;

    fn surroundings() -> Surroundings {
        Surroundings {
            region: "us-east-1".into(),
            owner: crate::accounts::account::AccountId::trusted("111122223333"),
            organization: None,
            mode: crate::limits::Mode::Relaxed,
            primary: None,
            entropy: Arc::new(SeededEntropy::new(1)),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_made() {
        let surroundings = surroundings();
        let owner = surroundings.owner.clone();
        for caller in [Caller::root(owner, "AKIAIOSFODNN7EXAMPLE"), Caller::anonymous()] {
            let head = EventHead {
                source: "sso.amazonaws.com".into(),
                name: "Create\"Instance".into(),
                read_only: true,
                request_parameters: serde_json::json!({"eventID": "x", "userIdentity": {"accessKeyId": "y"}})
                    .into(),
                ..EventHead::default()
            };
            let now = Timestamp::from_micros(1_795_507_200_123_000);
            let cx = Cx::new(&surroundings, caller, now, head);
            cx.event().touch("AWS::SSO::Instance", "arn:\u{e9}\"");
            cx.event().name_user("ann");
            let made = cx.record(Outcome::Success);
            let read = AuditRecord::kept(made.json.clone(), made.user_name.clone(), made.passing);
            assert_eq!(read.unwrap(), made);
        }
    }

    /// Whatever callers give, facts that are gleaned are those that the parser finds.
    #[test]
    fn what_is_gleaned_is_what_is_parsed() {
        let surroundings = surroundings();
        let owner = surroundings.owner.clone();
        let hostile = r#","eventSource":"x","eventName":"y","requestID":"r","eventID":"z","readOnly":false,"eventType":"#;
        let nested = serde_json::json!({
            "eventSource": "x", "eventName": "y", "accessKeyId": "k", "requestID": "r", "eventID": "z",
            "readOnly": false, "eventType": "t", "in": {"requestID": hostile, "eventID": "z"}, "userIdentity": hostile,
        });
        let mut gleaned = 0;
        for caller in [Caller::root(owner, "AKIAIOSFODNN7EXAMPLE"), Caller::anonymous()] {
            for (agent, resource) in [("a", false), (hostile, false), ("a\\\"", true)] {
                let head = EventHead {
                    source: "sso.amazonaws.com".into(),
                    name: "ListInstances".into(),
                    read_only: true,
                    request_parameters: nested.clone().into(),
                    ..EventHead::default()
                };
                let mut cx = Cx::new(&surroundings, caller.clone(), Timestamp::from_seconds(1), head);
                cx.user_agent = agent.into();
                cx.event().respond(nested.clone());
                cx.event().add("eventID", hostile);
                cx.event().detail("detail", hostile);
                if resource {
                    cx.event().touch("AWS::SSO::Instance", "arn");
                }
                for outcome in [Outcome::Success, Outcome::Failure { code: hostile, message: hostile }] {
                    gleaned += usize::from(is_gleaned_as_parsed(&cx.record(outcome).json));
                }
            }
        }
        assert_eq!(gleaned, 8, "all but those with resources");
    }

    fn is_gleaned_as_parsed(json: &str) -> bool {
        let parsed: Facts<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(Facts::read(json).unwrap(), parsed, "{json}");
        for end in (0..json.len()).filter(|end| json.is_char_boundary(*end)) {
            assert!(Facts::glean(&json[..end]).is_none_or(|facts| facts == parsed), "{end}");
        }
        Facts::glean(json).is_some()
    }
}
