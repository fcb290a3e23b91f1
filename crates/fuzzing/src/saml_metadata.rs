//! SAML metadata. Any text is read without a panic, and what is read is what is written of it. Input: XML.

use saml::error::Error;
use saml::metadata::{IdpMetadata, SpMetadata};
use time::OffsetDateTime;

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(read) = IdpMetadata::read(&text) {
        assert!(
            IdpMetadata::read_named(&text, &read.entity_id).as_ref() == Ok(&read),
            "not found by its name"
        );
        let again = read.write().map(|text| IdpMetadata::read(&text));
        let expected = IdpMetadata { valid_until: read.valid_until.map(whole), ..read };
        judge(&again, &expected);
    }
    if let Ok(read) = SpMetadata::read(&text) {
        let again = read.write().map(|text| SpMetadata::read(&text));
        let expected = SpMetadata { valid_until: read.valid_until.map(whole), ..read };
        judge(&again, &expected);
    }
}

/// What cannot be written in XML, or grows beyond the limits because a key for any use is written for each, is no finding.
fn judge<T: PartialEq + std::fmt::Debug>(again: &Result<Result<T, Error>, Error>, expected: &T) {
    match again {
        Err(Error::Shape(_)) | Ok(Err(Error::Limit(_))) => {}
        Ok(again) => assert!(again.as_ref() == Ok(expected), "{again:?} for {expected:?}"),
        Err(other) => assert!(matches!(other, Error::Shape(_)), "{other}"),
    }
}

/// Times are written in seconds.
fn whole(instant: OffsetDateTime) -> OffsetDateTime {
    instant.replace_nanosecond(0).unwrap_or(instant)
}
