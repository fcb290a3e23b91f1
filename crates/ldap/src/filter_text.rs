//! The text of a filter, read into its tree (RFC 4515 §3). Strict: nothing is guessed, no space is skipped, every value ends at its parenthesis.

use crate::attribute::AttributeName;
use crate::filter::{Extensible, Filter, FilterFlaw, Pieces};

/// Bytes of a filter at most, parts of it, and how many may be within each other.
const LENGTH_MAX: usize = 8_192;
const PARTS_MAX: usize = 500;
const DEPTH_MAX: usize = 20;

impl Filter {
    /// Reads the text of a filter, as administrators write them: exactly one, in parentheses.
    pub fn parse(text: &str) -> Result<Self, FilterFlaw> {
        if text.len() > LENGTH_MAX {
            return Err(FilterFlaw::Long(LENGTH_MAX));
        }
        let mut reader = Text { bytes: text.as_bytes(), at: 0, parts: 0 };
        let filter = reader.filter(0)?;
        if reader.at == text.len() { Ok(filter) } else { Err(FilterFlaw::Rest(reader.at)) }
    }
}

struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
    parts: usize,
}

/// A value between its stars, without escapes.
type Pieced = Vec<Vec<u8>>;

impl Text<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn wanted(&self, what: &'static str) -> FilterFlaw {
        FilterFlaw::Wanted { what, at: self.at }
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), FilterFlaw> {
        if self.peek() != Some(byte) {
            return Err(self.wanted(what));
        }
        self.at += 1;
        Ok(())
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, FilterFlaw> {
        self.parts += 1;
        if depth > DEPTH_MAX || self.parts > PARTS_MAX {
            return Err(FilterFlaw::Parts(PARTS_MAX));
        }
        self.expect(b'(', "an opening parenthesis")?;
        let filter = match self.peek() {
            Some(b'&') => Filter::And(self.list(depth)?),
            Some(b'|') => Filter::Or(self.list(depth)?),
            Some(b'!') => {
                self.at += 1;
                Filter::Not(Box::new(self.filter(depth + 1)?))
            }
            _ => self.item()?,
        };
        self.expect(b')', "a closing parenthesis")?;
        Ok(filter)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Filter>, FilterFlaw> {
        self.at += 1;
        let mut list = Vec::new();
        while self.peek() == Some(b'(') {
            list.push(self.filter(depth + 1)?);
        }
        // RFC 4526 has a meaning for none, which administrators never have, and some servers neither.
        if list.is_empty() { Err(self.wanted("a filter behind & or |")) } else { Ok(list) }
    }

    /// Letters of a name, as far as they go.
    fn word(&mut self) -> &str {
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
            self.at += 1;
        }
        self.bytes.get(begin..self.at).and_then(|word| std::str::from_utf8(word).ok()).unwrap_or_default()
    }

    fn name(&mut self) -> Result<AttributeName, FilterFlaw> {
        let at = self.at;
        let name = AttributeName::parse(self.word());
        name.ok_or(FilterFlaw::Wanted { what: "the name of an attribute", at })
    }

    fn item(&mut self) -> Result<Filter, FilterFlaw> {
        if self.peek() == Some(b':') {
            return self.extensible(None);
        }
        let name = self.name()?;
        match self.peek() {
            Some(b'=') => {
                self.at += 1;
                self.equality(name)
            }
            Some(b'>') => self.compared().map(|value| Filter::AtLeast(name, value)),
            Some(b'<') => self.compared().map(|value| Filter::AtMost(name, value)),
            Some(b'~') => self.compared().map(|value| Filter::Approximately(name, value)),
            Some(b':') => self.extensible(Some(name)),
            _ => Err(self.wanted("=, >=, <=, ~= or := behind the name")),
        }
    }

    fn compared(&mut self) -> Result<Vec<u8>, FilterFlaw> {
        self.at += 1;
        self.expect(b'=', "an = there")?;
        self.whole_value()
    }

    fn extensible(&mut self, attribute: Option<AttributeName>) -> Result<Filter, FilterFlaw> {
        let mut with_name = false;
        let mut rule = None;
        self.expect(b':', "a colon")?;
        if self.peek() != Some(b'=') {
            let mut word = self.name()?;
            if word.as_str().eq_ignore_ascii_case("dn") {
                with_name = true;
                self.expect(b':', "a colon")?;
                if self.peek() == Some(b'=') {
                    return self.matched(attribute, rule, with_name);
                }
                word = self.name()?;
            }
            rule = Some(word);
            self.expect(b':', "a colon")?;
        }
        self.matched(attribute, rule, with_name)
    }

    fn matched(
        &mut self,
        attribute: Option<AttributeName>,
        rule: Option<AttributeName>,
        with_name: bool,
    ) -> Result<Filter, FilterFlaw> {
        if attribute.is_none() && rule.is_none() {
            return Err(self.wanted("an attribute or a rule"));
        }
        self.expect(b'=', "an = behind the colon")?;
        let value = self.whole_value()?;
        Ok(Filter::Extensible(Extensible { attribute, rule, with_name, value }))
    }

    fn whole_value(&mut self) -> Result<Vec<u8>, FilterFlaw> {
        let at = self.at;
        let mut pieces = self.pieces()?;
        match (pieces.pop(), pieces.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(FilterFlaw::Wanted { what: "a value without a star", at }),
        }
    }

    fn equality(&mut self, name: AttributeName) -> Result<Filter, FilterFlaw> {
        let at = self.at;
        let mut pieces = self.pieces()?;
        let last = pieces.pop().unwrap_or_default();
        if pieces.is_empty() {
            return Ok(Filter::Equals(name, last));
        }
        let mut rest = pieces.into_iter();
        let initial = rest.next().unwrap_or_default();
        let any: Vec<Vec<u8>> = rest.collect();
        if initial.is_empty() && last.is_empty() && any.is_empty() {
            return Ok(Filter::Present(name));
        }
        if any.iter().any(Vec::is_empty) {
            return Err(FilterFlaw::Wanted { what: "something between two stars", at });
        }
        let some = |piece: Vec<u8>| (!piece.is_empty()).then_some(piece);
        Ok(Filter::Substrings(name, Pieces { initial: some(initial), any, last: some(last) }))
    }

    fn pieces(&mut self) -> Result<Pieced, FilterFlaw> {
        let mut pieces = vec![Vec::new()];
        loop {
            let byte = match self.peek() {
                None | Some(b')') => return Ok(pieces),
                Some(b'(' | 0) => return Err(self.wanted("a value, in which this is escaped")),
                Some(b'*') => {
                    self.at += 1;
                    pieces.push(Vec::new());
                    continue;
                }
                Some(b'\\') => self.escaped()?,
                Some(byte) => {
                    self.at += 1;
                    byte
                }
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(byte);
            }
        }
    }

    fn escaped(&mut self) -> Result<u8, FilterFlaw> {
        let digits =
            self.bytes.get(self.at + 1..self.at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or(self.wanted("two hexadecimal digits behind the backslash"))?;
        self.at += 3;
        Ok(byte)
    }
}
