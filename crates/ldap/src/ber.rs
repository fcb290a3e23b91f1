//! BER as LDAP restricts it (RFC 4511 §5.1): tags of one byte, definite lengths. A reader borrows and never allocates by what a length claims.

use zeroize::Zeroizing;

use crate::malformed::Malformed;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Bytes of a length at most, after the first: more than 4 GiB is never meant.
const LENGTH_BYTES_MAX: usize = 4;

/// Tag, and how many bytes head and content have; none while the head is not whole.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>, Malformed> {
    let (Some(&tag), Some(&first)) = (bytes.first(), bytes.get(1)) else { return Ok(None) };
    if tag & 0x1f == 0x1f {
        return Err(Malformed("a tag of several bytes"));
    }
    if first < 0x80 {
        return Ok(Some((tag, 2, usize::from(first))));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > LENGTH_BYTES_MAX {
        return Err(Malformed("a length that is indefinite or too long"));
    }
    let Some(digits) = bytes.get(2..2 + count) else { return Ok(None) };
    let length = digits.iter().fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
    Ok(Some((tag, 2 + count, length)))
}

/// Reads one element after another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of what follows.
    pub(crate) fn tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Whatever follows: its tag and its content.
    pub(crate) fn any(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        let (tag, head, length) = head(self.rest)?.ok_or(Malformed("an element that is cut off"))?;
        let end = head.checked_add(length).ok_or(Malformed("a length that is too long"))?;
        let content =
            self.rest.get(head..end).ok_or(Malformed("an element that is longer than what holds it"))?;
        self.rest = self.rest.get(end..).unwrap_or_default();
        Ok((tag, content))
    }

    /// The content of what follows, which must have this tag.
    pub(crate) fn take(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        if self.tag() != Some(tag) {
            return Err(Malformed("another element than the one that must stand there, or none"));
        }
        self.any().map(|(_, content)| content)
    }

    /// The same, where it may be left out.
    pub(crate) fn maybe(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.tag() == Some(tag) { self.any().map(|(_, content)| Some(content)) } else { Ok(None) }
    }

    /// What is inside of what follows.
    pub(crate) fn inside(&mut self, tag: u8) -> Result<Self, Malformed> {
        self.take(tag).map(Self::new)
    }

    pub(crate) fn octets(&mut self) -> Result<&'a [u8], Malformed> {
        self.take(OCTETS)
    }

    /// Text that decides something, and must be UTF-8 therefore.
    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        text(self.octets()?)
    }

    pub(crate) fn integer(&mut self) -> Result<i64, Malformed> {
        integer(self.take(INTEGER)?)
    }

    pub(crate) fn enumerated(&mut self) -> Result<i64, Malformed> {
        integer(self.take(ENUMERATED)?)
    }
}

pub(crate) fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed("text that is not UTF-8"))
}

pub(crate) fn boolean(bytes: &[u8]) -> Result<bool, Malformed> {
    match bytes {
        [byte] => Ok(*byte != 0),
        _ => Err(Malformed("a truth value that is not one byte")),
    }
}

pub(crate) fn integer(bytes: &[u8]) -> Result<i64, Malformed> {
    let first = *bytes.first().ok_or(Malformed("a number without digits"))?;
    if bytes.len() > 8 {
        return Err(Malformed("a number of more than 64 bits"));
    }
    let sign = if first >= 0x80 { -1_i64 } else { 0 };
    Ok(bytes.iter().fold(sign, |number, byte| (number << 8) | i64::from(*byte)))
}

/// Writes one element after another. What it wrote is wiped when it is dropped, since a bind holds a password.
pub(crate) struct Writer {
    bytes: Zeroizing<Vec<u8>>,
}

impl Writer {
    /// Room at first: what is longer moves, and where it was before nobody wipes. Binds and changed passwords fit.
    const ROOM: usize = 2_048;

    pub(crate) fn new() -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(Self::ROOM)) }
    }

    pub(crate) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }

    /// An element with this content.
    pub(crate) fn put(&mut self, tag: u8, content: &[u8]) {
        self.bytes.push(tag);
        let length = content.len();
        if length < 0x80 {
            self.bytes.extend(u8::try_from(length));
        } else {
            let digits = length.to_be_bytes();
            let skipped = digits.iter().take_while(|digit| **digit == 0).count();
            self.bytes.extend(u8::try_from(digits.len() - skipped).map(|count| 0x80 | count));
            self.bytes.extend(digits.iter().skip(skipped));
        }
        self.bytes.extend_from_slice(content);
    }

    /// An element that holds others.
    pub(crate) fn within(&mut self, tag: u8, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::new();
        write(&mut inner);
        self.put(tag, &inner.bytes);
    }

    pub(crate) fn octets(&mut self, content: &[u8]) {
        self.put(OCTETS, content);
    }

    pub(crate) fn boolean(&mut self, is: bool) {
        self.put(BOOLEAN, &[if is { 0xff } else { 0 }]);
    }

    pub(crate) fn integer(&mut self, tag: u8, number: i64) {
        let bytes = number.to_be_bytes();
        // As short as it can be, with the sign kept (X.690 §8.3.2).
        let spare = |at: usize| match (bytes.get(at), bytes.get(at + 1)) {
            (Some(0), Some(next)) => *next < 0x80,
            (Some(0xff), Some(next)) => *next >= 0x80,
            _ => false,
        };
        let skipped = (0..7).take_while(|at| spare(*at)).count();
        self.put(tag, bytes.get(skipped..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_that_was_written_is_read_again(number: i64) {
            let mut writer = Writer::new();
            writer.integer(INTEGER, number);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.integer(), Ok(number));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn an_element_of_any_length_is_read_again(length in 0_usize..70_000) {
            let mut writer = Writer::new();
            writer.octets(&vec![7; length]);
            let bytes = writer.into_bytes();
            prop_assert_eq!(Reader::new(&bytes).octets().map(<[u8]>::len), Ok(length));
            prop_assert!(Reader::new(bytes.get(..bytes.len() - 1).unwrap()).any().is_err());
        }
    }
}
