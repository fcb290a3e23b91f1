//! The one check that untrusted input passes: the JSON value is walked beside its shape, every broken constraint is collected, and the
//! text that lists them is AWS's ("2 validation errors detected: …"). A wrong type ends the walk: that is no value of the model at all.

use std::fmt;

use serde_json::{Map, Value};

use crate::error::WireError;
use crate::shape::{Member, Shape};
use crate::timestamp;

/// Violations listed in one text at most.
const LISTED_MAX: usize = 20;
/// Characters of a value that a text repeats at most.
const ECHO_MAX: usize = 256;
/// Structures inside structures at most.
const DEPTH_MAX: usize = 32;

/// What becomes of members that the model does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strangers {
    /// Refused by name. AWS drops them, since its clients may be newer than its servers; here a `PolicyArns` spelled wrong would leave a
    /// session without the bounds that its caller wrote down.
    Refused,
    /// Dropped, unless only their letters' case is wrong: OAuth servers must ignore what they do not know (RFC 6749 §3.2, RFC 7591 §2).
    Dropped,
}

/// Checks `value` against `shape`. Members that are `null` count as absent.
pub fn check(value: &Value, shape: &'static Shape, strangers: Strangers) -> Result<(), WireError> {
    let mut walk = Walk { violations: Vec::new(), count: 0, member: None, depth: 0, strangers };
    walk.value(value, shape, &Place::Input)?;
    let Some(member) = walk.member else { return Ok(()) };
    let (count, listed) = (walk.count, walk.violations.join("; "));
    let plural = if count == 1 { "" } else { "s" };
    Err(WireError::Validation {
        message: format!("{count} validation error{plural} detected: {listed}"),
        member,
    })
}

/// Where the walk is. Written out only for a text: a valid input, as nearly all are, costs no words.
#[derive(Clone, Copy)]
enum Place<'p> {
    Input,
    Member(&'p Self, &'static str),
    Item(&'p Self, usize),
    Key(&'p Self),
    Entry(&'p Self, &'p str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parent, name) = match self {
            Self::Input => return Ok(()),
            Self::Member(parent, name) => (parent, lower_first(name)),
            Self::Item(parent, at) => (parent, format!("{}.member", at + 1)),
            Self::Key(parent) => (parent, "key".to_owned()),
            Self::Entry(parent, name) => (parent, echo(name)),
        };
        if matches!(parent, Self::Input) { out.write_str(&name) } else { write!(out, "{parent}.{name}") }
    }
}

struct Walk {
    violations: Vec<String>,
    count: usize,
    /// Where the first violation lies.
    member: Option<String>,
    depth: usize,
    strangers: Strangers,
}

impl Walk {
    fn violation(&mut self, shown: &str, place: &Place<'_>, constraint: &str) {
        let path = match place {
            Place::Input => "input".to_owned(),
            _ => place.to_string(),
        };
        self.count += 1;
        self.member.get_or_insert_with(|| path.split('.').next().unwrap_or_default().to_owned());
        if self.violations.len() < LISTED_MAX {
            self.violations
                .push(format!("Value {shown}at '{path}' failed to satisfy constraint: {constraint}"));
        }
    }

    fn value(&mut self, value: &Value, shape: &'static Shape, place: &Place<'_>) -> Result<(), WireError> {
        if self.depth > DEPTH_MAX {
            return Err(WireError::Serialization(format!(
                "the input is nested more than {DEPTH_MAX} levels deep"
            )));
        }
        self.depth += 1;
        self.inside(value, shape, place)?;
        self.depth -= 1;
        Ok(())
    }

    fn inside(&mut self, value: &Value, shape: &'static Shape, place: &Place<'_>) -> Result<(), WireError> {
        match shape {
            Shape::Structure { members, union } => {
                self.structure(object(value, place)?, members, *union, place)
            }
            Shape::List { min, max, item } => {
                let Value::Array(items) = value else { return Err(wrong_type(place, "a list")) };
                self.length(items.len(), (*min, *max), None, place);
                for (at, inner) in items.iter().enumerate() {
                    self.value(inner, item, &Place::Item(place, at))?;
                }
                Ok(())
            }
            Shape::Map { min, max, key, value: inner } => {
                let entries = object(value, place)?;
                self.length(entries.len(), (*min, *max), None, place);
                for (name, entry) in entries {
                    self.value(&Value::String(name.clone()), key, &Place::Key(place))?;
                    self.value(entry, inner, &Place::Entry(place, name))?;
                }
                Ok(())
            }
            Shape::Text { .. } => self.text(value, shape, place),
            Shape::Blob { max } => {
                let text = value.as_str().ok_or_else(|| wrong_type(place, "base64 text"))?;
                self.length(text.len() / 4 * 3, (None, *max), None, place);
                Ok(())
            }
            Shape::Integer { min, max } => {
                let number = value.as_i64().ok_or_else(|| wrong_type(place, "an integer"))?;
                self.number(number, (*min, *max), place);
                Ok(())
            }
            Shape::Float => value.as_f64().map(|_| ()).ok_or_else(|| wrong_type(place, "a number")),
            Shape::Boolean => value.as_bool().map(|_| ()).ok_or_else(|| wrong_type(place, "true or false")),
            Shape::Timestamp => {
                timestamp::read(value).map(|_| ()).ok_or_else(|| wrong_type(place, "a timestamp"))
            }
            Shape::Document => Ok(()),
        }
    }

    fn structure(
        &mut self,
        object: &Map<String, Value>,
        members: &'static [Member],
        union: bool,
        place: &Place<'_>,
    ) -> Result<(), WireError> {
        let (mut given, mut known) = (0, 0);
        for member in members {
            let inner = Place::Member(place, member.name);
            let value = object.get(member.name);
            known += usize::from(value.is_some());
            match value {
                None | Some(Value::Null) if member.required => {
                    self.violation("null ", &inner, "Member must not be null");
                }
                None | Some(Value::Null) => {}
                Some(value) => {
                    given += 1;
                    self.value(value, member.shape, &inner)?;
                }
            }
        }
        if known < object.len() {
            self.strangers(object, members, place);
        }
        if union && given != 1 {
            let names: Vec<&str> = members.iter().map(|member| member.name).collect();
            let constraint = format!("exactly one of [{}] must be given, {given} are", names.join(", "));
            self.violation("", place, &constraint);
        }
        Ok(())
    }

    fn strangers(&mut self, object: &Map<String, Value>, members: &'static [Member], place: &Place<'_>) {
        for (name, value) in object {
            let is_known = members.iter().any(|member| member.name == name);
            let is_near = || members.iter().any(|member| member.name.eq_ignore_ascii_case(name));
            if is_known || value.is_null() || (self.strangers == Strangers::Dropped && !is_near()) {
                continue;
            }
            let names: Vec<&str> = members.iter().map(|member| member.name).collect();
            let constraint = format!("Member must be one of [{}]", names.join(", "));
            self.violation("", &Place::Entry(place, name), &constraint);
        }
    }

    fn text(&mut self, value: &Value, shape: &'static Shape, place: &Place<'_>) -> Result<(), WireError> {
        let (Shape::Text { min, max, pattern, values, secret }, Value::String(text)) = (shape, value) else {
            return Err(wrong_type(place, "text"));
        };
        let repeated = (!secret).then_some(text.as_str());
        self.length(text.chars().count(), (*min, *max), repeated, place);
        // PostgreSQL keeps it in no text.
        if text.contains('\0') {
            self.violation(&shown(repeated), place, "Member must not contain the character U+0000");
        }
        if !values.is_empty() && !values.contains(&text.as_str()) {
            self.violation(
                &shown(repeated),
                place,
                &format!("Member must satisfy enum value set: [{}]", values.join(", ")),
            );
        }
        if let Some(pattern) = pattern
            && !pattern.matches(text)
        {
            self.violation(
                &shown(repeated),
                place,
                &format!("Member must satisfy regular expression pattern: {}", pattern.as_str()),
            );
        }
        Ok(())
    }

    fn length(
        &mut self,
        length: usize,
        (min, max): (Option<i64>, Option<i64>),
        repeated: Option<&str>,
        place: &Place<'_>,
    ) {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        if let Some(max) = max.filter(|max| length > *max) {
            let constraint = format!("Member must have length less than or equal to {max}");
            self.violation(&shown(repeated), place, &constraint);
        }
        if let Some(min) = min.filter(|min| length < *min) {
            let constraint = format!("Member must have length greater than or equal to {min}");
            self.violation(&shown(repeated), place, &constraint);
        }
    }

    fn number(&mut self, number: i64, (min, max): (Option<i64>, Option<i64>), place: &Place<'_>) {
        let shown = || format!("'{number}' ");
        if let Some(max) = max.filter(|max| number > *max) {
            self.violation(&shown(), place, &format!("Member must have value less than or equal to {max}"));
        }
        if let Some(min) = min.filter(|min| number < *min) {
            self.violation(
                &shown(),
                place,
                &format!("Member must have value greater than or equal to {min}"),
            );
        }
    }
}

/// A value as a text repeats it; a secret is not repeated.
fn shown(repeated: Option<&str>) -> String {
    repeated.map_or_else(String::new, |text| format!("'{}' ", echo(text)))
}

fn object<'v>(value: &'v Value, place: &Place<'_>) -> Result<&'v Map<String, Value>, WireError> {
    value.as_object().ok_or_else(|| wrong_type(place, "an object"))
}

fn wrong_type(place: &Place<'_>, wanted: &str) -> WireError {
    let place = match place {
        Place::Input => "the input".to_owned(),
        _ => format!("'{place}'"),
    };
    WireError::Serialization(format!("{place} must be {wanted}"))
}

/// `UserName` → `userName`: how AWS's texts and CloudTrail name members.
pub fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn echo(text: &str) -> String {
    text.chars().take(ECHO_MAX).map(|letter| if letter.is_control() { '\u{FFFD}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::generated;

    fn refused(value: &Value, shape: &'static Shape) -> String {
        match check(value, shape, Strangers::Refused) {
            Err(error) => error.message().to_owned(),
            Ok(()) => panic!("accepted {value}"),
        }
    }

    #[test]
    fn every_violation_is_listed_in_awss_words() {
        let shape = &generated::identitystore::constraints::CREATE_USER_REQUEST;
        let text = refused(&json!({"UserName": "", "DisplayName": "x".repeat(1025)}), shape);
        assert!(text.starts_with("4 validation errors detected: "), "{text}");
        assert!(text.contains(
            "Value null at 'identityStoreId' failed to satisfy constraint: Member must not be null"
        ));
        assert!(text.contains(
            "at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1"
        ));
        assert!(text.contains("at 'displayName' failed to satisfy constraint: Member must have length less than or equal to 1024"));
        assert!(!text.contains("xxx"), "a sensitive value is not repeated");
    }

    #[test]
    fn wrong_types_are_no_values_at_all() {
        let shape = &generated::identitystore::constraints::CREATE_USER_REQUEST;
        for bad in [
            json!([]),
            json!({"IdentityStoreId": 5}),
            json!({"IdentityStoreId": "d-1234567890", "Emails": {}}),
        ] {
            assert!(
                matches!(check(&bad, shape, Strangers::Refused), Err(WireError::Serialization(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_union_wants_exactly_one_member() {
        let shape = &generated::identitystore::constraints::GET_USER_ID_REQUEST;
        let with =
            |identifier: Value| json!({"IdentityStoreId": "d-1234567890", "AlternateIdentifier": identifier});
        assert!(refused(&with(json!({})), shape).contains("exactly one of [ExternalId, UniqueAttribute]"));
        let unique = json!({"AttributePath": "userName", "AttributeValue": "jane"});
        assert!(check(&with(json!({"UniqueAttribute": unique})), shape, Strangers::Refused).is_ok());
    }

    #[test]
    fn a_member_that_the_model_does_not_have_is_named_wherever_it_is() {
        let shape = &generated::sts::constraints::ASSUME_ROLE_REQUEST;
        let with = |extra: Value| {
            let mut value =
                json!({"RoleArn": "arn:aws:iam::111122223333:role/Admin", "RoleSessionName": "jane"});
            value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            value
        };
        assert_eq!(
            refused(&with(json!({"PolicyArns": [{"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]})), shape),
            "1 validation error detected: Value at 'policyArns.1.member.Arn' failed to satisfy constraint: Member must be one of [arn]"
        );
        assert!(refused(&with(json!({"policy": "{}"})), shape).contains("Value at 'policy' failed"));
        assert!(check(&with(json!({"Unheard": null})), shape, Strangers::Refused).is_ok());
        // What OAuth says of them: dropped, but not when it is a slip of a name that is known.
        let shape = &generated::sso_oidc::constraints::REGISTER_CLIENT_REQUEST;
        let with =
            |name: &str| json!({"clientName": "c", "clientType": "public", name: ["sso:account:access"]});
        assert!(check(&with("software_id"), shape, Strangers::Dropped).is_ok());
        assert!(check(&with("Scopes"), shape, Strangers::Dropped).is_err());
    }

    #[test]
    fn arn_patterns_accept_what_aws_issues() {
        let shape = &generated::sso_admin::constraints::DESCRIBE_PERMISSION_SET_REQUEST;
        let arns = |ps: &str| {
            json!({"InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
                   "PermissionSetArn": format!("arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/{ps}")})
        };
        assert!(check(&arns("ps-1234567890abcdef"), shape, Strangers::Refused).is_ok());
        assert!(refused(&arns("ps-1234567890abcde"), shape).contains("regular expression"));
    }
}
