//! JSON 1.1: the body is the input, errors are recognised by `__type` in the body.

use serde_json::{Map, Value};

use crate::error::WireError;

/// The media type of requests and answers.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Reads a body: an object, or nothing at all for no input.
pub fn read(body: &[u8]) -> Result<Value, WireError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(WireError::Serialization("the body must be a JSON object".to_owned())),
        Err(error) => Err(WireError::Serialization(format!("the body is not JSON: {error}"))),
    }
}

/// Writes an error: `__type`, `Message`, and further members by name.
pub fn error(code: &str, message: &str, members: &[(&str, Value)]) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("__type".to_owned(), code.into());
    body.insert("Message".to_owned(), message.into());
    // botocore reads either, the SDK for Rust only `message`.
    body.insert("message".to_owned(), message.into());
    body.extend(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Object(body).to_string().into_bytes()
}
