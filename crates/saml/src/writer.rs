//! Writes canonical XML by hand, so that what is hashed is what is sent. Knows no message: the order of attributes and the namespace
//! declarations are the caller's.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::c14n;
use crate::error::Error;

const INSTANT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// Canonical text in the making. Attributes come in canonical order; those without a value are left out.
#[derive(Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) -> Result<(), Error> {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            c14n::attribute_value(&mut self.0, allowed(value)?);
            self.0.push('"');
        }
        self.0.push('>');
        Ok(())
    }

    pub(crate) fn leaf(
        &mut self,
        name: &str,
        attributes: &[(&str, Option<&str>)],
        text: &str,
    ) -> Result<(), Error> {
        self.open(name, attributes)?;
        c14n::text(&mut self.0, allowed(text)?);
        self.close(name);
        Ok(())
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element that is written already.
    pub(crate) fn raw(&mut self, element: &str) {
        self.0.push_str(element);
    }

    /// What is written.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

/// A time as SAML writes it (core 1.3.3).
pub(crate) fn instant(instant: OffsetDateTime) -> Result<String, Error> {
    let utc = instant.checked_to_offset(UtcOffset::UTC);
    utc.and_then(|utc| utc.format(INSTANT).ok()).ok_or(Error::Shape("a time that cannot be written"))
}

/// XML 1.0 cannot hold most control characters at all, not even escaped.
fn allowed(text: &str) -> Result<&str, Error> {
    let bad = |letter: char| {
        (letter < ' ' && !"\t\n\r".contains(letter)) || letter == '\u{fffe}' || letter == '\u{ffff}'
    };
    if text.contains(bad) { Err(Error::Shape("a character that XML does not allow")) } else { Ok(text) }
}
