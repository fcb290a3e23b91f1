//! REST-JSON: members travel in the query string, in headers and in the body; errors are recognised by the `x-amzn-ErrorType` header.

use std::borrow::Cow;

use jsontext::text::quoted;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::aws_json;
use crate::error::WireError;
use crate::query::parse_scalar;
use crate::shape::{Location, Member, Shape};

/// The media type of answers.
pub const CONTENT_TYPE: &str = "application/json";
/// The header that names an error.
pub const ERROR_TYPE: &str = "x-amzn-errortype";

/// The input as JSON text, from the query string, the headers (by lower-case name) and the body. A query parameter given twice is refused.
pub fn read<'a>(
    query: &str,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &'a [u8],
    shape: &'static Shape,
) -> Result<Cow<'a, [u8]>, WireError> {
    let Shape::Structure { members, .. } = shape else {
        return Ok(Cow::Borrowed(b"{}"));
    };
    let in_body = members.iter().any(|member| member.location == Location::Body);
    let payload = members.iter().find(|member| member.location == Location::Payload);
    if members.iter().all(|member| member.location == Location::Body) && in_body {
        return Ok(Cow::Borrowed(body));
    }
    let mut rest = if in_body { aws_json::read(body)? } else { Value::Object(Map::new()) };
    let mut text = String::with_capacity(query.len() + 256);
    for member in *members {
        let given = match member.location {
            Location::Body | Location::Payload => continue,
            Location::Query(name) => query_parameter(query, name)?,
            Location::Header(name) => header(name).map(Cow::Borrowed),
        };
        if let Some(object) = rest.as_object_mut() {
            object.shift_remove(member.name);
        }
        let Some(given) = given else { continue };
        text.push(if text.is_empty() { '{' } else { ',' });
        quoted(&mut text, member.name);
        text.push(':');
        match member.shape {
            Shape::Text { .. } => quoted(&mut text, &given),
            shape => text.push_str(&parse_scalar(&given, shape, member.name)?.to_string()),
        }
    }
    if let Some(payload) = payload {
        text.push(if text.is_empty() { '{' } else { ',' });
        quoted(&mut text, payload.name);
        text.push(':');
        // Read and written again: a body that is more than one value would be members of the input.
        text.push_str(&aws_json::read(body)?.to_string());
    }
    text.push_str(if text.is_empty() { "{}" } else { "}" });
    if in_body {
        jsontext::text::extend(&mut text, &rest.to_string());
    }
    Ok(Cow::Owned(text.into_bytes()))
}

/// The body of an answer, which is JSON: where the shape has a member that is the body, what it holds.
pub fn body(mut json: String, shape: &'static Shape) -> String {
    let Shape::Structure { members: [Member { name, location: Location::Payload, .. }], .. } = shape else {
        return json;
    };
    let mut before = String::from("{");
    quoted(&mut before, name);
    before.push(':');
    if json.starts_with(&before) && json.ends_with('}') {
        json.truncate(json.len() - 1);
        json.replace_range(..before.len(), "");
    }
    json
}

fn query_parameter<'q>(query: &'q str, name: &str) -> Result<Option<Cow<'q, str>>, WireError> {
    let mut found = None;
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decode(key)? == name && found.replace(decode(value)?).is_some() {
            return Err(WireError::Serialization(format!(
                "query parameter '{name}' is given more than once"
            )));
        }
    }
    Ok(found)
}

fn decode(text: &str) -> Result<Cow<'_, str>, WireError> {
    if !text.contains(['+', '%']) {
        return Ok(Cow::Borrowed(text));
    }
    let decoded = percent_decode_str(&text.replace('+', " ")).decode_utf8().map(Cow::into_owned);
    decoded.map(Cow::Owned).map_err(|_| WireError::Serialization("the query string is not UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::sso::constraints;

    #[test]
    fn members_come_from_query_and_header() {
        let header = |name: &str| (name == "x-amz-sso_bearer_token").then_some("token");
        let input = read(
            "role_name=Admin&account_id=111122223333",
            header,
            b"",
            &constraints::GET_ROLE_CREDENTIALS_REQUEST,
        )
        .unwrap();
        let input: Value = serde_json::from_slice(&input).unwrap();
        assert_eq!(input["roleName"], "Admin");
        assert_eq!(input["accountId"], "111122223333");
        assert_eq!(input["accessToken"], "token");
    }

    #[test]
    fn the_body_is_a_member_where_the_model_says_so_and_never_more_than_one() {
        use crate::generated::signin::constraints::{
            CREATE_O_AUTH2_TOKEN_REQUEST, CREATE_O_AUTH2_TOKEN_RESPONSE,
        };
        let header = |name: &str| (name == "dpop").then_some("proof");
        let given = |body: &'static [u8]| read("", header, body, &CREATE_O_AUTH2_TOKEN_REQUEST);
        let input: Value = serde_json::from_slice(&given(br#"{"clientId":"x"}"#).unwrap()).unwrap();
        assert_eq!(input, serde_json::json!({"dpop": "proof", "tokenInput": {"clientId": "x"}}));
        for more in [r#"{},"dpop":"other""#, "{}} {", "[]", "null", "{"] {
            assert!(given(more.as_bytes()).is_err(), "{more}");
        }
        let answer = r#"{"tokenOutput":{"expiresIn":900}}"#.to_owned();
        assert_eq!(body(answer, &CREATE_O_AUTH2_TOKEN_RESPONSE), r#"{"expiresIn":900}"#);
        assert_eq!(body("{}".to_owned(), &constraints::GET_ROLE_CREDENTIALS_RESPONSE), "{}");
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let twice =
            read("role_name=a&role_name=b", |_| None, b"", &constraints::GET_ROLE_CREDENTIALS_REQUEST);
        assert!(matches!(twice, Err(WireError::Serialization(_))));
    }
}
