//! Properties: of filters that are built and read again, of PATCH on any resource, of texts that are nothing.

use proptest::prelude::*;
use scim::filter::Filter;
use scim::listing::Given;
use scim::matching::holds;
use scim::patch::{Target, apply, read};
use scim::path::find;
use scim::resource::{self, Resource};
use scim::schema::core::USERS;
use serde_json::{Map, Value, json};

/// What an operator says of two texts.
type Meaning = fn(&str, &str) -> bool;

/// A filter as text, and what it says of a person whose title is `title`.
fn condition() -> impl Strategy<Value = (String, Meaning, String)> {
    let operators: Vec<(&str, Meaning)> = vec![
        ("eq", |a, b| a == b),
        ("ne", |a, b| a != b),
        ("co", |a, b| a.contains(b)),
        ("sw", |a, b| a.starts_with(b)),
        ("ew", |a, b| a.ends_with(b)),
        ("gt", |a, b| a > b),
        ("ge", |a, b| a >= b),
        ("lt", |a, b| a < b),
        ("le", |a, b| a <= b),
    ];
    (prop::sample::select(operators), "[a-z]{1,3}")
        .prop_map(|((word, meaning), text)| (format!("title {word} {}", json!(text)), meaning, text))
}

#[derive(Debug, Clone)]
enum Tree {
    Leaf(String, bool),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
}

impl Tree {
    fn text(&self) -> String {
        match self {
            Self::Leaf(text, _) => text.clone(),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::And(one, other) => format!("({}) AND ({})", one.text(), other.text()),
            Self::Or(one, other) => format!("({} or {})", one.text(), other.text()),
        }
    }

    fn value(&self) -> bool {
        match self {
            Self::Leaf(_, value) => *value,
            Self::Not(inner) => !inner.value(),
            Self::And(one, other) => one.value() && other.value(),
            Self::Or(one, other) => one.value() || other.value(),
        }
    }
}

fn tree(title: String) -> impl Strategy<Value = Tree> {
    let leaf =
        condition().prop_map(move |(text, meaning, wanted)| Tree::Leaf(text, meaning(&title, &wanted)));
    leaf.prop_recursive(4, 24, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|inner| Tree::Not(Box::new(inner))),
            pair.clone().prop_map(|(one, other)| Tree::And(Box::new(one), Box::new(other))),
            pair.prop_map(|(one, other)| Tree::Or(Box::new(one), Box::new(other))),
        ]
    })
}

/// Any JSON.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "value",
        "type",
        "primary",
        "userName",
        "emails",
        "active",
        "name",
        "familyName",
        "title",
        "members",
        "schemas",
        "x",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zA-Z\"\\\\\\[\\]]{0,6}".prop_map(Value::from),
        Just(json!("False")),
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(names.to_vec()), inner), 0..4).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

fn any_path() -> impl Strategy<Value = String> {
    let known = [
        "title",
        "active",
        "name",
        "name.familyName",
        "emails",
        "emails.value",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[primary eq true].type",
        "EMAILS[value co \"a\" or not (type pr)]",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "userName",
        "externalId",
        "displayName",
    ];
    prop_oneof![9 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,20}"]
}

fn person() -> Resource {
    let person = json!({"userName": "jane", "displayName": "Jane", "active": true, "emails": [{"value": "a", "type": "work", "primary": true}, {"value": "b"}]});
    resource::read(&USERS, person.as_object().unwrap(), 100).unwrap()
}

proptest! {
    #[test]
    fn a_filter_says_what_its_parts_say(tree in "[a-z]{1,3}".prop_flat_map(|title| (tree(title.clone()), Just(title)))) {
        let (tree, title) = tree;
        let filter = Filter::parse(&USERS, &tree.text());
        prop_assume!(filter.is_ok() || !tree.text().contains("((((((((("));
        let person = json!({"title": title});
        prop_assert_eq!(holds(&filter.unwrap(), person.as_object().unwrap()), tree.value(), "{}", tree.text());
    }

    #[test]
    fn no_text_breaks_a_reader(text in "\\PC{0,60}", noise in "[a-z\\[\\]().\"\\\\ :0-9]{0,60}") {
        for text in [text, noise] {
            let _ = (Filter::parse(&USERS, &text), Target::parse(&USERS, &text), find(&USERS, &text));
        }
    }

    #[test]
    fn whatever_a_patch_leaves_is_a_resource(operations in prop::collection::vec((prop::sample::select(vec!["add", "Remove", "REPLACE"]), prop::option::of(any_path()), any_json()), 1..6)) {
        let operations: Vec<Value> = operations.into_iter().map(|(op, path, value)| json!({"op": op, "path": path, "value": value})).collect();
        let body = json!({"Operations": operations});
        if let Ok(changes) = read(&USERS, body.as_object().unwrap(), 100) {
            let mut after = person();
            if apply(&mut after, &changes).is_ok() {
                prop_assert_eq!(resource::read(&USERS, &after, 1_000).unwrap(), after.clone(), "{}", body);
                prop_assert!(resource::require(&USERS, &after).is_ok());
                // Once more, from the beginning, gives the same.
                let mut again = person();
                apply(&mut again, &changes).unwrap();
                prop_assert_eq!(again, after);
            }
        }
    }

    #[test]
    fn what_is_read_is_read_the_same_again(given in any_json()) {
        if let Value::Object(given) = given
            && let Ok(read) = resource::read(&USERS, &given, 100)
        {
            prop_assert_eq!(resource::read(&USERS, &read, 100).unwrap(), read);
        }
    }
}

#[test]
fn a_patch_of_very_many_operations_is_refused_before_they_are_looked_at() {
    let operations: Vec<Value> = (0..1_001).map(|_| Value::Null).collect();
    let body: Map<String, Value> = Map::from_iter([("Operations".to_owned(), operations.into())]);
    assert!(read(&USERS, &body, 1).unwrap_err().detail.contains("at most 1000 operations; it has 1001"));
}

#[test]
fn what_is_never_told_is_in_no_answer_and_asked_by_nothing() {
    for asked in [
        None,
        Some("password"),
        Some("password,userName"),
        Some("urn:ietf:params:scim:schemas:core:2.0:User"),
    ] {
        let given = asked.map(|asked| ("attributes".to_owned(), asked.to_owned())).into_iter().collect();
        let projection = Given::of_pairs(given).projection(&USERS).unwrap();
        let Value::Object(person) = json!({"userName": "jane", "password": "secret"}) else { unreachable!() };
        assert!(!projection.of(&USERS, person).contains_key("password"), "{asked:?}");
    }
    for filter in [
        "password pr",
        "PASSWORD eq \"x\"",
        "not (urn:ietf:params:scim:schemas:core:2.0:User:password sw \"s\")",
    ] {
        assert!(Filter::parse(&USERS, filter).unwrap_err().detail.contains("never told"), "{filter}");
    }
}

#[test]
fn an_empty_text_among_the_values_of_a_patch_is_none() {
    for (path, before) in [(r#"emails[type eq "work"]"#, person()), ("emails", person())] {
        let body = json!({"Operations": [{"op": "add", "path": path, "value": [""]}]});
        let mut after = person();
        apply(&mut after, &read(&USERS, body.as_object().unwrap(), 100).unwrap()).unwrap();
        assert_eq!(after, before, "{path}");
    }
}
