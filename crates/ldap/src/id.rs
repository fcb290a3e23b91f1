//! What names an entry for good, whatever it is called and wherever it is moved: objectGUID, entryUUID, nsUniqueId. Kept as text in one spelling.

use std::fmt;

use uuid::Uuid;

use crate::attribute::AttributeName;
use crate::filter::Filter;

/// Active Directory's, of 16 bytes, the first fields of which are little-endian (MS-DTYP §2.3.4.2).
pub(crate) const OBJECT_GUID: &str = "objectGUID";
/// The one of RFC 4530.
pub(crate) const ENTRY_UUID: &str = "entryUUID";
/// That of 389-DS.
pub(crate) const NS_UNIQUE_ID: &str = "nsUniqueId";
/// Characters of one at most, where an administrator chose another attribute.
const LENGTH_MAX: usize = 128;

/// The stable identifier of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(String);

impl EntryId {
    /// From what was kept: visible characters of ASCII, in small letters.
    pub fn parse(text: &str) -> Option<Self> {
        let is_kept = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
        ((1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(is_kept)).then(|| Self(text.to_owned()))
    }

    /// From the value of an attribute. A GUID may come as bytes that happen to be text: what it is, its attribute says.
    pub fn read(attribute: &AttributeName, value: &[u8]) -> Option<Self> {
        if attribute.as_str().eq_ignore_ascii_case(OBJECT_GUID) {
            let bytes: [u8; 16] = value.try_into().ok()?;
            return Some(Self(Uuid::from_bytes_le(bytes).to_string()));
        }
        let text = std::str::from_utf8(value).ok()?.trim().to_ascii_lowercase();
        Self::parse(&text)
    }

    /// From the 16 bytes of RFC 4533's messages, which are not turned around.
    pub fn of_uuid(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes).to_string())
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The filter that finds the entry by the attribute that it is read from. None for what cannot be one.
    pub fn filter(&self, attribute: &AttributeName) -> Option<Filter> {
        if attribute.as_str().eq_ignore_ascii_case(OBJECT_GUID) {
            let bytes = Uuid::parse_str(&self.0).ok()?.to_bytes_le();
            return Some(Filter::equals(attribute, bytes));
        }
        Some(Filter::equals(attribute, self.0.as_bytes()))
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
