//! The check, the structures, the records and the answers agree with each other on every operation.

use proptest::prelude::*;
use serde_json::{Map, Value};
use wire::check::{Strangers, check};
use wire::error::WireError;
use wire::operation::Protocol;
use wire::shape::Shape;
use wire::{aws_json, rest_json, xml};

use crate::make::{self, Choices, MARK};
use crate::operations;
use crate::redact::request_parameters;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..600)
}

/// `value` as an output structure keeps it: without members that the shape does not know.
pub(crate) fn known(value: &Value, shape: &Shape) -> Value {
    match (value, shape) {
        (Value::Object(object), Shape::Structure { members, .. }) => {
            let kept = members.iter().filter_map(|member| {
                Some((member.name.to_owned(), known(object.get(member.name)?, member.shape)))
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        (Value::Array(items), Shape::List { item, .. }) => {
            items.iter().map(|value| known(value, item)).collect()
        }
        (Value::Object(entries), Shape::Map { value: shape, .. }) => {
            entries.iter().map(|(key, value)| (key.clone(), known(value, shape))).collect()
        }
        _ => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn values_of_the_right_types_become_structures(bytes in bytes()) {
        for row in operations::all() {
            let value = make::value(row.meta.input, &mut Choices::new(&bytes, false));
            if let Err(error) = check(&value, row.meta.input, Strangers::Refused) {
                prop_assert!(matches!(error, WireError::Validation { .. }), "{}: {error}", row.meta.name);
            }
            prop_assert!((row.input)(value).is_ok(), "{}", row.meta.name);
        }
    }

    #[test]
    fn what_passes_the_check_never_fails_to_become_a_structure(bytes in bytes()) {
        for row in operations::all() {
            let value = make::value(row.meta.input, &mut Choices::new(&bytes, true));
            if check(&value, row.meta.input, Strangers::Refused).is_ok() {
                prop_assert!((row.input)(value.clone()).is_ok(), "{}: {}", row.meta.name, value);
                prop_assert!((row.taken)(&value).is_ok());
            } else {
                prop_assert!((row.taken)(&value).is_err());
            }
        }
    }

    #[test]
    fn secrets_are_neither_recorded_nor_repeated(bytes in bytes()) {
        for row in operations::all() {
            let value = make::value(row.meta.input, &mut Choices::new(&bytes, false));
            let shown = request_parameters(&value, row.meta.input).to_string();
            prop_assert!(!shown.contains(MARK), "{}: {shown}", row.meta.name);
            if let Some((_, shown)) = (row.one_pass)(&value.to_string()) {
                prop_assert!(!shown.contains(MARK), "{}: {shown}", row.meta.name);
            }
            prop_assert!(!shown.contains("NotInTheModel"), "{}: {shown}", row.meta.name);
            if let Err(error) = check(&value, row.meta.input, Strangers::Refused) {
                prop_assert!(!error.message().contains(MARK), "{}: {error}", row.meta.name);
            }
        }
    }

    #[test]
    fn outputs_come_back_as_they_went(bytes in bytes()) {
        for row in operations::all() {
            let value = make::value(row.meta.output, &mut Choices::new(&bytes, false));
            let back = (row.output)(value.clone());
            prop_assert_eq!(back, Ok(known(&value, row.meta.output)), "{}", row.meta.name);
        }
    }

    #[test]
    fn answers_in_xml_are_well_formed(bytes in bytes(), id in ".*") {
        for row in operations::all().iter().filter(|row| row.meta.protocol == Protocol::Query) {
            let value = make::value(row.meta.output, &mut Choices::new(&bytes, false));
            let text = String::from_utf8(xml::answer(row.meta, &value, &id)).unwrap();
            prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{text}");
        }
        let text = String::from_utf8(xml::error("urn:x", &id, &id, true, &id)).unwrap();
        prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{text}");
    }

    #[test]
    fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..200), query in "[ -~]{0,60}") {
        let _ = aws_json::read(&body);
        for row in operations::all() {
            let _ = rest_json::read(&query, |_| Some("x"), &body, row.meta.input);
        }
    }
}

#[test]
fn bodies_nested_beyond_reason_are_refused() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(matches!(aws_json::read(deep.as_bytes()), Err(WireError::Serialization(_))));
}

#[test]
fn of_a_doubled_name_the_last_counts() {
    assert_eq!(aws_json::read(br#"{"a":1,"a":2}"#).unwrap(), serde_json::json!({"a": 2}));
}

#[test]
fn errors_carry_their_code_and_members_in_the_body() {
    let body = aws_json::error(
        "ConflictException",
        "in use",
        &[("Reason", "UNIQUENESS_CONSTRAINT_VIOLATION".into())],
    );
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["__type"], "ConflictException");
    assert_eq!(body["Message"], "in use");
    assert_eq!(body["Reason"], "UNIQUENESS_CONSTRAINT_VIOLATION");
}
