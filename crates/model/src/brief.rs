//! What strangers give, made short: a record shows what they asked, not everything that they sent. Anyone can make any number of such
//! records, and each is kept for months.

use std::borrow::Cow;

use jsontext::Json;
use serde_json::{Value, json};

/// Bytes of a text, and members of a list or map, that are shown.
const TEXT_MAX: usize = 128;
const MEMBERS_MAX: usize = 8;
/// Lists and maps within one another that are shown.
const DEPTH_MAX: usize = 4;
/// Stands behind what was cut.
const CUT: &str = "…";

/// The text up to `max` bytes.
pub fn text(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default()
}

/// The value within `max` bytes of JSON: as it is, its texts and lists cut, or left out.
pub fn within(value: &Json, max: usize) -> Cow<'_, Json> {
    if value.as_str().len() <= max {
        return Cow::Borrowed(value);
    }
    // What is nested beyond reason is no value again.
    let cut = Some(value.value()).filter(|value| !value.is_null()).map(|value| Json::from(cut(&value, 0)));
    let cut = cut.filter(|cut| cut.as_str().len() <= max);
    Cow::Owned(cut.unwrap_or_else(|| json!({"omitted": true}).into()))
}

fn cut(value: &Value, depth: usize) -> Value {
    match value {
        Value::String(long) if long.len() > TEXT_MAX => {
            Value::String(format!("{}{CUT}", text(long, TEXT_MAX)))
        }
        Value::Array(_) | Value::Object(_) if depth == DEPTH_MAX => CUT.into(),
        Value::Array(items) => {
            let mut shown: Vec<Value> =
                items.iter().take(MEMBERS_MAX).map(|item| cut(item, depth + 1)).collect();
            if items.len() > MEMBERS_MAX {
                shown.push(CUT.into());
            }
            Value::Array(shown)
        }
        // The names of members are the model's; those of maps are the caller's.
        Value::Object(entries) => entries
            .iter()
            .take(MEMBERS_MAX * 2)
            .map(|(key, entry)| (text(key, TEXT_MAX).to_owned(), cut(entry, depth + 1)))
            .collect(),
        short => short.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn within(value: &Value) -> Value {
        super::within(&Json::from(value.clone()), 1_024).value()
    }

    #[test]
    fn what_is_short_stays_and_what_is_long_is_cut() {
        let short = json!({"clientName": "botocore-client-corp", "scopes": ["sso:account:access"], "n": 1});
        assert_eq!(within(&short), short);
        let long = json!({"clientName": "é".repeat(1_000), "scopes": vec!["s".repeat(200); 100]});
        let cut = super::within(&Json::from(long.clone()), 2_048).value();
        assert_eq!(cut["scopes"].as_array().map(Vec::len), Some(MEMBERS_MAX + 1));
        assert!(cut["clientName"].as_str().is_some_and(|name| name.ends_with("é…")));
        assert_eq!(within(&long), json!({"omitted": true}));
        let deep = |levels| (0..levels).fold(json!("x".repeat(1_024)), |inner, _| json!([inner]));
        assert_eq!(within(&deep(100)), json!([[[["…"]]]]));
        assert_eq!(within(&deep(1_000)), json!({"omitted": true}));
        let wide =
            json!({"a": (0..1_000).map(|n| (n.to_string(), json!(n))).collect::<serde_json::Map<_, _>>()});
        assert!(within(&wide).to_string().len() < 300);
    }
}
