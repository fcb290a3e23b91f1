//! The words of a filter, one after another.

use std::fmt;

use serde_json::Value;

use crate::error::Error;
use crate::path::brief;

/// A word or sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name, an operator, a literal without quotation marks.
    Word(&'t str),
    /// A string of JSON with its quotation marks.
    Quoted(&'t str),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Word(word) | Self::Quoted(word) => return out.write_str(&brief(word)),
            Self::Open => "(",
            Self::Close => ")",
            Self::OpenBracket => "[",
            Self::CloseBracket => "]",
        })
    }
}

/// What is left of a filter.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    rest: &'t str,
}

impl<'t> Tokens<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// The next one and what follows it.
    fn ahead(&self) -> Result<Option<(Token<'t>, &'t str)>, Error> {
        let rest = self.rest.trim_start_matches(' ');
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let sign = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '[' => Some(Token::OpenBracket),
            ']' => Some(Token::CloseBracket),
            _ => None,
        };
        if let Some(sign) = sign {
            return Ok(Some((sign, rest.get(1..).unwrap_or_default())));
        }
        if first == '"' {
            let end = end_of_quoted(rest)
                .ok_or_else(|| Error::filter("filter: a string has no quotation mark at its end"))?;
            let (quoted, rest) = rest.split_at(end);
            return Ok(Some((Token::Quoted(quoted), rest)));
        }
        let end = rest.find([' ', '(', ')', '[', ']', '"']).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        Ok(Some((Token::Word(word), rest)))
    }

    /// The next one, taken.
    pub(super) fn next(&mut self) -> Result<Option<Token<'t>>, Error> {
        let Some((token, rest)) = self.ahead()? else { return Ok(None) };
        self.rest = rest;
        Ok(Some(token))
    }

    /// Takes this one if it is next.
    pub(super) fn takes(&mut self, wanted: &Token<'_>) -> Result<bool, Error> {
        match self.ahead()? {
            Some((token, rest)) if token == *wanted => {
                self.rest = rest;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Takes this word, in any case, if it is next.
    pub(super) fn takes_word(&mut self, wanted: &str) -> Result<bool, Error> {
        match self.ahead()? {
            Some((Token::Word(word), rest)) if word.eq_ignore_ascii_case(wanted) => {
                self.rest = rest;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Takes this word and the parenthesis after it, if both are next.
    pub(super) fn begins_group_after(&mut self, wanted: &str) -> Result<bool, Error> {
        let before = self.rest;
        if self.takes_word(wanted)? && self.takes(&Token::Open)? {
            return Ok(true);
        }
        self.rest = before;
        Ok(false)
    }

    /// The value of a comparison, taken: a literal of JSON.
    pub(super) fn value(&mut self) -> Result<Value, Error> {
        let text = match self.next()? {
            Some(Token::Quoted(text)) => text,
            // Words of JSON are written in lower case; clients that speak Python write them otherwise.
            Some(Token::Word(word)) => match word {
                _ if word.eq_ignore_ascii_case("true") => return Ok(Value::Bool(true)),
                _ if word.eq_ignore_ascii_case("false") => return Ok(Value::Bool(false)),
                _ => word,
            },
            Some(other) => {
                return Err(Error::filter(format!("filter: {other} stands where a value is wanted")));
            }
            None => return Err(Error::filter("filter ends where a value is wanted")),
        };
        serde_json::from_str(text).map_err(|_| {
            Error::filter(format!(
                "filter: {} is no value: a string has quotation marks, as in userName eq \"jane\"",
                brief(text)
            ))
        })
    }
}

/// Where a string of JSON at the beginning of `text` ends.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}
