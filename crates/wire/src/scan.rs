//! JSON text read from front to back, without values between. Takes what clients usually send and leaves the rest [`Unread`]: whoever meets
//! that takes the other path, which has the words.

use std::borrow::Cow;
use std::fmt;

use jsontext::text::plain_length;
use serde::de;

/// It is no JSON, or nothing that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unread;

impl fmt::Display for Unread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not read in one pass")
    }
}

impl std::error::Error for Unread {}

impl de::Error for Unread {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A place in a text.
pub(crate) struct Scan<'b> {
    text: &'b str,
    at: usize,
}

impl<'b> Scan<'b> {
    pub(crate) const fn new(text: &'b str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
        self.byte()
    }

    /// Passes the byte if it is the next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), Unread> {
        if self.take(byte) { Ok(()) } else { Err(Unread) }
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.peek();
        let is_next = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    /// Passes `null` if it is next.
    pub(crate) fn null(&mut self) -> bool {
        self.peek() == Some(b'n') && self.take_word("null")
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Unread> {
        if self.take_word("true") {
            return Ok(true);
        }
        if self.take_word("false") { Ok(false) } else { Err(Unread) }
    }

    /// A whole number without fraction and exponent.
    pub(crate) fn integer(&mut self) -> Result<i64, Unread> {
        let text = self.scalar()?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole && (text == "0" || !digits.starts_with('0')) {
            text.parse().map_err(|_| Unread)
        } else {
            Err(Unread)
        }
    }

    /// What stands until the value ends: of a number or a word.
    fn scalar(&mut self) -> Result<&'b str, Unread> {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let ends = |byte: u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\t' | b'\r' | b'"');
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).filter(|text| !text.is_empty()).ok_or(Unread)
    }

    /// The text between quotation marks as it is written, and whether it holds escapes.
    fn quoted(&mut self) -> Result<(&'b str, bool), Unread> {
        self.expect(b'"')?;
        let from = self.at;
        let mut escapes = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            self.at += plain_length(rest);
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escapes = true;
                    self.at += 2;
                }
                _ => return Err(Unread),
            }
        }
        let written = self.text.get(from..self.at).ok_or(Unread)?;
        self.at += 1;
        Ok((written, escapes))
    }

    /// A name without escapes, as the models' are.
    pub(crate) fn name(&mut self) -> Result<&'b str, Unread> {
        match self.quoted()? {
            (written, false) => Ok(written),
            _ => Err(Unread),
        }
    }

    pub(crate) fn string(&mut self) -> Result<Cow<'b, str>, Unread> {
        let (written, escapes) = self.quoted()?;
        if !escapes {
            return Ok(Cow::Borrowed(written));
        }
        let from = self.at - written.len() - 2;
        let whole = self.text.get(from..self.at).ok_or(Unread)?;
        serde_json::from_str(whole).map(Cow::Owned).map_err(|_| Unread)
    }

    /// Any value as it is written, with so many lists and objects within one another at most. Only where it ends is known of it: whoever takes
    /// it judges the rest.
    pub(crate) fn value(&mut self, depth_max: usize) -> Result<&'b str, Unread> {
        self.peek();
        let from = self.at;
        let mut depth = 0;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.quoted()?;
                }
                Some(b'{' | b'[') if depth < depth_max => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b',' | b':') if depth > 0 => self.at += 1,
                Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                    self.word();
                }
                _ => return Err(Unread),
            }
            if depth == 0 {
                return self.text.get(from..self.at).ok_or(Unread);
            }
        }
    }

    /// Passes the letters, digits and signs that stand together.
    fn word(&mut self) {
        while self
            .byte()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'))
        {
            self.at += 1;
        }
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<(), Unread> {
        if self.peek().is_none() { Ok(()) } else { Err(Unread) }
    }
}
