//! Distinguished names (RFC 4514): read strictly, kept as they were written, compared by what they mean. Servers write one name in several ways (`\2C`
//! here, `\,` there; other cases, other spaces), so two texts are one name when their normalised keys are.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};

use unicode_normalization::UnicodeNormalization as _;

use crate::attribute::AttributeName;
use crate::ber;

/// Bytes of a name at most, and parts of it.
const LENGTH_MAX: usize = 8_192;
const PARTS_MAX: usize = 128;

/// Types that have a short name and a number, of which servers write either (RFC 4514 §3, RFC 4519, RFC 2798).
const NUMBERED: &[(&str, &str)] = &[
    ("2.5.4.3", "cn"),
    ("2.5.4.4", "sn"),
    ("2.5.4.5", "serialnumber"),
    ("2.5.4.6", "c"),
    ("2.5.4.7", "l"),
    ("2.5.4.8", "st"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "o"),
    ("2.5.4.11", "ou"),
    ("0.9.2342.19200300.100.1.1", "uid"),
    ("0.9.2342.19200300.100.1.25", "dc"),
    ("1.2.840.113549.1.9.1", "emailaddress"),
];
/// Long names of the same (RFC 4519).
const LONG: &[(&str, &str)] = &[
    ("commonname", "cn"),
    ("surname", "sn"),
    ("countryname", "c"),
    ("localityname", "l"),
    ("stateorprovincename", "st"),
    ("streetaddress", "street"),
    ("organizationname", "o"),
    ("organizationalunitname", "ou"),
    ("userid", "uid"),
    ("domaincomponent", "dc"),
    ("email", "emailaddress"),
];

/// A distinguished name. Equal are those that mean the same entry. Groups have hundreds of thousands of them: two texts and no more.
#[derive(Debug, Clone)]
pub struct Dn {
    written: String,
    key: String,
}

/// Why a text is no distinguished name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DnFlaw {
    /// It is too long, or has too many parts.
    #[error("the name is longer than {LENGTH_MAX} bytes or has more than {PARTS_MAX} parts")]
    Long,
    /// A part has no `type=`.
    #[error("a part of the name is not like ou=People")]
    Part,
    /// A character stands there that must be escaped.
    #[error("the name holds {0:?} where it must have a backslash before it")]
    Character(char),
    /// A backslash has nothing behind it that it could escape.
    #[error("the name has a backslash that escapes nothing")]
    Escape,
    /// A value behind `#` is not hexadecimal BER.
    #[error("a value behind # is not in hexadecimal digits")]
    Hex,
    /// What the escapes mean is not UTF-8.
    #[error("the name is not UTF-8")]
    Utf8,
}

impl Dn {
    /// Reads a name. The empty one is the root of a server and is no entry's: see [`Dn::is_root`].
    pub fn parse(text: &str) -> Result<Self, DnFlaw> {
        if text.len() > LENGTH_MAX {
            return Err(DnFlaw::Long);
        }
        let key = match plain_key(text) {
            Some(key) => key,
            None => whole_key(text)?,
        };
        Ok(Self { written: text.to_owned(), key })
    }

    /// As it was written, which is what a server is asked with.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// What it means, in one spelling: what to keep where names are looked up.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it is the empty name.
    pub fn is_root(&self) -> bool {
        self.key.is_empty()
    }

    /// The value of its first part, as it is without escapes: `Jane Doe` of `cn=Jane Doe,dc=example`.
    pub fn first_value(&self) -> String {
        let mut parts = Parts { text: &self.written, at: 0 };
        parts.part().map(|(_, value, _)| value).unwrap_or_default()
    }

    /// The name of the entry above; none above the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let above =
            first_comma(&self.written).and_then(|comma| self.written.get(comma + 1..)).unwrap_or_default();
        Self::parse(above.trim_start_matches(' ')).ok()
    }

    /// Whether it is this entry or one below it.
    pub fn is_within(&self, base: &Self) -> bool {
        let Some(below) = self.key.strip_suffix(base.key()) else { return false };
        if below.is_empty() || base.is_root() {
            return true;
        }
        // A comma that parts, and none of a value: an even number of backslashes stands before it.
        let Some(below) = below.strip_suffix(',') else { return false };
        below.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0
    }

    /// The domain that its `dc` parts spell, as Active Directory names one in DNS; none where it has none.
    pub fn dns_domain(&self) -> Option<String> {
        let labels: Vec<&str> = self
            .key
            .split(',')
            .filter_map(|part| part.strip_prefix("dc="))
            .filter(|label| !label.is_empty())
            .collect();
        (!labels.is_empty()).then(|| labels.join("."))
    }
}

/// The first comma that parts.
fn first_comma(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let parts = byte == b',' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        parts
    })
}

/// The key of a name that has only what most have: short types, values of letters, digits and a few marks, nothing escaped. None for every other, which
/// [`whole_key`] reads; where both read one, they agree.
fn plain_key(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    for (at, part) in text.split(',').enumerate() {
        let (kind, value) = part.split_once('=')?;
        let kind = kind.trim_matches(' ');
        // The long names and the numbers of types have a short one.
        if at >= PARTS_MAX
            || kind.is_empty()
            || kind.len() > 4
            || !kind.bytes().all(|byte| byte.is_ascii_alphabetic())
        {
            return None;
        }
        if at > 0 {
            key.push(',');
        }
        key.extend(kind.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        key.push('=');
        let mut spaced = false;
        for byte in value.trim_matches(' ').bytes() {
            match byte {
                b' ' => spaced = true,
                b'a'..=b'z'
                | b'A'..=b'Z'
                | b'0'..=b'9'
                | b'.'
                | b'-'
                | b'_'
                | b'@'
                | b'\''
                | b'('
                | b')'
                | b'&'
                | b'/'
                | b':' => {
                    if std::mem::take(&mut spaced) {
                        key.push(' ');
                    }
                    key.push(char::from(byte.to_ascii_lowercase()));
                }
                _ => return None,
            }
        }
    }
    Some(key)
}

/// The key of any name.
fn whole_key(text: &str) -> Result<String, DnFlaw> {
    let mut parts = Parts { text, at: 0 };
    let mut key = String::with_capacity(text.len());
    let mut count = 0;
    while parts.at < text.len() || count > 0 {
        if count >= PARTS_MAX {
            return Err(DnFlaw::Long);
        }
        let (part, _, goes_on) = parts.part()?;
        if count > 0 {
            key.push(',');
        }
        key.push_str(&part);
        count += 1;
        if !goes_on {
            break;
        }
    }
    Ok(key)
}

/// A value with the escapes that RFC 4514 §2.4 asks for, to stand in a name.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, one) in value.chars().enumerate() {
        let is_special = matches!(one, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=')
            || (at == 0 && matches!(one, '#' | ' '))
            || (at == last && one == ' ');
        if one.is_ascii_control() {
            // To a text, which never fails.
            let _ = write!(out, "\\{:02x}", u32::from(one));
            continue;
        }
        if is_special {
            out.push('\\');
        }
        out.push(one);
    }
    out
}

/// What reads the parts.
struct Parts<'a> {
    text: &'a str,
    at: usize,
}

impl Parts<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn bump(&mut self, one: char) {
        self.at += one.len_utf8();
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    /// One part: its key, its first value, and whether another follows.
    fn part(&mut self) -> Result<(String, String, bool), DnFlaw> {
        let mut pairs = Vec::new();
        let mut first = None;
        let goes_on = loop {
            let (kind, value, ended_by) = self.pair()?;
            pairs.push(format!("{kind}={}", escaped(&normalised(&value))));
            first.get_or_insert(value);
            match ended_by {
                Some('+') => {}
                ended => break ended == Some(','),
            }
        };
        // The order within one part means nothing (RFC 4512 §2.3.1).
        pairs.sort();
        Ok((pairs.join("+"), first.unwrap_or_default(), goes_on))
    }

    fn pair(&mut self) -> Result<(String, String, Option<char>), DnFlaw> {
        self.skip_spaces();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (name, _) = rest.split_once('=').ok_or(DnFlaw::Part)?;
        let kind = AttributeName::parse(name.trim_end_matches(' ')).ok_or(DnFlaw::Part)?;
        self.at += name.len() + 1;
        self.skip_spaces();
        let (value, ended_by) = if self.peek() == Some('#') { self.hex_value()? } else { self.value()? };
        Ok((canonical_type(kind.as_str()), value, ended_by))
    }

    fn value(&mut self) -> Result<(String, Option<char>), DnFlaw> {
        let mut bytes = Vec::new();
        // Spaces at the end count only where they are escaped.
        let mut kept = 0;
        let ended_by = loop {
            let Some(one) = self.peek() else { break None };
            self.bump(one);
            match one {
                ',' | '+' => break Some(one),
                '"' | ';' | '<' | '>' | '\0' => return Err(DnFlaw::Character(one)),
                '\\' => {
                    self.escape(&mut bytes)?;
                    kept = bytes.len();
                }
                ' ' => bytes.push(b' '),
                _ => {
                    bytes.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes());
                    kept = bytes.len();
                }
            }
        };
        bytes.truncate(kept);
        Ok((String::from_utf8(bytes).map_err(|_| DnFlaw::Utf8)?, ended_by))
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), DnFlaw> {
        let one = self.peek().ok_or(DnFlaw::Escape)?;
        if matches!(one, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' | '#' | ' ') {
            self.bump(one);
            bytes.push(u8::try_from(one).map_err(|_| DnFlaw::Escape)?);
            return Ok(());
        }
        let digits = self.text.get(self.at..self.at + 2).ok_or(DnFlaw::Escape)?;
        bytes.push(hex_byte(digits).ok_or(DnFlaw::Escape)?);
        self.at += 2;
        Ok(())
    }

    fn hex_value(&mut self) -> Result<(String, Option<char>), DnFlaw> {
        self.at += 1;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find([',', '+']).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        self.at += end + usize::from(!after.is_empty());
        let digits = digits.trim_end_matches(' ');
        let pairs: Option<Vec<u8>> =
            (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2).and_then(hex_byte)).collect();
        let bytes = pairs.filter(|bytes| !bytes.is_empty()).ok_or(DnFlaw::Hex)?;
        // A string in BER is what it says; anything else stays as its digits, which no string can be (`#` would be escaped).
        let mut reader = ber::Reader::new(&bytes);
        let value = match reader.any() {
            Ok((0x04 | 0x0c | 0x13 | 0x16, content)) if reader.is_empty() => {
                String::from_utf8(content.to_vec()).map_err(|_| DnFlaw::Utf8)?
            }
            _ => format!("#{}", digits.to_ascii_lowercase()),
        };
        Ok((value, after.chars().next()))
    }
}

fn hex_byte(digits: &str) -> Option<u8> {
    digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| u8::from_str_radix(digits, 16).ok())
        .flatten()
}

fn canonical_type(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let lower = lower.strip_prefix("oid.").unwrap_or(&lower);
    let known = NUMBERED.iter().chain(LONG).find(|(written, _)| *written == lower);
    known.map_or(lower, |(_, short)| short).to_owned()
}

/// As caseIgnoreMatch compares (RFC 4518 §2): compatibility forms, small letters, one space for several.
fn normalised(value: &str) -> String {
    let folded: String = value.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl PartialEq for Dn {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Dn {}

impl Ord for Dn {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Dn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Dn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What the short way reads, the long way reads too, and as the same.
        #[test]
        fn both_ways_agree(
            text in "( ?(cn|OU|dc|uid|mail|telex) ?= ?[a-zA-Z0-9 .@'()&/:_-]{0,8} ?,){0,3} ?(cn|L) ?=[ -~]{0,5}",
        ) {
            if let Some(key) = plain_key(&text) {
                prop_assert_eq!(whole_key(&text), Ok(key), "{}", text);
            }
        }
    }

    #[test]
    fn most_names_are_read_the_short_way() {
        for text in [
            "uid=u7,ou=people,dc=example,dc=test",
            "CN=Doe Jane (IT),OU=R&D,DC=ad,DC=example,DC=test",
            "c=DE",
            "cn=,dc=x",
        ] {
            assert!(plain_key(text).is_some(), "{text}");
        }
        for text in [
            "",
            "cn=a\\,b",
            "cn=a+b=c",
            "cn=\u{e4}",
            "2.5.4.3=a",
            "commonName=a",
            "cn=#00",
            "cn=a;b=c",
            "cn=a=b",
            "cn",
        ] {
            assert_eq!(plain_key(text), None, "{text}");
        }
    }
}
