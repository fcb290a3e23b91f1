//! One message of the catalog with what stands in it. It is plain text: whoever shows it escapes it, marks and all.

use std::borrow::Borrow;
use std::fmt;
use std::time::Duration;

use fluent_bundle::{FluentArgs, FluentValue};

use super::catalog;
use super::language::Language;

/// The first of the characters that hold the places of texts while Fluent formats: of the private use area, in no catalog. So a text is never looked
/// at as if it were part of a message, whatever it holds.
const FIRST_PLACE: u32 = 0xE000;

/// A sentence.
#[derive(Debug, Clone)]
pub struct Sentence {
    language: Language,
    name: &'static str,
    arguments: Vec<(&'static str, Argument)>,
}

#[derive(Debug, Clone)]
enum Argument {
    Text(Part),
    Count(usize),
}

/// A piece of a sentence. What is marked, a template shows in its own way: as code, as a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it is shown in its own way.
    pub marked: bool,
}

impl Language {
    /// The message of this name.
    pub const fn say(self, name: &'static str) -> Sentence {
        Sentence { language: self, name, arguments: Vec::new() }
    }
}

impl Sentence {
    /// With a text where the message says `{ $name }`.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl fmt::Display) -> Self {
        self.arguments.push((name, Argument::Text(Part { text: text.to_string(), marked: false })));
        self
    }

    /// [`Self::with`] a text that is a [`Part`] of its own.
    #[must_use]
    pub fn mark(mut self, name: &'static str, text: impl fmt::Display) -> Self {
        self.arguments.push((name, Argument::Text(Part { text: text.to_string(), marked: true })));
        self
    }

    /// With a number, by which the message may choose its form.
    #[must_use]
    pub fn count(mut self, name: &'static str, number: impl Borrow<usize>) -> Self {
        self.arguments.push((name, Argument::Count(*number.borrow())));
        self
    }

    /// The pieces, in the order of this language.
    pub fn parts(&self) -> Vec<Part> {
        let mut texts = Vec::new();
        let mut given = FluentArgs::with_capacity(self.arguments.len());
        for ((name, argument), place) in self.arguments.iter().zip(FIRST_PLACE..) {
            let value = match argument {
                Argument::Count(number) => FluentValue::from(*number),
                Argument::Text(part) => {
                    let place = char::from_u32(place).unwrap_or(char::REPLACEMENT_CHARACTER);
                    texts.push((place, part));
                    FluentValue::from(place.to_string())
                }
            };
            given.set(*name, value);
        }
        let text = catalog::format(self.language, self.name, &given);
        let mut parts = Vec::new();
        for letter in text.chars() {
            match texts.iter().find(|(place, _)| *place == letter) {
                Some((_, part)) => append(&mut parts, &part.text, part.marked),
                None => append(&mut parts, letter.encode_utf8(&mut [0; 4]), false),
            }
        }
        parts
    }
}

/// The whole minutes of a while, to be said.
pub(crate) fn minutes(time: Duration) -> usize {
    usize::try_from(time.as_secs() / 60).unwrap_or(usize::MAX)
}

/// Adds to the last piece, unless it is marked or this one is.
fn append(parts: &mut Vec<Part>, text: &str, marked: bool) {
    match parts.last_mut() {
        Some(last) if !marked && !last.marked => last.text.push_str(text),
        _ => parts.push(Part { text: text.to_owned(), marked }),
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().iter().try_for_each(|part| out.write_str(&part.text))
    }
}

impl From<Sentence> for String {
    fn from(sentence: Sentence) -> Self {
        sentence.to_string()
    }
}
