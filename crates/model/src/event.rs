//! The event that a call becomes: filled while the call is served, rendered to a CloudTrail-shaped record when its outcome is
//! known. Shapes: aws-capabilities §3 (CloudTrail record contents, eventVersion 1.11).

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jsontext::{Json, text};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::accounts::account::AccountId;
use crate::brief;
use crate::caller::{Caller, Identity};
use crate::directory::user_identity::WrittenIdentity;
use crate::entropy::{self, Entropy};
use crate::record::AuditRecord;
use crate::timestamp::Timestamp;

/// Bytes of a record at most before what callers gave it is left out, and of an error's text (CloudTrail record contents: 100 KB for each of
/// the large fields, 1 KB for `errorMessage`).
const RECORD_MAX: usize = 100 * 1_024;
const ERROR_MESSAGE_MAX: usize = 1_024;

/// Bytes of what strangers give, of whose records anyone can make any number: the parameters of a call that was served and of one that was
/// refused, the agent, an error's text.
const STRANGERS_INPUT_MAX: usize = 4_096;
const REFUSED_INPUT_MAX: usize = 1_024;
const STRANGERS_TEXT_MAX: usize = 256;

/// Room for an ordinary record.
const RECORD_ROOM: usize = 1_536;

/// What stands in for a secret value in a record, as CloudTrail writes it.
pub const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// CloudTrail's `eventType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventType {
    /// A call of a public operation.
    #[default]
    AwsApiCall,
    /// Something the service did for a person: sign-in steps, portal calls.
    AwsServiceEvent,
}

/// The fixed part of an event: known when the call arrives.
#[derive(Debug, Clone, Default)]
pub struct EventHead {
    /// `sso.amazonaws.com`, `identitystore.amazonaws.com`, `signin.amazonaws.com`, …
    pub source: Cow<'static, str>,
    /// The operation's name.
    pub name: Cow<'static, str>,
    /// Whether the operation changes nothing.
    pub read_only: bool,
    /// `AwsApiCall` or `AwsServiceEvent`.
    pub event_type: EventType,
    /// The decoded input in lower camel case, secrets replaced by [`HIDDEN`]; `Null` when there is none.
    pub request_parameters: Json,
}

impl EventHead {
    /// Of something that the service did, and that is no call of an operation.
    pub fn of_service(source: &'static str, name: &'static str) -> Self {
        Self {
            source: source.into(),
            name: name.into(),
            event_type: EventType::AwsServiceEvent,
            ..Self::default()
        }
    }
}

/// What is learned while the call is served.
#[derive(Debug, Default)]
pub struct EventDetails {
    response_elements: Value,
    resources: Vec<(String, String)>,
    additional: Map<String, Value>,
    service: Map<String, Value>,
    user_name: Option<String>,
}

/// An event in the making. Shared by everything that serves one call.
#[derive(Debug, Default)]
pub struct Event {
    head: EventHead,
    details: Mutex<EventDetails>,
    recorded: AtomicBool,
    only_looked: AtomicBool,
}

/// What a record says of the call itself.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Who called.
    pub caller: &'a Caller,
    /// When.
    pub now: Timestamp,
    /// The request's id.
    pub request_id: &'a str,
    /// From which address.
    pub source_ip: &'a str,
    /// With what.
    pub user_agent: &'a str,
    /// The server's Region.
    pub region: &'a str,
    /// The account that keeps the record.
    pub owner: &'a AccountId,
    /// Where the event's id is drawn from.
    pub entropy: &'a dyn Entropy,
}

/// How a call ended, for its record.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// It did what was asked.
    Success,
    /// It was refused or failed: the wire's error code and text.
    Failure {
        /// The wire's error code.
        code: &'a str,
        /// The wire's error text.
        message: &'a str,
    },
}

impl Event {
    /// A new event.
    pub fn new(head: EventHead) -> Self {
        Self { head, ..Self::default() }
    }

    /// The fixed part.
    pub fn head(&self) -> &EventHead {
        &self.head
    }

    fn edit(&self, with: impl FnOnce(&mut EventDetails)) {
        with(&mut self.details.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Sets `responseElements` (lower camel case; no secrets).
    pub fn respond(&self, elements: Value) {
        self.edit(|details| details.response_elements = elements);
    }

    /// Names a resource that the call touched, by CloudTrail type and by name or ARN.
    pub fn touch(&self, kind: &str, name: impl Into<String>) {
        let name = name.into();
        self.edit(|details| {
            let resource = (kind.to_owned(), name);
            if !details.resources.contains(&resource) {
                details.resources.push(resource);
            }
        });
    }

    /// Adds to `additionalEventData`.
    pub fn add(&self, key: &str, value: impl Into<Value>) {
        self.edit(|details| {
            details.additional.insert(key.to_owned(), value.into());
        });
    }

    /// Adds to `serviceEventDetails`.
    pub fn detail(&self, key: &str, value: impl Into<Value>) {
        self.edit(|details| {
            details.service.insert(key.to_owned(), value.into());
        });
    }

    /// Names the person for `Username` look-ups where the caller's identity does not.
    pub fn name_user(&self, user_name: &str) {
        self.edit(|details| details.user_name = Some(user_name.to_owned()));
    }

    /// The person named by [`Self::name_user`].
    pub fn user_name(&self) -> Option<String> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).user_name.clone()
    }

    /// See [`AuditRecord::passing`]. Who brings a signed assertion to STS is known by it, though their call is not signed.
    fn is_passing(&self, stranger: bool, code: Option<&str>) -> bool {
        self.head.read_only
            || code.is_some()
            || self.only_looked.load(Ordering::Acquire)
            || stranger && self.head.source != "sts.amazonaws.com"
    }

    /// Whether the record is durable already.
    pub fn is_recorded(&self) -> bool {
        self.recorded.load(Ordering::Acquire)
    }

    /// Says that a call which may change something found all as it should be, and changed nothing: its record is that of a look.
    pub fn only_look(&self) {
        self.only_looked.store(true, Ordering::Release);
    }

    /// Called by the store once the record is committed.
    pub fn mark_recorded(&self) {
        self.recorded.store(true, Ordering::Release);
    }

    /// Renders the record.
    pub fn record(&self, call: &Call<'_>, outcome: Outcome<'_>) -> AuditRecord {
        let details = self.details.lock().unwrap_or_else(PoisonError::into_inner);
        let event_id = entropy::uuid_by_time(call.entropy, call.now).to_string();
        let (named, access_key_id) = look_up_names(call.caller.identity());
        let stranger = matches!(call.caller.identity(), Identity::Anonymous);
        let text_max = if stranger { STRANGERS_TEXT_MAX } else { ERROR_MESSAGE_MAX };
        let (code, message) = match outcome {
            Outcome::Success => (None, None),
            Outcome::Failure { code, message } => (Some(code), Some(brief::text(message, text_max))),
        };
        let parameters = if stranger {
            let max = if code.is_some() { REFUSED_INPUT_MAX } else { STRANGERS_INPUT_MAX };
            brief::within(&self.head.request_parameters, max)
        } else {
            Cow::Borrowed(&self.head.request_parameters)
        };
        let write = |identity: &_| Json::of(&WrittenIdentity::of(identity, call.owner));
        let identity = call.caller.written(call.owner, write);
        let mut written = Written {
            user_identity: &identity,
            event_time: &call.now.rfc3339(),
            head: &self.head,
            call,
            user_agent: brief::text(call.user_agent, text_max),
            error: code.zip(message),
            request_parameters: &parameters,
            response_elements: if code.is_some() { &Value::Null } else { &details.response_elements },
            details: &details,
            event_id: &event_id,
            account_id: call.caller.account_id().map(AccountId::as_str),
        };
        let mut json = written.json();
        if json.len() > RECORD_MAX {
            let omitted = json!({"omitted": true});
            let parameters = Json::from(omitted.clone());
            written.request_parameters = &parameters;
            if !written.response_elements.is_null() {
                written.response_elements = &omitted;
            }
            json = written.json();
        }
        AuditRecord {
            event_id,
            event_time: call.now,
            event_source: self.head.source.clone(),
            event_name: self.head.name.clone(),
            read_only: self.head.read_only,
            passing: self.is_passing(stranger, code),
            user_name: details.user_name.clone().or(named),
            access_key_id,
            resources: details.resources.clone(),
            json,
        }
    }
}

/// What a record says.
struct Written<'r> {
    user_identity: &'r Json,
    event_time: &'r str,
    head: &'r EventHead,
    call: &'r Call<'r>,
    user_agent: &'r str,
    error: Option<(&'r str, &'r str)>,
    request_parameters: &'r Json,
    response_elements: &'r Value,
    details: &'r EventDetails,
    event_id: &'r str,
    /// The account of the resources.
    account_id: Option<&'r str>,
}

impl Written<'_> {
    /// The record, member by member in CloudTrail's order. Every call has one: it is written as it will stand.
    fn json(&self) -> String {
        let (call, head, details) = (self.call, self.head, self.details);
        let mut out = String::with_capacity(RECORD_ROOM);
        out.push_str(r#"{"eventVersion":"1.11","userIdentity":"#);
        out.push_str(self.user_identity.as_str());
        let texts = [
            (r#","eventTime":"#, self.event_time),
            (r#","eventSource":"#, &*head.source),
            (r#","eventName":"#, &*head.name),
            (r#","awsRegion":"#, call.region),
            (r#","sourceIPAddress":"#, call.source_ip),
            (r#","userAgent":"#, self.user_agent),
        ];
        for (name, text) in texts {
            member(&mut out, name, text);
        }
        if let Some((code, message)) = self.error {
            member(&mut out, r#","errorCode":"#, code);
            member(&mut out, r#","errorMessage":"#, message);
        }
        out.push_str(r#","requestParameters":"#);
        out.push_str(self.request_parameters.as_str());
        value(&mut out, r#","responseElements":"#, self.response_elements);
        if !details.additional.is_empty() {
            value(&mut out, r#","additionalEventData":"#, &details.additional);
        }
        member(&mut out, r#","requestID":"#, call.request_id);
        member(&mut out, r#","eventID":"#, self.event_id);
        out.push_str(if head.read_only { r#","readOnly":true"# } else { r#","readOnly":false"# });
        if !details.resources.is_empty() {
            let resources = details.resources.iter();
            let resources: Vec<WrittenResource<'_>> = resources
                .map(|(kind, arn)| WrittenResource { kind, arn, account_id: self.account_id })
                .collect();
            value(&mut out, r#","resources":"#, &resources);
        }
        out.push_str(match head.event_type {
            EventType::AwsApiCall => r#","eventType":"AwsApiCall","managementEvent":true"#,
            EventType::AwsServiceEvent => r#","eventType":"AwsServiceEvent","managementEvent":true"#,
        });
        member(&mut out, r#","recipientAccountId":"#, call.owner.as_str());
        if !details.service.is_empty() {
            value(&mut out, r#","serviceEventDetails":"#, &details.service);
        }
        out.push_str(r#","eventCategory":"Management""#);
        if matches!(call.caller.identity(), Identity::Role(session) if session.is_of_console()) {
            out.push_str(r#","sessionCredentialFromConsole":"true""#);
        }
        out.push('}');
        out
    }
}

/// Appends a member that is a text; `name` is what stands before it.
fn member(out: &mut String, name: &str, text: &str) {
    out.push_str(name);
    text::quoted(out, text);
}

/// Appends any other member. Text, numbers and maps with text keys always have a JSON form.
fn value(out: &mut String, name: &str, value: &(impl Serialize + ?Sized)) {
    out.push_str(name);
    if jsontext::append(out, value).is_err() {
        out.push_str("null");
    }
}

#[derive(Serialize)]
struct WrittenResource<'r> {
    #[serde(rename = "type")]
    kind: &'r str,
    #[serde(rename = "ARN")]
    arn: &'r str,
    #[serde(rename = "accountId")]
    account_id: Option<&'r str>,
}

/// The user name for look-ups, and the access key id.
fn look_up_names(identity: &Identity) -> (Option<String>, Option<String>) {
    match identity {
        Identity::Root { access_key_id, .. } => (Some("root".to_owned()), Some(access_key_id.clone())),
        Identity::User(user) => (Some(user.name.to_string()), Some(user.access_key_id.clone())),
        Identity::Role(session) if session.is_of_console() => (Some(session.session_name.clone()), None),
        Identity::Role(session) => (Some(session.session_name.clone()), Some(session.access_key_id.clone())),
        Identity::PortalUser(user) => (Some(user.user_name.clone()), None),
        Identity::Provisioner(provisioner) => (provisioner.token_name.clone(), None),
        Identity::Synchronizer(synchronizer) => (Some(synchronizer.name.clone()), None),
        Identity::Service { .. } | Identity::Anonymous => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn call<'a>(caller: &'a Caller, owner: &'a AccountId, entropy: &'a SeededEntropy) -> Call<'a> {
        Call {
            caller,
            now: Timestamp::from_seconds(1_795_507_200),
            request_id: "r",
            source_ip: "192.0.2.1",
            user_agent: "a",
            region: "us-east-1",
            owner,
            entropy,
        }
    }

    #[test]
    fn a_record_has_cloudtrails_members_in_their_order() {
        let owner = AccountId::trusted("111122223333");
        let caller = Caller::root(owner.clone(), "AKIAIOSFODNN7EXAMPLE");
        let entropy = SeededEntropy::new(1);
        let call = call(&caller, &owner, &entropy);
        let head = EventHead {
            source: "sso.amazonaws.com".into(),
            name: "CreateInstance".into(),
            request_parameters: json!({"name": "x"}).into(),
            ..EventHead::default()
        };
        let event = Event::new(head);
        event.respond(json!({"instanceArn": "arn"}));
        event.touch("AWS::SSO::Instance", "arn");
        event.add("more", 1);
        event.detail("detail", "d");
        let record = event.record(&call, Outcome::Success);
        let identity = r#""userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}"#;
        let begin = r#""eventTime":"2026-11-24T08:00:00Z","eventSource":"sso.amazonaws.com","eventName":"CreateInstance","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"a""#;
        let id = &record.event_id;
        let end = r#""eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","serviceEventDetails":{"detail":"d"},"eventCategory":"Management"}"#;
        let expected = format!(
            r#"{{"eventVersion":"1.11",{identity},{begin},"requestParameters":{{"name":"x"}},"responseElements":{{"instanceArn":"arn"}},"additionalEventData":{{"more":1}},"requestID":"r","eventID":"{id}","readOnly":false,"resources":[{{"type":"AWS::SSO::Instance","ARN":"arn","accountId":"111122223333"}}],{end}"#
        );
        assert_eq!(record.json, expected);
        let refused = event.record(&call, Outcome::Failure { code: "C", message: "M" }).json;
        let refusal = r#""userAgent":"a","errorCode":"C","errorMessage":"M","requestParameters":{"name":"x"},"responseElements":null,"#;
        assert!(refused.contains(refusal), "{refused}");
    }

    #[test]
    fn what_callers_give_makes_no_record_large() {
        let (owner, caller) = (AccountId::trusted("111122223333"), Caller::anonymous());
        let entropy = SeededEntropy::new(1);
        let call = call(&caller, &owner, &entropy);
        let head = EventHead {
            request_parameters: json!({"clientName": "x".repeat(1_000_000)}).into(),
            ..EventHead::default()
        };
        let refused = Outcome::Failure { code: "C", message: &"é".repeat(100_000) };
        let record = Event::new(head.clone()).record(&call, refused);
        assert!(record.json.contains(r#""requestParameters":{"clientName":"xxx"#), "{}", record.json);
        assert!(record.json.len() < 1_500, "a stranger's: {} bytes", record.json.len());
        let root = Caller::root(owner.clone(), "AKIAIOSFODNN7EXAMPLE");
        let record = Event::new(head).record(&Call { caller: &root, ..call }, refused);
        assert!(record.json.contains(r#""requestParameters":{"omitted":true},"responseElements":null"#));
        assert!(record.json.len() < 3_000, "{} bytes", record.json.len());
    }
}
