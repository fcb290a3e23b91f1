//! The one pass over an input's bytes and the slow way by a JSON value agree on every operation: what is taken, what it becomes, what a record
//! shows of it.

use proptest::prelude::*;
use serde_json::Value;
use wire::check::{Strangers, check};
use wire::generated::sso_oidc::tokens::CreateToken;
use wire::input::{self, Taking};

use crate::agreement::known;
use crate::make::{self, Choices};
use crate::operations::{self, Row};
use crate::redact::request_parameters;

/// Holds the one pass over `text` against the slow way.
fn judge(row: &Row, text: &str) -> Result<(), TestCaseError> {
    let (name, fast, read) = (row.meta.name, (row.one_pass)(text), (row.read)(text.as_bytes()));
    let Ok(value) = wire::aws_json::read(text.as_bytes()) else {
        prop_assert!(fast.is_none() && read.is_err(), "{name}: {text}");
        return Ok(());
    };
    let slow = check(&value, row.meta.input, Strangers::Refused);
    prop_assert_eq!(slow.as_ref().err(), read.as_ref().err(), "{}: {}", name, text);
    prop_assert!(slow.is_ok() || fast.is_none(), "{name}: only the one pass takes {text}");
    for (structure, shown) in fast.into_iter().chain(read.ok()) {
        prop_assert_eq!(Ok(structure), (row.input)(value.clone()), "{}: {}", name, text);
        prop_assert_eq!(shown, request_parameters(&value, row.meta.input).to_string(), "{}: {}", name, text);
    }
    Ok(())
}

/// The same value with all members the other way round, and white space between.
fn turned(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(" ,\n\t");
    match value {
        Value::Object(object) => {
            let members = object.iter().rev();
            let parts =
                members.map(|(name, value)| format!("{}\r: {}", Value::from(name.as_str()), turned(value)));
            format!("{{ {} }}", joined(parts.collect()))
        }
        Value::Array(items) => format!("[{} ]", joined(items.iter().map(turned).collect())),
        // Each character as an escape.
        Value::String(text) if text.len() % 3 == 1 => {
            let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            format!("\"{}\"", units.concat())
        }
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_one_pass_takes_is_what_the_check_takes(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        wild: bool,
        cut in any::<proptest::sample::Index>(),
        put in "[ \\[\\]{}\",:0-9a-z\\\\-]",
    ) {
        for row in operations::all() {
            let value = make::value(row.meta.input, &mut Choices::new(&bytes, wild));
            let text = value.to_string();
            judge(&row, &text)?;
            let other = turned(&value);
            judge(&row, &other)?;
            // One character away from what was whole.
            let at = other.floor_char_boundary(cut.index(other.len()));
            judge(&row, &format!("{}{put}{}", &other[..at], &other[at..]))?;
            judge(&row, &other[..at])?;
        }
    }

    #[test]
    fn whatever_is_usual_is_taken_in_one_pass(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for row in operations::all() {
            let value = make::value(row.meta.input, &mut Choices::new(&bytes, true));
            let usual = known(&value, row.meta.input) == value;
            if usual && check(&value, row.meta.input, Strangers::Refused).is_ok() {
                prop_assert!((row.one_pass)(&value.to_string()).is_some(), "{}: {value}", row.meta.name);
            }
        }
    }
}

/// An operation that IAM has by the same name.
fn of_identity_store(name: &str) -> Row {
    let is_it = |row: &Row| row.meta.service == "identitystore" && row.meta.name == name;
    operations::all().into_iter().find(is_it).unwrap()
}

#[test]
fn what_json_parsers_differ_about_is_left_to_the_slow_way() {
    let list = of_identity_store("ListUsers");
    let store = r#""IdentityStoreId":"d-1234567890""#;
    for text in [
        format!("{{{store},{store}}}"),
        format!("{{{store},\"MaxResults\":-0}}"),
        format!("{{{store},\"MaxResults\":01}}"),
        format!("{{{store},\"MaxResults\":1.0}}"),
        format!("{{{store},\"MaxResults\":1e1}}"),
        format!("{{{store},\"MaxResults\":9223372036854775808}}"),
        format!("{{{store},\"Ma\\u0078Results\":1}}"),
        format!("{{{store},\"Unknown\":null}}"),
        format!("{{{store}}} x"),
        format!("{{{store},}}"),
        format!("[{{{store}}}]"),
        "{\"IdentityStoreId\":null}".to_owned(),
        "{\"IdentityStoreId\":\"d-1234567890\u{1}\"}".to_owned(),
        "{\"IdentityStoreId\":\"\\ud800\"}".to_owned(),
    ] {
        assert!((list.one_pass)(&text).is_none(), "{text}");
        judge(&list, &text).unwrap();
    }
    assert!((list.one_pass)(&format!(" {{{store} , \"MaxResults\": 100}}\n")).is_some());
    assert!((list.read)(b"{\"IdentityStoreId\":\"\xff\"}").is_err());
}

#[test]
fn secrets_are_hidden_and_unknown_members_left_out() {
    let known =
        r#""clientId":"c","clientSecret":"s3cret","grantType":"refresh_token","refreshToken":"t0ken""#;
    for (extra, strangers) in [("", Strangers::Refused), (r#","x":1"#, Strangers::Dropped)] {
        let text = format!("{{{known}{extra}}}");
        let how = Taking { strangers, shows: true };
        let shown = input::read::<CreateToken>(text.as_bytes(), how).unwrap().shown;
        let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
        let expected = format!(
            r#"{{"clientId":"c","clientSecret":"{hidden}","grantType":"refresh_token","refreshToken":"{hidden}"}}"#
        );
        assert_eq!(shown.as_str(), expected);
        let how = Taking { strangers, shows: false };
        assert!(input::read::<CreateToken>(text.as_bytes(), how).unwrap().shown.is_null());
    }
}

#[test]
fn documents_may_be_as_deep_as_json_may() {
    let update = of_identity_store("UpdateUser");
    for depth in [1, 90, 120, 122, 123, 124, 125, 126, 127, 128, 1_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let operation = format!(r#"{{"AttributePath":"title","AttributeValue":{open}{close}}}"#);
        let text = format!(
            r#"{{"IdentityStoreId":"d-1234567890","UserId":"8f5a0c52-1111-2222-3333-444455556666","Operations":[{operation}]}}"#
        );
        judge(&update, &text).unwrap();
        assert_eq!((update.one_pass)(&text).is_some(), depth <= 124, "{depth}");
    }
}
