//! Whether a filter holds for a resource. An attribute of several values matches when one of them does (RFC 7644 §3.4.2.2).

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::filter::{Filter, Literal, Operator};
use crate::path::Place;
use crate::resource::moment;
use crate::schema::Attribute;

/// Whether it holds for a resource, or for one value of an attribute.
pub fn holds(filter: &Filter, of: &Map<String, Value>) -> bool {
    match filter {
        Filter::And(all) => all.iter().all(|inner| holds(inner, of)),
        Filter::Or(any) => any.iter().any(|inner| holds(inner, of)),
        Filter::Not(inner) => !holds(inner, of),
        Filter::Present(place) => values(place, of).into_iter().any(is_present),
        Filter::Value(place, inner) => {
            let whole = Place { part: None, ..*place };
            values(&whole, of).into_iter().filter_map(Value::as_object).any(|value| holds(inner, value))
        }
        Filter::Compare(place, operator, literal) => compare(place, *operator, literal, of),
    }
}

/// Whether it holds for one value of an attribute with several.
pub fn holds_for_value(filter: &Filter, value: &Value) -> bool {
    match value {
        Value::Object(parts) => holds(filter, parts),
        plain => holds(filter, &Map::from_iter([("value".to_owned(), plain.clone())])),
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(parts) => parts.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The values of a place, those of its sub-attribute if it has one.
fn values<'r>(place: &Place, of: &'r Map<String, Value>) -> Vec<&'r Value> {
    let found = place.within(of).and_then(|within| within.get(place.attribute.name));
    let found: Vec<&Value> = match found {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    };
    match place.part {
        Some(part) => found.into_iter().filter_map(|value| value.get(part.name)).collect(),
        None => found,
    }
}

fn compare(place: &Place, operator: Operator, literal: &Literal, of: &Map<String, Value>) -> bool {
    let Some(compared) = place.compared() else { return false };
    let found = values(place, of);
    let found: Vec<&Value> = if place.part.is_none() && !place.attribute.parts().is_empty() {
        found.into_iter().filter_map(|value| value.get(compared.name)).collect()
    } else {
        found
    };
    match (operator, literal) {
        (Operator::Eq, Literal::Nothing) => !found.into_iter().any(is_present),
        (Operator::Ne, Literal::Nothing) => found.into_iter().any(is_present),
        // What is not there is not equal to anything.
        (Operator::Ne, _) => !found.into_iter().any(|value| is(compared, Operator::Eq, literal, value)),
        _ => found.into_iter().any(|value| is(compared, operator, literal, value)),
    }
}

fn is(compared: &Attribute, operator: Operator, literal: &Literal, value: &Value) -> bool {
    match (literal, value) {
        (Literal::Flag(wanted), Value::Bool(value)) => wanted == value,
        (Literal::Moment(wanted), Value::String(text)) => {
            moment(text).is_some_and(|moment| orders(operator, moment.cmp(wanted)))
        }
        (Literal::Text(wanted), Value::String(text)) if compared.case_exact => {
            of_text(operator, text, wanted)
        }
        (Literal::Text(wanted), Value::String(text)) => {
            of_text(operator, &text.to_lowercase(), &wanted.to_lowercase())
        }
        _ => false,
    }
}

fn of_text(operator: Operator, text: &str, wanted: &str) -> bool {
    match operator {
        Operator::Contains => text.contains(wanted),
        Operator::Begins => text.starts_with(wanted),
        Operator::Ends => text.ends_with(wanted),
        _ => orders(operator, text.cmp(wanted)),
    }
}

fn orders(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Contains | Operator::Begins | Operator::Ends => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::core::USERS;

    fn is_match(filter: &str) -> bool {
        let jane = json!({
            "id": "Abc", "externalId": "X1", "userName": "Jane.Doe", "active": true, "title": "Étoile", "name": {"familyName": "Doe"},
            "emails": [{"value": "jane@example.com", "type": "work", "primary": true}, {"value": "j@home.example", "type": "home"}],
            "meta": {"lastModified": "2026-11-24T08:00:00.000Z"},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Finance"},
        });
        holds(&Filter::parse(&USERS, filter).unwrap(), jane.as_object().unwrap())
    }

    #[test]
    fn every_operator_by_the_rules_of_its_attribute() {
        for (filter, wanted) in [
            (r#"userName eq "JANE.doe""#, true),
            (r#"externalId eq "x1""#, false),
            (r#"externalId eq "X1""#, true),
            (r#"userName ne "jane.doe""#, false),
            (r#"nickName ne "x""#, true),
            (r#"title co "éTOI""#, true),
            (r#"userName sw "jane" and userName ew "DOE""#, true),
            (r#"userName gt "a" and userName lt "z""#, true),
            (r#"userName ge "jane.doe" and userName le "jane.doe""#, true),
            (r"active eq true", true),
            (r#"active eq "False""#, false),
            (r#"emails.value ew "@home.example""#, true),
            (r#"emails co "example""#, true),
            (r#"emails[type eq "work" and value co "home"]"#, false),
            (r#"emails[type eq "home" and value co "home"]"#, true),
            (r#"emails.type eq "work" and emails.value co "home""#, true),
            (r#"not (emails[type eq "other"])"#, true),
            ("nickName pr", false),
            ("name pr and emails pr", true),
            ("nickName eq null", true),
            ("title eq null or title ne null", true),
            (r#"meta.lastModified gt "2026-11-24T08:00:00+01:00""#, true),
            (r#"meta.lastModified gt "2026-11-24T08:00:00Z""#, false),
            (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:department eq "finance""#, true),
        ] {
            assert_eq!(is_match(filter), wanted, "{filter}");
        }
    }
}
