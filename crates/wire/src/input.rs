//! The input of an operation: from the bytes of a call to its structure, checked, with what a record may show of it. What nearly all calls give
//! is read in one pass ([`crate::reader`]); whatever that does not take becomes a JSON value first, so that [`crate::check`] can say in AWS's
//! words what is wrong with it.

use serde::Deserialize;
use serde_json::Value;

use crate::aws_json;
use crate::check::{Strangers, check};
use crate::error::WireError;
use crate::operation::Operation;
use crate::reader::Reader;
use crate::scan::Unread;

/// An input that has passed the check.
#[derive(Debug)]
pub struct Input<T> {
    /// The structure.
    pub given: T,
    /// `requestParameters` of the record, as JSON: what the shape knows, no secrets; `null` when nothing was given, or nothing is to be shown.
    pub shown: jsontext::Json,
}

/// How an input is taken.
#[derive(Debug, Clone, Copy)]
pub struct Taking {
    /// What becomes of members that the model does not have.
    pub strangers: Strangers,
    /// Whether the record shows anything of it.
    pub shows: bool,
}

/// The input in a JSON text.
pub fn read<O: Operation>(json: &[u8], how: Taking) -> Result<Input<O::Input>, WireError> {
    let text = std::str::from_utf8(json).unwrap_or_default();
    let one_pass = one_pass::<O>(text, how.shows, false);
    one_pass.or_else(|Unread| take::<O>(&aws_json::read(json)?, how))
}

/// The input that a JSON value is.
pub fn take<O: Operation>(value: &Value, how: Taking) -> Result<Input<O::Input>, WireError> {
    check(value, O::META.input, how.strangers)?;
    let failed = |why: &dyn std::fmt::Display| {
        WireError::Serialization(format!("{} passed the check but not its type: {why}", O::META.name))
    };
    let text = jsontext::to_string(value).map_err(|error| failed(&error))?;
    one_pass::<O>(&text, how.shows, true).map_err(|error| failed(&error))
}

/// What one pass takes. For tests of their agreement: it takes nothing that the check refuses.
pub fn in_one_pass<O: Operation>(json: &str) -> Option<Input<O::Input>> {
    one_pass::<O>(json, true, false).ok()
}

fn one_pass<O: Operation>(text: &str, shows: bool, judged: bool) -> Result<Input<O::Input>, Unread> {
    let mut reader = Reader::new(text, shows, judged);
    let given = O::Input::deserialize(reader.at(O::META.input))?;
    let shown = reader.finish()?;
    let shown = if shown == "{}" { jsontext::Json::default() } else { jsontext::Json::written(shown) };
    Ok(Input { given, shown })
}
