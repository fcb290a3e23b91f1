//! What strangers give, made short: a record shows what they asked, not everything that they sent. Anyone can make any number of such
//! records, and each is kept for months.

use std::borrow::Cow;

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
pub fn within(value: &Value, max: usize) -> Cow<'_, Value> {
    let fits = |value: &Value| serde_json::to_string(value).is_ok_and(|text| text.len() <= max);
    if value.is_null() || fits(value) {
        return Cow::Borrowed(value);
    }
    let cut = cut(value, 0);
    Cow::Owned(if fits(&cut) { cut } else { json!({"omitted": true}) })
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

    #[test]
    fn what_is_short_stays_and_what_is_long_is_cut() {
        let short = json!({"clientName": "botocore-client-corp", "scopes": ["sso:account:access"], "n": 1});
        assert_eq!(*within(&short, 1_024), short);
        let long = json!({"clientName": "é".repeat(1_000), "scopes": vec!["s".repeat(200); 100]});
        let cut = within(&long, 2_048);
        assert_eq!(cut["scopes"].as_array().map(Vec::len), Some(MEMBERS_MAX + 1));
        assert!(cut["clientName"].as_str().is_some_and(|name| name.ends_with("é…")));
        assert_eq!(*within(&long, 1_024), json!({"omitted": true}));
        let deep = (0..1_000).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(*within(&deep, 1_024), json!([[[["…"]]]]));
        let wide =
            json!({"a": (0..1_000).map(|n| (n.to_string(), json!(n))).collect::<serde_json::Map<_, _>>()});
        assert!(within(&wide, 1_024).to_string().len() < 300);
    }
}
