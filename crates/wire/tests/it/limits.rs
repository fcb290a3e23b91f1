//! Every modelled bound, on both sides of it.

use std::collections::HashSet;

use serde_json::{Value, json};
use wire::check::{Strangers, check};
use wire::shape::Shape;

use crate::operations::LISTS;

/// Bounds above this are not built in memory.
const BUILT_MAX: i64 = 200_000;

fn gather(shape: &'static Shape, seen: &mut HashSet<*const Shape>, found: &mut Vec<&'static Shape>) {
    if !seen.insert(std::ptr::from_ref(shape)) {
        return;
    }
    found.push(shape);
    match shape {
        Shape::Structure { members, .. } => {
            for member in *members {
                gather(member.shape, seen, found);
            }
        }
        Shape::List { item, .. } => gather(item, seen, found),
        Shape::Map { key, value, .. } => {
            gather(key, seen, found);
            gather(value, seen, found);
        }
        _ => {}
    }
}

fn inputs() -> Vec<&'static Shape> {
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for meta in LISTS.iter().flat_map(|list| list.iter()) {
        gather(meta.input, &mut seen, &mut found);
    }
    found
}

fn complains(value: &Value, shape: &'static Shape, words: &str) -> bool {
    check(value, shape, Strangers::Refused).is_err_and(|error| error.message().contains(words))
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

#[test]
fn lengths_are_kept_on_both_sides() {
    let mut bounds = 0;
    for shape in inputs() {
        let (Shape::Text { min, max, .. } | Shape::List { min, max, .. }) = shape else { continue };
        // `ä` is two bytes and one character: limits count characters. `null` items are no concern of lengths.
        let build = |length: i64| match shape {
            Shape::Text { .. } => Value::String("ä".repeat(count(length))),
            _ => Value::Array(vec![json!("x"); count(length)]),
        };
        let lists = matches!(shape, Shape::List { item: Shape::Structure { .. } | Shape::Document, .. });
        if lists {
            continue;
        }
        if let Some(max) = max.filter(|max| *max <= BUILT_MAX) {
            let words = format!(
                "at 'input' failed to satisfy constraint: Member must have length less than or equal to {max}"
            );
            assert!(!complains(&build(max), shape, &words), "{shape:?}");
            assert!(complains(&build(max + 1), shape, &words), "{shape:?}");
            bounds += 1;
        }
        if let Some(min) = min.filter(|min| *min > 0) {
            let words = format!(
                "at 'input' failed to satisfy constraint: Member must have length greater than or equal to {min}"
            );
            assert!(!complains(&build(min), shape, &words), "{shape:?}");
            assert!(complains(&build(min - 1), shape, &words), "{shape:?}");
            bounds += 1;
        }
    }
    assert!(bounds > 100, "only {bounds} bounds seen");
}

#[test]
fn numbers_are_kept_on_both_sides() {
    let mut bounds = 0;
    for shape in inputs() {
        let Shape::Integer { min, max } = shape else { continue };
        if let Some(max) = max {
            let words = format!("Member must have value less than or equal to {max}");
            assert!(!complains(&json!(max), shape, &words));
            assert!(complains(&json!(max + 1), shape, &words));
            bounds += 1;
        }
        if let Some(min) = min {
            let words = format!("Member must have value greater than or equal to {min}");
            assert!(!complains(&json!(min), shape, &words));
            assert!(complains(&json!(min - 1), shape, &words));
            bounds += 1;
        }
    }
    assert!(bounds > 5, "only {bounds} bounds seen");
}

#[test]
fn enumerations_take_their_values_only() {
    let mut enumerations = 0;
    for shape in inputs() {
        let Shape::Text { values, .. } = shape else { continue };
        if values.is_empty() {
            continue;
        }
        let words = format!("Member must satisfy enum value set: [{}]", values.join(", "));
        for value in *values {
            assert!(!complains(&json!(value), shape, &words), "{value}");
            assert!(complains(&json!(value.to_lowercase() + "x"), shape, &words), "{value}");
        }
        enumerations += 1;
    }
    assert!(enumerations > 5, "only {enumerations} enumerations seen");
}

#[test]
fn every_pattern_compiles() {
    let mut patterns = 0;
    for shape in inputs() {
        if let Shape::Text { pattern: Some(pattern), .. } = shape {
            assert!(pattern.compiles(), "{}", pattern.as_str());
            patterns += 1;
        }
    }
    assert!(patterns > 40, "only {patterns} patterns seen");
}
