//! Patterns of models are Java's; here they are compiled once, on first use, for a matcher that runs in linear time.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// A pattern that a text must match as a whole.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// From the model's text.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// The model's text.
    pub const fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether the pattern compiles: a test asks it of every pattern.
    pub fn compiles(&self) -> bool {
        self.regex().is_some()
    }

    /// Whether `value` as a whole matches. A pattern that does not compile matches nothing.
    pub fn matches(&self, value: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(value))
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| {
                RegexBuilder::new(&format!(r"\A(?:{})\z", translate(self.text)))
                    .size_limit(16 << 20)
                    .build()
                    .ok()
            })
            .as_ref()
    }
}

/// The one pattern with look-ahead: an ISO 8601 duration whose `P` is followed by a digit, or by `T` and a digit.
const DURATION: &str = concat!(
    r"(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?",
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
);

/// The same without: a date part that holds something and perhaps a time part, or a time part that holds something.
const DURATION_WRITTEN_OUT: &str = concat!(
    "-?P(?:(?:[0-9]+Y(?:[0-9]+M)?(?:[0-9]+[DW])?|[0-9]+M(?:[0-9]+[DW])?|[0-9]+[DW])",
    r"(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?",
    r"|T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+M(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+(?:\.[0-9]+)?S))",
);

/// Java's `\w`, `\d` and `\s` are ASCII; a hyphen after a range is itself; `[` inside a class is itself; look-ahead, which a
/// matcher in linear time cannot have, is written out.
fn translate(java: &str) -> String {
    if java == DURATION {
        return DURATION_WRITTEN_OUT.to_owned();
    }
    let mut out = String::with_capacity(java.len() + 16);
    let mut in_class = false;
    let mut letters = java.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(class @ ('w' | 'd' | 's')) => {
                    out.push_str(if in_class { "" } else { "[" });
                    out.push_str(match class {
                        'w' => "A-Za-z0-9_",
                        'd' => "0-9",
                        _ => r" \t\n\x0B\f\r",
                    });
                    out.push_str(if in_class { "" } else { "]" });
                    if in_class && letters.peek() == Some(&'-') {
                        letters.next();
                        out.push_str(r"\-");
                    }
                }
                Some(escaped) => {
                    out.push('\\');
                    out.push(escaped);
                }
                None => out.push('\\'),
            },
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                out.push('[');
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_holds_something() {
        static SESSION: Pattern = Pattern::new(DURATION);
        for good in
            ["PT1H", "PT12H", "PT30M", "PT1H30M5.5S", "P1D", "P1Y2M3D", "P1DT2H", "-P2W", "P1DT", "P1M"]
        {
            assert!(SESSION.matches(good), "{good}");
        }
        for bad in ["P", "PT", "", "1H", "PT1", "P1H", "PT1H ", "PTH", "PT1M1H", "P1D2Y", "PT1.H", "PT１H"] {
            assert!(!SESSION.matches(bad), "{bad}");
        }
    }

    #[test]
    fn words_are_ascii_and_the_whole_text_must_match() {
        static NAME: Pattern = Pattern::new(r"[\w+=,.@-]+");
        assert!(NAME.matches("Power-User@1"));
        assert!(!NAME.matches("Größe") && !NAME.matches("a b") && !NAME.matches("a\n"));
    }
}
