//! Answers of the Query protocol to callers that accept JSON: the elements of the XML as members, times as seconds since the epoch. What
//! verifies presigned identities reads this form (aws-iam-authenticator, Teleport, Vault).

use serde_json::{Value, json};

use crate::operation::OperationMeta;

/// The media type of answers.
pub const CONTENT_TYPE: &str = "application/json";

/// Writes an operation's answer.
pub fn answer(meta: &OperationMeta, output: &Value, request_id: &str) -> Vec<u8> {
    let (response, result) = (format!("{}Response", meta.name), meta.result_wrapper);
    json!({ response: { result: output, "ResponseMetadata": { "RequestId": request_id } } })
        .to_string()
        .into_bytes()
}

/// Writes an error. `sender` says whose fault it is.
pub fn error(code: &str, message: &str, sender: bool, request_id: &str) -> Vec<u8> {
    let whose = if sender { "Sender" } else { "Receiver" };
    json!({ "Error": { "Code": code, "Message": message, "Type": whose }, "RequestId": request_id })
        .to_string()
        .into_bytes()
}
