//! One record of the trail as people read it: who, as what, did what, to what, from where, with what result. It is read from CloudTrail's JSON, which
//! stays beside it whole. What a record does not say is not made up: then it is left out.

use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use askama::Template;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::page::{Room, Shell, answer, encoded, frame, refused};
use crate::{trail_filter, trail_things};

/// Lines of what was asked or answered that are shown as such; the JSON has the rest.
const LINES_MAX: usize = 200;

/// A page of LookupEvents.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Events {
    #[serde(default)]
    pub(crate) events: Vec<Event>,
    #[serde(default)]
    pub(crate) next_token: Option<String>,
}

/// An event of LookupEvents.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Event {
    event_id: String,
    event_time: Moment,
    username: Option<String>,
    access_key_id: Option<String>,
    #[serde(default)]
    resources: Vec<Resource>,
    cloud_trail_event: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    #[serde(default)]
    resource_type: String,
    #[serde(default)]
    resource_name: String,
}

/// A thing that a record names.
pub(crate) struct Thing {
    /// `AWS::IdentityStore::User`
    pub(crate) kind: String,
    /// The ARN or id.
    pub(crate) name: String,
    /// As it is written where there is little room.
    pub(crate) short: String,
    /// Its own page.
    pub(crate) page: Option<String>,
    /// What else the trail has of it.
    pub(crate) trail: String,
}

/// A line of what was asked or answered.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) page: Option<String>,
}

/// What kind of caller it was, as the catalogs call it.
const CALLERS: [(&str, &str); 6] = [
    ("Root", "trail-who-root"),
    ("IAMUser", "trail-who-service-user"),
    ("AssumedRole", "trail-who-role"),
    ("IdentityCenterUser", "trail-who-person"),
    ("AWSService", "trail-who-service"),
    ("Unknown", "trail-who-nobody"),
];

/// A record.
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) at: Moment,
    /// By what name the trail finds them.
    pub(crate) who: Option<String>,
    /// What kind of caller.
    pub(crate) caller: &'static str,
    /// The page of the person.
    pub(crate) person: Option<String>,
    /// The permission set that they acted as, or the role.
    pub(crate) role: Option<String>,
    /// The account that they acted in.
    pub(crate) account: Option<String>,
    /// Whether a second factor stood behind it, where the record says.
    pub(crate) factor: Option<bool>,
    /// When the session began.
    pub(crate) since: Option<String>,
    pub(crate) access_key: Option<String>,
    pub(crate) event: String,
    pub(crate) source: String,
    pub(crate) read_only: bool,
    pub(crate) address: String,
    pub(crate) agent: String,
    /// The error's code and text.
    pub(crate) error: Option<(String, String)>,
    /// So many calls that were refused alike.
    pub(crate) count: Option<usize>,
    pub(crate) things: Vec<Thing>,
    pub(crate) asked: Vec<Line>,
    pub(crate) answered: Vec<Line>,
    pub(crate) more: Vec<Line>,
    pub(crate) request: String,
    /// The whole of it, indented.
    pub(crate) json: String,
}

fn text(value: &Value, path: &str) -> Option<String> {
    value.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

impl Record {
    /// Reads a record. What is no JSON would be shown as it is, with nothing read from it.
    pub(crate) fn read(event: Event) -> Self {
        let raw: Value = serde_json::from_str(&event.cloud_trail_event).unwrap_or_default();
        let json = serde_json::to_string_pretty(&raw).unwrap_or_default();
        let said = |path: &str| text(&raw, path);
        let kind = said("/userIdentity/type").unwrap_or_default();
        let user_id = said("/userIdentity/onBehalfOf/userId");
        let factor = said("/userIdentity/sessionContext/attributes/mfaAuthenticated");
        let member = |name: &str| lines(raw.get(name));
        let mut more = member("additionalEventData");
        more.extend(member("serviceEventDetails"));
        let things = event.resources.into_iter().map(|thing| Thing {
            short: trail_things::short(&thing.resource_name).to_owned(),
            page: trail_things::page(&thing.resource_name),
            trail: trail_filter::of_resource(&thing.resource_name),
            kind: thing.resource_type,
            name: thing.resource_name,
        });
        Self {
            id: event.event_id,
            at: event.event_time,
            who: event.username,
            caller: CALLERS
                .iter()
                .find(|(name, _)| *name == kind)
                .map_or("trail-who-nobody", |(_, said)| said),
            person: user_id.as_deref().and_then(trail_things::page),
            role: said("/userIdentity/sessionContext/sessionIssuer/userName")
                .map(|role| trail_things::permission_set_of(&role).to_owned()),
            account: said("/userIdentity/accountId"),
            factor: factor.map(|said| said == "true"),
            since: said("/userIdentity/sessionContext/attributes/creationDate"),
            access_key: event.access_key_id.filter(|key| !key.is_empty()),
            event: said("/eventName").unwrap_or_default(),
            source: said("/eventSource").unwrap_or_default(),
            read_only: raw.get("readOnly").and_then(Value::as_bool).unwrap_or_default(),
            address: said("/sourceIPAddress").unwrap_or_default(),
            agent: said("/userAgent").unwrap_or_default(),
            error: said("/errorCode").map(|code| (code, said("/errorMessage").unwrap_or_default())),
            count: raw
                .pointer("/additionalEventData/count")
                .and_then(Value::as_u64)
                .and_then(|count| usize::try_from(count).ok()),
            things: things.collect(),
            asked: member("requestParameters"),
            answered: member("responseElements"),
            more,
            request: said("/requestID").unwrap_or_default(),
            json,
        }
    }

    /// Everything that the same caller did.
    pub(crate) fn of_same_person(&self) -> Option<String> {
        Some(format!("/console/trail?person={}", encoded(self.who.as_deref()?)))
    }

    /// Every event of this name.
    pub(crate) fn of_same_name(&self) -> String {
        format!("/console/trail?event={}", encoded(&self.event))
    }

    /// Everything that the same key did.
    pub(crate) fn of_same_key(&self) -> Option<String> {
        Some(format!("/console/trail?key={}", encoded(self.access_key.as_deref()?)))
    }

    /// So many of the things that it names are not in the list of records.
    pub(crate) fn further_things(&self) -> Option<usize> {
        self.things.len().checked_sub(2).filter(|more| *more > 0)
    }
}

/// A member as lines: one a value, by its path.
fn lines(member: Option<&Value>) -> Vec<Line> {
    let mut found = Vec::new();
    if let Some(Value::Object(members)) = member {
        gather(&mut found, "", members);
    }
    found.truncate(LINES_MAX);
    found
}

fn gather(found: &mut Vec<Line>, above: &str, members: &Map<String, Value>) {
    for (name, value) in members {
        let name = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        let value = match value {
            Value::Null => continue,
            Value::Object(members) if !members.is_empty() => {
                gather(found, &name, members);
                continue;
            }
            Value::String(text) => text.clone(),
            Value::Array(values) if values.iter().all(Value::is_string) => {
                values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            value => value.to_string(),
        };
        let last = name.rsplit('.').next().unwrap_or_default();
        found.push(Line { page: trail_things::page_of_member(last, &value), name, value });
    }
}

#[derive(Template)]
#[template(path = "trail_record.html")]
struct RecordPage {
    frame: Frame,
    shell: Shell,
    record: Option<Record>,
}

/// One record.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, .. }: Asked,
) -> Response {
    let input = json!({ "LookupAttributes": [{ "AttributeKey": "EventId", "AttributeValue": id }] });
    let mut found: Events = match admin.call(&desk, Op("cloudtrail", "LookupEvents"), input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::Trail, &why),
    };
    let record = found.events.pop().map(Record::read);
    let status = if record.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let page =
        RecordPage { frame: frame(&desk, &admin), shell: Shell::new(&desk, &admin, Room::Trail), record };
    answer(&desk, &admin, status, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(record: &Value) -> Record {
        let event = json!({
            "EventId": "e", "EventTime": 1_795_869_600.25, "Username": "jane", "AccessKeyId": "ASIAEXAMPLE",
            "Resources": [{"ResourceType": "AWS::SSO::PermissionSet", "ResourceName": "arn:aws:sso:::permissionSet/ssoins-1/ps-1"}],
            "CloudTrailEvent": record.to_string(),
        });
        Record::read(serde_json::from_value(event).unwrap())
    }

    #[test]
    fn a_record_says_who_as_what_did_what_with_what_result() {
        let record = read(&json!({
            "userIdentity": {
                "type": "AssumedRole", "accountId": "111122223333",
                "sessionContext": {
                    "sessionIssuer": {"userName": "AWSReservedSSO_Admin_0123456789abcdef"},
                    "attributes": {"mfaAuthenticated": "true", "creationDate": "2026-11-28T12:00:00Z"},
                },
                "onBehalfOf": {"userId": "11111111-1111-4111-8111-111111111111"},
            },
            "eventName": "CreatePermissionSet", "eventSource": "sso.amazonaws.com", "readOnly": false,
            "sourceIPAddress": "192.0.2.1", "userAgent": "aws-cli", "errorCode": "ConflictException", "errorMessage": "taken",
            "requestParameters": {"name": "Admin", "tags": [{"key": "a"}], "deep": {"er": {"list": ["x", "y"], "none": null}}},
            "responseElements": null, "additionalEventData": {"count": 12},
        }));
        assert_eq!(record.caller, "trail-who-role");
        assert_eq!(record.role.as_deref(), Some("Admin"));
        assert_eq!(record.factor, Some(true));
        assert_eq!(record.count, Some(12));
        assert_eq!(record.error, Some(("ConflictException".to_owned(), "taken".to_owned())));
        let asked: Vec<(&str, &str)> = record.asked.iter().map(|line| (&*line.name, &*line.value)).collect();
        assert_eq!(asked, [("name", "Admin"), ("tags", r#"[{"key":"a"}]"#), ("deep.er.list", "x, y")]);
        assert!(record.answered.is_empty());
        assert_eq!(record.of_same_person().as_deref(), Some("/console/trail?person=jane"));
        assert_eq!(record.things[0].short, "ps-1");
    }

    #[test]
    fn what_a_record_does_not_say_is_left_out() {
        let record = read(&Value::Null);
        assert_eq!((record.factor, record.role, record.error), (None, None, None));
        assert_eq!(record.caller, "trail-who-nobody");
    }
}
