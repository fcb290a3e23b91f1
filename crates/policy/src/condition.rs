//! Condition blocks: operators over context keys, with `…IfExists`, `ForAllValues:` and `ForAnyValue:`. Meaning of missing keys and of
//! several values: IAM user guide, "IAM JSON policy elements: Condition operators".

use std::net::IpAddr;

use model::access::Context;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::variable::{expand, lookup};
use crate::wildcard::{matches, pattern};

/// How one value of the request is held against one of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    EqualIgnoreCase,
    Like,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    Single,
    ForAll,
    ForAny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `Null`: whether the key is absent.
    Null,
    Compare {
        test: Test,
        negated: bool,
    },
}

/// One operator on one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    name: String,
    operator: Operator,
    quantifier: Quantifier,
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

impl std::fmt::Display for Condition {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {} {:?}", self.name, self.key, self.values)
    }
}

impl Condition {
    /// Reads a `Condition` block. The error says what is wrong with it.
    pub(crate) fn read(block: &Value) -> Result<Vec<Self>, String> {
        let operators = block.as_object().ok_or("Condition must be an object")?;
        let mut all = Vec::new();
        for (name, keys) in operators {
            let (quantifier, rest) = match name.split_once(':') {
                Some(("ForAllValues", rest)) => (Quantifier::ForAll, rest),
                Some(("ForAnyValue", rest)) => (Quantifier::ForAny, rest),
                Some(_) => return Err(format!("Condition operator {name} is unknown")),
                None => (Quantifier::Single, name.as_str()),
            };
            let (rest, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |rest| (rest, true));
            let operator = operator(rest).ok_or_else(|| format!("Condition operator {name} is unknown"))?;
            if operator == Operator::Null && (if_exists || quantifier != Quantifier::Single) {
                return Err(format!("Condition operator {name} is unknown"));
            }
            for (key, values) in
                keys.as_object().ok_or_else(|| format!("Condition operator {name} must hold an object"))?
            {
                let values = scalars(values)
                    .ok_or_else(|| format!("Condition {name} {key} must be a value or a list of values"))?;
                check_values(operator, &values)
                    .map_err(|value| format!("Condition {name} {key}: {value:?} is not a value for it"))?;
                all.push(Self {
                    name: name.clone(),
                    operator,
                    quantifier,
                    if_exists,
                    key: key.clone(),
                    values,
                });
            }
        }
        Ok(all)
    }

    /// Whether the condition holds for a request.
    pub(crate) fn holds(&self, context: &Context, variables: bool) -> bool {
        let found = lookup(context, &self.key);
        let Operator::Compare { test, negated } = self.operator else {
            let absent = found.is_none();
            return self
                .values
                .iter()
                .any(|value| value.eq_ignore_ascii_case(if absent { "true" } else { "false" }));
        };
        let Some(given) = found.filter(|values| !values.is_empty()) else {
            return match self.quantifier {
                Quantifier::ForAll => true,
                Quantifier::ForAny => self.if_exists,
                // A key that is not there differs from every value.
                Quantifier::Single => self.if_exists || negated,
            };
        };
        let one = |value: &String| {
            let any = self.values.iter().any(|wanted| test.matches(value, wanted, context, variables));
            any != negated
        };
        match self.quantifier {
            Quantifier::ForAny => given.iter().any(one),
            Quantifier::Single | Quantifier::ForAll => given.iter().all(one),
        }
    }
}

fn operator(name: &str) -> Option<Operator> {
    let compare = |test, negated| Some(Operator::Compare { test, negated });
    match name {
        "Null" => Some(Operator::Null),
        "StringEquals" => compare(Test::Equal, false),
        "StringNotEquals" => compare(Test::Equal, true),
        "StringEqualsIgnoreCase" => compare(Test::EqualIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => compare(Test::EqualIgnoreCase, true),
        "StringLike" => compare(Test::Like, false),
        "StringNotLike" => compare(Test::Like, true),
        "NumericEquals" => compare(Test::Number(Order::Equal), false),
        "NumericNotEquals" => compare(Test::Number(Order::Equal), true),
        "NumericLessThan" => compare(Test::Number(Order::Less), false),
        "NumericLessThanEquals" => compare(Test::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => compare(Test::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => compare(Test::Number(Order::GreaterOrEqual), false),
        "DateEquals" => compare(Test::Date(Order::Equal), false),
        "DateNotEquals" => compare(Test::Date(Order::Equal), true),
        "DateLessThan" => compare(Test::Date(Order::Less), false),
        "DateLessThanEquals" => compare(Test::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => compare(Test::Date(Order::Greater), false),
        "DateGreaterThanEquals" => compare(Test::Date(Order::GreaterOrEqual), false),
        "Bool" => compare(Test::Bool, false),
        "BinaryEquals" => compare(Test::Binary, false),
        "IpAddress" => compare(Test::Ip, false),
        "NotIpAddress" => compare(Test::Ip, true),
        "ArnEquals" | "ArnLike" => compare(Test::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => compare(Test::Arn, true),
        _ => None,
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

/// A value that its operator could never read is a mistake in the policy, found when it is written rather than when it denies.
fn check_values(operator: Operator, values: &[String]) -> Result<(), String> {
    let readable = |value: &String| {
        value.contains("${")
            || match operator {
                Operator::Null => ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)),
                Operator::Compare { test, .. } => match test {
                    Test::Number(_) => value.parse::<f64>().is_ok_and(f64::is_finite),
                    Test::Date(_) => seconds(value).is_some(),
                    Test::Bool => ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)),
                    Test::Ip => Network::parse(value).is_some(),
                    Test::Equal | Test::EqualIgnoreCase | Test::Like | Test::Binary | Test::Arn => true,
                },
            }
    };
    values.iter().find(|value| !readable(value)).map_or(Ok(()), |bad| Err(bad.clone()))
}

impl Test {
    fn matches(self, given: &str, wanted: &str, context: &Context, variables: bool) -> bool {
        let Some(globs) = expand(wanted, context, variables) else { return false };
        let text = || {
            use crate::wildcard::Glob;
            let letter = |glob: &Glob| match glob {
                Glob::Many => '*',
                Glob::One => '?',
                Glob::Literal(letter) => *letter,
            };
            globs.iter().map(letter).collect::<String>()
        };
        match self {
            Self::Equal | Self::Binary => given == text(),
            Self::EqualIgnoreCase => given.to_lowercase() == text().to_lowercase(),
            Self::Like => matches(&globs, given),
            Self::Number(order) => match (given.parse::<f64>(), text().parse::<f64>()) {
                (Ok(left), Ok(right)) => order.holds(&left, &right),
                _ => false,
            },
            Self::Date(order) => match (seconds(given), seconds(&text())) {
                (Some(left), Some(right)) => order.holds(&left, &right),
                _ => false,
            },
            Self::Bool => given.eq_ignore_ascii_case(&text()),
            Self::Ip => match (given.parse::<IpAddr>(), Network::parse(&text())) {
                (Ok(address), Some(network)) => network.contains(address),
                _ => false,
            },
            Self::Arn => arn_matches(given, &text()),
        }
    }
}

/// Each of the six parts of an ARN is matched by itself, so that a star does not reach across a colon; the last part is the rest.
fn arn_matches(given: &str, wanted: &str) -> bool {
    let (given, wanted): (Vec<&str>, Vec<&str>) =
        (given.splitn(6, ':').collect(), wanted.splitn(6, ':').collect());
    if wanted == ["*"] {
        return true;
    }
    given.len() == 6
        && wanted.len() == 6
        && wanted.iter().zip(&given).all(|(wanted, given)| matches(&pattern(wanted), given))
}

/// A date as ISO 8601 or epoch seconds.
fn seconds(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    OffsetDateTime::parse(&full, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}

/// An address block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some(Self { address, bits })
    }

    fn contains(self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - self.bits;
                u32::from(own).checked_shr(shift).unwrap_or(0)
                    == u32::from(other).checked_shr(shift).unwrap_or(0)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - self.bits;
                u128::from(own).checked_shr(shift).unwrap_or(0)
                    == u128::from(other).checked_shr(shift).unwrap_or(0)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(block: Value, context: &[(&str, &[&str])]) -> bool {
        let context: Context = context
            .iter()
            .map(|(key, values)| {
                ((*key).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
            })
            .collect();
        Condition::read(&block).unwrap().iter().all(|condition| condition.holds(&context, true))
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
            let block = json!({operator: {"k": wanted}});
            assert!(holds(block.clone(), &[("k", &[yes])]), "{operator} {wanted} {yes}");
            assert!(!holds(block, &[("k", &[no])]), "{operator} {wanted} {no}");
        }
    }

    #[test]
    fn missing_keys() {
        assert!(!holds(json!({"StringEquals": {"k": "a"}}), &[]));
        assert!(holds(json!({"StringNotEquals": {"k": "a"}}), &[]));
        assert!(holds(json!({"StringEqualsIfExists": {"k": "a"}}), &[]));
        assert!(holds(json!({"Null": {"k": "true"}}), &[]));
        assert!(!holds(json!({"Null": {"k": true}}), &[("k", &["x"])]));
        assert!(holds(json!({"ForAllValues:StringEquals": {"k": "a"}}), &[]));
        assert!(!holds(json!({"ForAnyValue:StringEquals": {"k": "a"}}), &[]));
    }

    #[test]
    fn several_values() {
        let keys: &[(&str, &[&str])] = &[("aws:TagKeys", &["a", "b"])];
        assert!(holds(json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}}), keys));
        assert!(!holds(json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}), keys));
        assert!(holds(json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}), keys));
        assert!(!holds(json!({"StringNotEquals": {"k": ["a", "b"]}}), &[("k", &["b"])]));
        assert!(holds(json!({"StringEquals": {"AWS:tagkeys": ["a", "b"]}}), keys), "key names have no case");
    }

    #[test]
    fn a_variables_value_is_never_wild() {
        let block = json!({"StringLike": {"k": "${aws:PrincipalTag/team}-*"}});
        assert!(holds(block.clone(), &[("k", &["red-1"]), ("aws:PrincipalTag/team", &["red"])]));
        assert!(!holds(block.clone(), &[("k", &["blue-1"]), ("aws:PrincipalTag/team", &["*"])]));
        assert!(!holds(block, &[("k", &["red-1"])]));
        assert!(holds(json!({"StringEquals": {"k": "${team, 'none'}"}}), &[("k", &["none"])]));
    }

    #[test]
    fn an_arn_star_stays_within_its_part() {
        let block = json!({"ArnLike": {"k": "arn:aws:*:role/x"}});
        assert!(!holds(block, &[("k", &["arn:aws:iam::1:role/x"])]));
    }
}
