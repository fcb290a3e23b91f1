//! Addresses of pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a value of a query or a part of a path keeps as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A value as part of an address.
pub(crate) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, PLAIN).to_string()
}
