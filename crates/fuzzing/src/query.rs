//! Query bodies: a form becomes an input as its shape says, and what the check takes of it becomes its structure. Input: a line with an operation's name,
//! then a form.

use wire::operation::Protocol;
use wire::query::Form;

use crate::json::{judge, operation};
use crate::operations;

pub(crate) fn run(bytes: &[u8]) {
    let (row, body) = operation(bytes);
    let Ok(form) = Form::parse(body) else { return };
    if let Ok(value) = form.input(row.meta.input) {
        judge(&row, &value);
    }
    let named = form.get("Action");
    let of_query = operations::all().into_iter().filter(|row| row.meta.protocol == Protocol::Query);
    for row in of_query.filter(|row| named == Some(row.meta.name)) {
        if let Ok(value) = form.input(row.meta.input) {
            judge(&row, &value);
        }
    }
}
