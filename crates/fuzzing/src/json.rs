//! JSON bodies of every operation: what the check takes becomes its structure, and what an output structure took it gives back. Input: a line with an
//! operation's name, then a body. A body that is no JSON is read as choices, out of which a value beside the operation's shape is made.

use serde_json::Value;
use wire::check::{Strangers, check};
use wire::{aws_json, rest_json};

use crate::make::{self, Choices};
use crate::operations::{self, Row};
use crate::redact::request_parameters;

pub(crate) fn run(bytes: &[u8]) {
    let (row, body) = operation(bytes);
    read(&row, body);
    if let Ok(value) = aws_json::read(body) {
        let again = aws_json::read(value.to_string().as_bytes());
        assert_eq!(again.as_ref(), Ok(&value), "a body written again is another");
        judge(&row, &value);
    } else {
        let wild = body.first().is_some_and(|byte| byte % 2 == 1);
        judge(&row, &make::value(row.meta.input, &mut Choices::new(body, wild)));
        judge(&row, &make::value(row.meta.output, &mut Choices::new(body, wild)));
    }
    let text = String::from_utf8_lossy(body);
    let (query, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let header = |name: &str| (!name.is_empty()).then_some("x");
    if let Ok(input) = rest_json::read(query, header, rest.as_bytes(), row.meta.input) {
        read(&row, &input);
    }
}

/// The operation that the first line names (any, if it names none) and what follows the line.
pub(crate) fn operation(bytes: &[u8]) -> (Row, &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (name, body) = bytes.split_at(end);
    let mut all = operations::all();
    let named = all.iter().position(|row| row.meta.name.as_bytes() == name);
    let sum = name.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    (all.swap_remove(named.unwrap_or(sum % all.len())), body.get(1..).unwrap_or_default())
}

/// The one pass over the bytes and the slow way by a value agree.
fn read(row: &Row, body: &[u8]) {
    let (value, read) = (aws_json::read(body), (row.read)(body));
    let taken = value.and_then(|value| (row.taken)(&value));
    assert_eq!(read, taken, "{}", row.meta.name);
    let fast = std::str::from_utf8(body).ok().and_then(row.one_pass);
    assert!(fast.is_none() || fast == read.ok(), "{}: one pass takes something else", row.meta.name);
}

pub(crate) fn judge(row: &Row, value: &Value) {
    let passes = check(value, row.meta.input, Strangers::Refused);
    let taken = (row.taken)(value);
    let shown = request_parameters(value, row.meta.input).to_string();
    let slowly = passes.map(|()| ((row.input)(value.clone()).unwrap_or_default(), shown));
    assert_eq!(taken, slowly, "{}: {value}", row.meta.name);
    read(row, value.to_string().as_bytes());
    if let Ok(once) = (row.output)(value.clone()) {
        assert_eq!((row.output)(once.clone()).as_ref(), Ok(&once), "{}: {value}", row.meta.name);
    }
}
