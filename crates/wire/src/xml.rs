//! Answers of the Query protocol: XML written from the output's JSON beside its shape.

use std::fmt::Write as _;

use serde_json::Value;

use crate::operation::OperationMeta;
use crate::shape::Shape;
use crate::timestamp;

/// The media type of answers.
pub const CONTENT_TYPE: &str = "text/xml";

/// Writes an operation's answer.
pub fn answer(meta: &OperationMeta, output: &Value, request_id: &str) -> Vec<u8> {
    let mut inner = String::new();
    value(&mut inner, output, meta.output);
    let name = meta.name;
    format!(
        "<{name}Response xmlns=\"{}\"><{wrapper}>{inner}</{wrapper}><ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{name}Response>",
        escape(meta.xml_namespace),
        escape(request_id),
        wrapper = meta.result_wrapper,
    )
    .into_bytes()
}

/// Writes an error. `sender` says whose fault it is.
pub fn error(namespace: &str, code: &str, message: &str, sender: bool, request_id: &str) -> Vec<u8> {
    format!(
        "<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        escape(namespace),
        if sender { "Sender" } else { "Receiver" },
        escape(code),
        escape(message),
        escape(request_id),
    )
    .into_bytes()
}

fn value(out: &mut String, json: &Value, shape: &'static Shape) {
    match (shape, json) {
        (Shape::Structure { members, .. }, Value::Object(object)) => {
            for member in *members {
                if let Some(inner) = object.get(member.name).filter(|inner| !inner.is_null()) {
                    element(out, member.name, inner, member.shape);
                }
            }
        }
        (Shape::List { item, .. }, Value::Array(items)) => {
            for inner in items {
                element(out, "member", inner, item);
            }
        }
        (Shape::Map { value: shape, .. }, Value::Object(entries)) => {
            for (key, inner) in entries {
                let _ = write!(out, "<entry><key>{}</key>", escape(key));
                element(out, "value", inner, shape);
                out.push_str("</entry>");
            }
        }
        (Shape::Timestamp, Value::Number(number)) => {
            out.push_str(&timestamp::iso(number.as_f64().unwrap_or_default()));
        }
        (_, Value::String(text)) => out.push_str(&escape(text)),
        (_, other) => out.push_str(&escape(&other.to_string())),
    }
}

fn element(out: &mut String, name: &str, json: &Value, shape: &'static Shape) {
    let _ = write!(out, "<{name}>");
    value(out, json, shape);
    let _ = write!(out, "</{name}>");
}

/// Text as XML content; characters that XML 1.0 cannot hold become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(letter),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::generated::sts::sessions::GET_CALLER_IDENTITY_META;

    #[test]
    fn an_answer_is_wrapped_and_escaped() {
        let text =
            String::from_utf8(answer(&GET_CALLER_IDENTITY_META, &json!({"Account": "1<2&3"}), "id")).unwrap();
        assert!(
            text.contains(
                "<GetCallerIdentityResult><Account>1&lt;2&amp;3</Account></GetCallerIdentityResult>"
            ),
            "{text}"
        );
    }
}
