//! A policy as it is typed, held against the rules that saving it would hold it to: what is wrong and where, or what it says.

use std::borrow::Borrow;

use edge_portal::words::language::Language;
use model::limits::INLINE_POLICY_BYTES_MAX;
use policy::document::{self, Document};
use policy::flaw::Flaw;
use serde::Serialize;

use crate::sets::words::{Said, said};

/// Lines that are shown before and after what is wrong.
const AROUND: usize = 2;
/// Lines of it that are shown at most.
const LINES_MAX: usize = 12;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Where it begins and ends in the text, as scripts count.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The lines around it.
    pub(crate) lines: Vec<Line>,
}

/// A line of the text: what is wrong of it stands in the middle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) before: String,
    pub(crate) wrong: String,
    pub(crate) after: String,
}

/// What there is to say of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Examined {
    pub(crate) fault: Option<Fault>,
    pub(crate) statements: Vec<Said>,
    /// Bytes that count towards the limit.
    pub(crate) bytes: usize,
}

/// As scripts read it.
#[derive(Debug, Serialize)]
pub(crate) struct Answer<'a> {
    /// What is wrong; empty when nothing is.
    fault: &'a str,
    place: String,
    from: usize,
    to: usize,
    size: String,
    statements: Vec<Statement<'a>>,
}

#[derive(Debug, Serialize)]
struct Statement<'a> {
    name: &'a str,
    allows: bool,
    text: &'a str,
    clauses: &'a [String],
}

/// A form sends its line ends as CR LF; a policy is kept with LF, as it was typed.
pub(crate) fn typed(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A policy as people read it: what stands in one line is spread over many, in its order. What is written by hand stays as it is.
pub(crate) fn spread(policy: &str) -> String {
    if policy.contains('\n') || serde_json::from_str::<serde::de::IgnoredAny>(policy).is_err() {
        return policy.to_owned();
    }
    let (mut out, mut depth, mut in_text, mut escaped) = (String::new(), 0_usize, false, false);
    let mut letters = policy.chars().filter(|letter| *letter != '\r').peekable();
    while let Some(letter) = letters.next() {
        if in_text {
            out.push(letter);
            in_text = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            continue;
        }
        match letter {
            ' ' | '\t' => {}
            '"' => {
                in_text = true;
                out.push(letter);
            }
            '{' | '[' => {
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
                out.push(letter);
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(letter),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

/// Looks at a text. An empty one says nothing, and nothing is wrong with it.
pub(crate) fn examine(language: Language, text: &str) -> Examined {
    let bytes = document::weight(text);
    if text.trim().is_empty() {
        return Examined { fault: None, statements: Vec::new(), bytes };
    }
    match Document::examine_new(text) {
        Ok(document) => {
            Examined { fault: too_long(language, bytes), statements: said(language, &document), bytes }
        }
        Err(flaw) => Examined { fault: Some(fault(language, text, &flaw)), statements: Vec::new(), bytes },
    }
}

fn too_long(language: Language, bytes: usize) -> Option<Fault> {
    let text = || language.say("sets-too-long").count("bytes", bytes).count("most", INLINE_POLICY_BYTES_MAX);
    (bytes > INLINE_POLICY_BYTES_MAX).then(|| Fault {
        text: text().to_string(),
        line: 0,
        column: 0,
        from: 0,
        to: 0,
        lines: Vec::new(),
    })
}

fn fault(language: Language, text: &str, flaw: &Flaw) -> Fault {
    // What the API says of it stays in the API's words: so it is found in its documentation.
    let told = match flaw.statement {
        Some(number) => {
            language.say("sets-flaw-in").count("number", number).with("why", &flaw.why).to_string()
        }
        None => flaw.why.clone(),
    };
    let Some(place) = &flaw.place else {
        return Fault { text: told, line: 0, column: 0, from: 0, to: 0, lines: Vec::new() };
    };
    let units = |to: usize| text.get(..to).unwrap_or(text).encode_utf16().count();
    Fault {
        text: told,
        line: place.line,
        column: place.column,
        from: units(place.bytes.start),
        to: units(place.bytes.end),
        lines: lines(text, place),
    }
}

fn lines(text: &str, place: &policy::flaw::Place) -> Vec<Line> {
    let first = place.line.saturating_sub(AROUND + 1);
    let mut start = 0;
    let mut shown = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let end = start + line.len();
        if at >= first && shown.len() < LINES_MAX {
            let is_past = start > place.bytes.end && at + 1 > place.line + AROUND;
            if is_past {
                break;
            }
            let within = |byte: usize| byte.clamp(start, end) - start;
            let (from, to) = (within(place.bytes.start), within(place.bytes.end));
            shown.push(Line {
                number: at + 1,
                before: line.get(..from).unwrap_or_default().to_owned(),
                wrong: line.get(from..to).unwrap_or_default().to_owned(),
                after: line.get(to..).unwrap_or_default().to_owned(),
            });
        }
        start = end + 1;
    }
    shown
}

impl Examined {
    /// How much of the room is taken.
    pub(crate) fn size(&self, language: impl Borrow<Language>) -> String {
        language
            .borrow()
            .say("sets-size")
            .count("bytes", self.bytes)
            .count("most", INLINE_POLICY_BYTES_MAX)
            .to_string()
    }

    /// As scripts read it.
    pub(crate) fn answer(&self, language: Language) -> Answer<'_> {
        let fault = self.fault.as_ref();
        Answer {
            fault: fault.map_or("", |fault| fault.text.as_str()),
            place: fault.and_then(|fault| fault.place(language)).unwrap_or_default(),
            from: fault.map_or(0, |fault| fault.from),
            to: fault.map_or(0, |fault| fault.to),
            size: self.size(language),
            statements: self
                .statements
                .iter()
                .map(|said| Statement {
                    name: &said.name,
                    allows: said.allows,
                    text: &said.text,
                    clauses: &said.clauses,
                })
                .collect(),
        }
    }
}

impl Fault {
    /// Where it stands, in words.
    pub(crate) fn place(&self, language: impl Borrow<Language>) -> Option<String> {
        let said = || {
            language
                .borrow()
                .say("sets-place")
                .count("line", self.line)
                .count("column", self.column)
                .to_string()
        };
        (self.line > 0).then(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_around_what_is_wrong_are_shown_with_it_marked() {
        let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\"s3:Get*\", \"🗝s3\"],\n      \"Resource\": \"*\"\n    }\n  ]\n}";
        let fault = examine(Language::English, text).fault.unwrap();
        assert_eq!((fault.line, fault.column), (6, 29));
        let numbers: Vec<usize> = fault.lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [4, 5, 6, 7, 8]);
        assert_eq!(fault.lines[2].wrong, "\"🗝s3\"");
        assert!(fault.lines.iter().filter(|line| !line.wrong.is_empty()).count() == 1);
        let units: Vec<u16> = text.encode_utf16().skip(fault.from).take(fault.to - fault.from).collect();
        assert_eq!(String::from_utf16(&units).unwrap(), "\"🗝s3\"");
        assert!(fault.text.starts_with("Statement 1: action"), "{}", fault.text);
    }

    #[test]
    fn a_line_is_spread_and_says_the_same() {
        let text = r#"{"Version":"2012-10-17", "Statement":[{"Sid":"A\"{,","Effect":"Allow","Action":[ ],"Resource":{ }, "n":-1.5}]}"#;
        let spread = spread(text);
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&spread), read(text));
        assert!(
            spread.contains(
                "\n    {\n      \"Sid\": \"A\\\"{,\",\n      \"Effect\": \"Allow\",\n      \"Action\": [],\n"
            ),
            "{spread}"
        );
        for same in ["{\n}", "{", ""] {
            assert_eq!(super::spread(same), same);
        }
    }

    #[test]
    fn what_is_long_is_said_and_what_is_empty_is_nothing() {
        let long = format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":["s3:{}"],"Resource":"*"}}}}"#,
            "a".repeat(10_240)
        );
        let examined = examine(Language::English, &long);
        assert!(examined.fault.unwrap().text.contains("10,240") || examined.bytes > INLINE_POLICY_BYTES_MAX);
        let examined = examine(Language::English, " \n");
        assert_eq!((examined.fault, examined.statements.len(), examined.bytes), (None, 0, 0));
    }
}
