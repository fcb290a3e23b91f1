//! Condition blocks: operators over context keys, with `…IfExists`, `ForAllValues:` and `ForAnyValue:`. Meaning of missing keys and of
//! several values: IAM user guide, "Condition operators" and "Conditions with multiple context keys or values". What cannot be decided
//! (a variable without a value, a value of the wrong kind) never helps an `Allow` and never weakens a negated `Deny`.

use std::fmt;

use model::access::Context;
use serde_json::Value;

use crate::effect::Effect;
use crate::flaw::Wrong;
use crate::operator::{Operator, Test};
use crate::value::boolean;
use crate::variable::{Template, lookup};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    Single,
    ForAll,
    ForAny,
}

/// One operator on one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub(crate) name: String,
    pub(crate) operator: Operator,
    pub(crate) quantifier: Quantifier,
    pub(crate) if_exists: bool,
    key: String,
    values: Vec<Template>,
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} [", self.name, self.key)?;
        for (at, value) in self.values.iter().enumerate() {
            write!(out, "{}{:?}", if at == 0 { "" } else { ", " }, value.source())?;
        }
        out.write_str("]")
    }
}

impl Condition {
    /// Reads a `Condition` block. The error says what is wrong with it.
    pub(crate) fn read_all(block: &Value, variables: bool) -> Result<Vec<Self>, Wrong> {
        let operators = block.as_object().ok_or("Condition must be an object")?;
        let mut all: Vec<Self> = Vec::new();
        for (name, keys) in operators {
            let place = |why: String| Wrong::from(why).within(name.as_str());
            let head =
                Head::read(name).ok_or_else(|| place(format!("Condition operator {name} is unknown")))?;
            let keys = keys
                .as_object()
                .ok_or_else(|| place(format!("Condition {name} must be an object of keys")))?;
            let first = all.len();
            for (key, values) in keys {
                // Key names have no case: two spellings of one key would be one key with two meanings.
                if all.iter().skip(first).any(|other| other.key.eq_ignore_ascii_case(key)) {
                    let twice = Wrong::from(format!("Condition {name} {key} stands there twice"));
                    return Err(twice.within(key.as_str()).within(name.as_str()));
                }
                let place = |wrong: Wrong| wrong.within(key.as_str()).within(name.as_str());
                all.push(head.with(name, key, values, variables).map_err(place)?);
            }
        }
        Ok(all)
    }

    /// The key that it asks about.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The values that it names.
    pub(crate) fn values(&self) -> &[Template] {
        &self.values
    }

    /// Whether the condition holds for a request, as part of a statement of this effect.
    pub(crate) fn holds(&self, context: &Context, effect: Effect) -> bool {
        let given = lookup(context, &self.key).filter(|values| !values.is_empty());
        let (test, negated) = match self.operator {
            Operator::Compare { test, negated } => (test, negated),
            Operator::Null => {
                return self.values.iter().any(|value| boolean(value.source()) == Some(given.is_none()));
            }
        };
        let Some(given) = given else {
            return match self.quantifier {
                Quantifier::ForAll => true,
                Quantifier::ForAny => self.if_exists,
                Quantifier::Single if self.if_exists => true,
                // A key that is not there differs from every value, if the values are known.
                Quantifier::Single => negated && self.sure(effect, context),
            };
        };
        let one = |value: &String| match self.is_among(test, value, context) {
            Some(found) => found != negated,
            None => negated && effect == Effect::Deny,
        };
        match (self.quantifier, effect) {
            // Without a quantifier several values have no settled meaning: an Allow must hold for all of them, a Deny for any.
            (Quantifier::ForAll, _) | (Quantifier::Single, Effect::Allow) => given.iter().all(one),
            (Quantifier::ForAny, _) | (Quantifier::Single, Effect::Deny) => given.iter().any(one),
        }
    }

    /// Whether a value of the request is among the policy's; `None` when it is not among those that can be read, but some cannot.
    fn is_among(&self, test: Test, given: &str, context: &Context) -> Option<bool> {
        let mut answer = Some(false);
        for wanted in &self.values {
            match wanted.expand(context).and_then(|globs| test.matches(given, &globs)) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => answer = None,
            }
        }
        answer
    }

    fn sure(&self, effect: Effect, context: &Context) -> bool {
        effect == Effect::Deny || self.values.iter().all(|value| value.expand(context).is_some())
    }
}

/// An operator's name taken apart.
#[derive(Clone, Copy)]
struct Head {
    operator: Operator,
    quantifier: Quantifier,
    if_exists: bool,
}

impl Head {
    fn read(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Quantifier::ForAll, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::ForAny, rest),
            Some(_) => return None,
            None => (Quantifier::Single, name),
        };
        let (rest, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |rest| (rest, true));
        let operator = Operator::named(rest)?;
        // Null asks whether the key is there: "if it is there" and "for each value" say nothing about that.
        let plain = !if_exists && quantifier == Quantifier::Single;
        (plain || operator != Operator::Null).then_some(Self { operator, quantifier, if_exists })
    }

    fn with(self, name: &str, key: &str, values: &Value, variables: bool) -> Result<Condition, Wrong> {
        if !key.split_once(':').is_some_and(|(prefix, rest)| !prefix.is_empty() && !rest.is_empty()) {
            let why = format!("Condition {name}: the key {key:?} must have the form 'service:name'");
            return Err(why.into());
        }
        let texts = scalars(values)
            .ok_or_else(|| format!("Condition {name} {key} must be a value or a list of values"))?;
        let has_variables = variables && self.operator.takes_variables();
        let mut all = Vec::with_capacity(texts.len());
        for (at, text) in texts.iter().enumerate() {
            let place = |why: String| Wrong::from(why).within(at);
            let value = Template::read(text, has_variables)
                .map_err(|why| place(format!("Condition {name} {key}: {why}")))?;
            if !value.is_open() && !self.operator.can_read(text) {
                return Err(place(format!("Condition {name} {key}: {text:?} is not a value for it")));
            }
            all.push(value);
        }
        Ok(Condition {
            name: name.to_owned(),
            operator: self.operator,
            quantifier: self.quantifier,
            if_exists: self.if_exists,
            key: key.to_owned(),
            values: all,
        })
    }
}

fn scalars(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(many) => many.iter().map(one).collect(),
        single => one(single).map(|value| vec![value]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(block: &Value, context: &[(&str, &[&str])]) -> bool {
        let context: Context = context
            .iter()
            .map(|(key, values)| {
                ((*key).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
            })
            .collect();
        let hold = |effect| {
            Condition::read_all(block, true)
                .unwrap()
                .iter()
                .all(|condition| condition.holds(&context, effect))
        };
        assert_eq!(hold(Effect::Allow), hold(Effect::Deny), "{block}: a decidable condition has no sides");
        hold(Effect::Allow)
    }

    #[test]
    fn every_operator_says_yes_and_no() {
        for (operator, wanted, yes, no) in [
            ("StringEquals", "a", "a", "A"),
            ("StringNotEquals", "a", "b", "a"),
            ("StringEqualsIgnoreCase", "a", "A", "b"),
            ("StringNotEqualsIgnoreCase", "a", "b", "A"),
            ("StringLike", "a*c", "abc", "abd"),
            ("StringNotLike", "a*c", "abd", "abc"),
            ("NumericEquals", "5", "5.0", "6"),
            ("NumericNotEquals", "5", "6", "5"),
            ("NumericLessThan", "5", "4", "5"),
            ("NumericLessThanEquals", "5", "5", "6"),
            ("NumericGreaterThan", "5", "6", "5"),
            ("NumericGreaterThanEquals", "5", "5", "4"),
            ("DateEquals", "2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z", "2026-11-24T08:00:01Z"),
            ("DateNotEquals", "2026-11-24", "2026-11-25T00:00:00Z", "2026-11-24T00:00:00Z"),
            ("DateLessThan", "2026-11-24T08:00:00Z", "2026-11-24T07:59:59Z", "2026-11-24T08:00:00Z"),
            ("DateGreaterThan", "2026-11-24T08:00:00Z", "2026-11-24T08:00:01Z", "2026-11-24T08:00:00Z"),
            ("Bool", "true", "true", "false"),
            ("BinaryEquals", "QQ==", "QQ==", "QR=="),
            ("IpAddress", "192.0.2.0/24", "192.0.2.77", "192.0.3.1"),
            ("IpAddress", "2001:db8::/32", "2001:db8::1", "2001:db9::1"),
            ("NotIpAddress", "192.0.2.0/24", "192.0.3.1", "192.0.2.1"),
            ("ArnLike", "arn:aws:iam::*:role/A*", "arn:aws:iam::1:role/Ab", "arn:aws:iam::1:user/Ab"),
            ("ArnNotEquals", "arn:aws:iam::1:role/A", "arn:aws:iam::1:role/B", "arn:aws:iam::1:role/A"),
        ] {
            let block = json!({operator: {"t:k": wanted}});
            assert!(holds(&block, &[("t:k", &[yes])]), "{operator} {wanted} {yes}");
            assert!(!holds(&block, &[("t:k", &[no])]), "{operator} {wanted} {no}");
        }
    }

    #[test]
    fn missing_keys() {
        assert!(!holds(&json!({"StringEquals": {"t:k": "a"}}), &[]));
        assert!(holds(&json!({"StringNotEquals": {"t:k": "a"}}), &[]));
        assert!(holds(&json!({"StringEqualsIfExists": {"t:k": "a"}}), &[]));
        assert!(holds(&json!({"Null": {"t:k": "true"}}), &[]));
        assert!(!holds(&json!({"Null": {"t:k": true}}), &[("t:k", &["x"])]));
        assert!(holds(&json!({"ForAllValues:StringEquals": {"t:k": "a"}}), &[]));
        assert!(!holds(&json!({"ForAnyValue:StringEquals": {"t:k": "a"}}), &[]));
    }

    #[test]
    fn several_values() {
        let keys: &[(&str, &[&str])] = &[("aws:TagKeys", &["a", "b"])];
        assert!(holds(&json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}}), keys));
        assert!(!holds(&json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}), keys));
        assert!(holds(&json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}), keys));
        assert!(!holds(&json!({"StringNotEquals": {"t:k": ["a", "b"]}}), &[("t:k", &["b"])]));
        assert!(holds(&json!({"StringEquals": {"AWS:tagkeys": ["a", "b"]}}), keys), "key names have no case");
    }

    #[test]
    fn a_variables_value_is_never_wild() {
        let block = json!({"StringLike": {"t:k": "${aws:PrincipalTag/team}-*"}});
        assert!(holds(&block, &[("t:k", &["red-1"]), ("aws:PrincipalTag/team", &["red"])]));
        assert!(!holds(&block, &[("t:k", &["blue-1"]), ("aws:PrincipalTag/team", &["*"])]));
        assert!(!holds(&block, &[("t:k", &["red-1"])]));
        assert!(holds(
            &json!({"StringEquals": {"t:k": "${aws:PrincipalTag/team, 'none'}"}}),
            &[("t:k", &["none"])]
        ));
    }

    #[test]
    fn an_arn_star_stays_within_its_part() {
        let block = json!({"ArnLike": {"t:k": "arn:aws:*:role/x"}});
        assert!(!holds(&block, &[("t:k", &["arn:aws:iam::1:role/x"])]));
    }
}
