//! A certificate as an administrator handles it: pasted as PEM, shown with its dates, held in metadata. Only the key in it verifies
//! anything ([`PublicKey`]); whether one that is past its date still counts is the caller's decision.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::der;
use crate::error::Error;
use crate::key::PublicKey;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const INSTANT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]Z");

/// An X.509 certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    key: PublicKey,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Certificate {
    /// From DER.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        let parts = der::certificate(bytes).ok_or(Error::Key("not an X.509 certificate"))?;
        let dates = dates(parts.validity).ok_or(Error::Key("a certificate with malformed dates"))?;
        Ok(Self {
            der: bytes.to_vec(),
            key: PublicKey::from_certificate(bytes)?,
            not_before: dates.0,
            not_after: dates.1,
        })
    }

    /// From PEM with exactly one certificate, or from the bare base64 that metadata holds.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let body = match text.split_once(BEGIN) {
            None => text,
            Some((_, rest)) => match rest.split_once(END) {
                Some((body, rest)) if !rest.contains(BEGIN) => body,
                Some(_) => return Err(Error::Key("more than one certificate")),
                None => return Err(Error::Key("a certificate without its end line")),
            },
        };
        let packed: String = body.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
        Self::from_der(&STANDARD.decode(packed).map_err(|_| Error::Key("not a certificate in base64"))?)
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate in base64, one line.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// The key that verifies.
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Valid from.
    pub const fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// Valid until.
    pub const fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }
}

fn dates(validity: &[u8]) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let (_, from, rest) = der::any(validity)?;
    let (_, until, rest) = der::any(rest)?;
    rest.is_empty().then_some((date(from)?, date(until)?))
}

/// Years have two digits up to 2049 and four from 2050 (RFC 5280 4.1.2.5).
fn date(element: &[u8]) -> Option<OffsetDateTime> {
    let (content, _, _) = der::any(element)?;
    let text = std::str::from_utf8(content).ok()?;
    let full = match *element.first()? {
        UTC_TIME => format!("{}{text}", if text < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    PrimitiveDateTime::parse(&full, INSTANT).ok().map(PrimitiveDateTime::assume_utc)
}
