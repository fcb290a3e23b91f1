//! What single conditions of a filter say.

use scim::filter::{Filter, Literal, Operator};

/// The text that a condition says an attribute, or a sub-attribute, is equal to: `(attribute, part, text)`.
pub(crate) fn equal(condition: &Filter) -> Option<(&'static str, Option<&'static str>, &str)> {
    match condition {
        Filter::Compare(place, Operator::Eq, Literal::Text(text)) if place.extension.is_none() => {
            let part =
                place.part.or_else(|| place.compared().filter(|compared| *compared != place.attribute));
            Some((place.attribute.name, part.map(|part| part.name), text))
        }
        Filter::Value(place, inner) if place.extension.is_none() => {
            let text = inner.conjuncts().iter().find_map(|inner| match inner {
                Filter::Compare(part, Operator::Eq, Literal::Text(text))
                    if part.attribute.name == "value" =>
                {
                    Some(text)
                }
                _ => None,
            });
            text.map(|text| (place.attribute.name, Some("value"), text.as_str()))
        }
        _ => None,
    }
}
