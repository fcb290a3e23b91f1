//! What a look into the trail is narrowed to. LookupEvents takes one attribute and a span of time, so that is what the page offers: a choice of one,
//! its value, from when, until when. Never: narrowing what came back, which would make pages that are empty or lie.

use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use model::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::fields::Fields;
use crate::moment;
use crate::page::encoded;

/// Records of a page: all that LookupEvents gives at once.
const ROWS: usize = 50;

/// What a look can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct By {
    /// In an address.
    pub(crate) name: &'static str,
    /// In the catalogs.
    pub(crate) said: &'static str,
    /// At LookupEvents; `None` for everything.
    key: Option<&'static str>,
    /// The value that it stands for; `None` where one is to be typed.
    fixed: Option<&'static str>,
}

impl By {
    const fn typed(name: &'static str, said: &'static str, key: &'static str) -> Self {
        Self { name, said, key: Some(key), fixed: None }
    }

    /// Whether a value is to be typed.
    const fn is_typed(self) -> bool {
        self.key.is_some() && self.fixed.is_none()
    }
}

/// All of them. The first is what the page opens with, as CloudTrail's own does: the looks of this page alone would bury it otherwise.
pub(crate) const ALL: [By; 10] = [
    By { name: "changes", said: "trail-by-changes", key: Some("ReadOnly"), fixed: Some("false") },
    By { name: "all", said: "trail-by-all", key: None, fixed: None },
    By { name: "reads", said: "trail-by-reads", key: Some("ReadOnly"), fixed: Some("true") },
    By::typed("person", "trail-by-person", "Username"),
    By::typed("event", "trail-by-event", "EventName"),
    By::typed("resource", "trail-by-resource", "ResourceName"),
    By::typed("kind", "trail-by-kind", "ResourceType"),
    By::typed("source", "trail-by-source", "EventSource"),
    By::typed("key", "trail-by-key", "AccessKeyId"),
    By::typed("id", "trail-by-id", "EventId"),
];

/// A look, as it was asked for.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) by: By,
    pub(crate) value: String,
    /// As typed.
    pub(crate) from: String,
    pub(crate) to: String,
    token: Option<String>,
    /// What cannot be looked for, beside its field.
    pub(crate) value_fault: Option<Sentence>,
    pub(crate) from_fault: Option<Sentence>,
    pub(crate) to_fault: Option<Sentence>,
}

impl Filter {
    /// From the address: `?by=person&value=jane`, or `?person=jane` as links to it write it.
    pub(crate) fn read(query: &Fields, language: Language) -> Self {
        let named = |by: &&By| query.some(by.name).is_some() && by.is_typed();
        let chosen = ALL.iter().find(|by| by.name == query.text("by"));
        let (by, value) = match (chosen, ALL.iter().find(named)) {
            (None, Some(by)) => (*by, query.text(by.name)),
            (chosen, _) => (chosen.copied().unwrap_or(ALL[0]), query.text("value")),
        };
        let value_fault = match (by.is_typed(), value.is_empty()) {
            (true, true) => Some(language.say("trail-value-missing")),
            (false, false) => Some(language.say("trail-value-extra").with("value", value)),
            _ => None,
        };
        let time = |name: &'static str| {
            let text = query.text(name);
            let wrong = !text.is_empty() && moment::typed(text).is_none();
            (text.to_owned(), wrong.then(|| language.say("trail-time-wrong")))
        };
        let (from, from_fault) = time("from");
        let (to, mut to_fault) = time("to");
        if let (Some(from), Some(to)) = (moment::typed(&from), moment::typed(&to))
            && to < from
        {
            to_fault = Some(language.say("trail-time-backwards"));
        }
        Self {
            by,
            value: value.to_owned(),
            from,
            to,
            token: query.some("token").map(str::to_owned),
            value_fault,
            from_fault,
            to_fault,
        }
    }

    /// Whether it can be looked for.
    pub(crate) const fn is_right(&self) -> bool {
        self.value_fault.is_none() && self.from_fault.is_none() && self.to_fault.is_none()
    }

    /// Whether anything at all is left out.
    pub(crate) const fn narrows(&self) -> bool {
        self.by.key.is_some() || !self.from.is_empty() || !self.to.is_empty()
    }

    /// Whether it looks at another page than the first.
    pub(crate) const fn is_further(&self) -> bool {
        self.token.is_some()
    }

    /// For LookupEvents.
    pub(crate) fn input(&self) -> Value {
        let attribute = self.by.key.map(
            |key| json!([{ "AttributeKey": key, "AttributeValue": self.by.fixed.unwrap_or(&self.value) }]),
        );
        json!({
            "LookupAttributes": attribute,
            "StartTime": moment::typed(&self.from).map(Timestamp::seconds),
            "EndTime": moment::typed(&self.to).map(Timestamp::seconds),
            "MaxResults": ROWS,
            "NextToken": self.token,
        })
    }

    /// The address of this look, at its first page or at another one.
    pub(crate) fn address(&self, token: Option<&str>) -> String {
        let by = Some(self.by.name);
        let parts =
            [("by", by), ("value", Some(&*self.value)), ("from", Some(&*self.from)), ("to", Some(&*self.to))];
        let parts = parts.into_iter().chain([("token", token)]);
        let pairs: Vec<String> = parts
            .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        format!("/console/trail?{}", pairs.join("&"))
    }

    /// The same look, of the time since `from` alone.
    pub(crate) fn since(&self, from: Timestamp) -> String {
        let from = moment::field(from);
        Self { from, to: String::new(), value: self.value.clone(), token: None, ..self.bare() }.address(None)
    }

    const fn bare(&self) -> Self {
        Self {
            by: self.by,
            value: String::new(),
            from: String::new(),
            to: String::new(),
            token: None,
            value_fault: None,
            from_fault: None,
            to_fault: None,
        }
    }
}

/// The address of what the trail has of a thing, by its ARN or id.
pub(crate) fn of_resource(name: &str) -> String {
    format!("/console/trail?resource={}", encoded(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Filter {
        Filter::read(&Fields::read(query.as_bytes()).unwrap(), Language::English)
    }

    #[test]
    fn a_look_is_narrowed_by_one_attribute_and_time() {
        assert_eq!(
            filter("").input()["LookupAttributes"],
            json!([{"AttributeKey": "ReadOnly", "AttributeValue": "false"}])
        );
        assert_eq!(filter("by=all").input()["LookupAttributes"], Value::Null);
        let jane = filter("by=person&value=jane%20doe&from=2026-11-28T12:40&to=2026-11-29&token=abc");
        assert_eq!(
            jane.input(),
            json!({
                "LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "jane doe"}],
                "StartTime": 1_795_869_600, "EndTime": 1_795_910_400, "MaxResults": 50, "NextToken": "abc",
            })
        );
        let again = "/console/trail?by=person&value=jane%20doe&from=2026-11-28T12%3A40&to=2026-11-29";
        assert_eq!(jane.address(None), again);
        assert_eq!(jane.address(Some("x&y")), format!("{again}&token=x%26y"));
        let hour = jane.since(Timestamp::from_seconds(1_795_869_600));
        assert_eq!(hour, "/console/trail?by=person&value=jane%20doe&from=2026-11-28T12%3A40");
    }

    #[test]
    fn links_name_the_attribute_alone() {
        let user = filter("resource=arn%3Aaws%3Aidentitystore%3A%3A%3Auser%2F1");
        assert_eq!((user.by.name, &*user.value), ("resource", "arn:aws:identitystore:::user/1"));
        assert!(user.is_right());
        assert!(of_resource("a b").ends_with("?resource=a%20b"));
    }

    #[test]
    fn what_cannot_be_looked_for_is_said_beside_its_field_and_nothing_is_ignored() {
        assert!(filter("by=person").value_fault.is_some());
        assert!(filter("by=changes&value=jane").value_fault.is_some());
        assert!(filter("from=yesterday").from_fault.is_some());
        assert!(filter("to=2026-13-01").to_fault.is_some());
        assert!(filter("from=2026-11-28&to=2026-11-27").to_fault.is_some());
        assert!(filter("from=2026-11-28&to=2026-11-28").is_right());
    }
}
