//! `*` and `?` over text. Only the last star is ever tried again, so the work is at most the length of the pattern times the length
//! of the text, and no pattern can be made to explode. Knows nothing of variables or ARNs.

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glob {
    /// Any characters, or none.
    Many,
    /// Any one character.
    One,
    /// This character.
    Literal(char),
}

impl Glob {
    /// The element that a character of a pattern stands for.
    pub fn of(letter: char) -> Self {
        match letter {
            '*' => Self::Many,
            '?' => Self::One,
            _ => Self::Literal(letter),
        }
    }

    /// The character that stands for it.
    pub fn letter(self) -> char {
        match self {
            Self::Many => '*',
            Self::One => '?',
            Self::Literal(letter) => letter,
        }
    }
}

/// A pattern from text in which `*` and `?` are wild.
pub fn pattern(text: &str) -> Vec<Glob> {
    text.chars().map(Glob::of).collect()
}

/// Whether `text` matches `pattern` as a whole.
pub fn matches(pattern: &[Glob], text: &str) -> bool {
    run(pattern, text, |wanted, found| wanted == found)
}

/// [`matches`], without regard to ASCII case.
pub fn matches_any_case(pattern: &[Glob], text: &str) -> bool {
    run(pattern, text, |wanted, found| wanted.eq_ignore_ascii_case(&found))
}

fn run(pattern: &[Glob], text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let mut at = 0;
    let mut rest = text.chars();
    let mut retry = None;
    loop {
        let mut ahead = rest.clone();
        match (pattern.get(at), ahead.next()) {
            (None, None) => return true,
            (Some(Glob::Many), _) => {
                at += 1;
                retry = Some((at, rest.clone()));
            }
            (Some(Glob::One), Some(_)) => {
                at += 1;
                rest = ahead;
            }
            (Some(Glob::Literal(wanted)), Some(found)) if same(*wanted, found) => {
                at += 1;
                rest = ahead;
            }
            _ => {
                // Let the last star take one character more; earlier stars need no second thought.
                let Some((after_star, from)) = retry.as_mut() else { return false };
                if from.next().is_none() {
                    return false;
                }
                at = *after_star;
                rest = from.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (wild, text, want) in [
            ("*", "", true),
            ("*", "arn:aws:sso:::instance/x", true),
            ("sso:*", "sso:ListInstances", true),
            ("sso:List*", "sso:DescribeInstance", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("a*bc", "abcbc", true),
            ("**", "x", true),
            ("a?c", "abc", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("*?", "", false),
            ("?*", "é", true),
            ("", "", true),
            ("", "x", false),
            ("x", "", false),
            ("A", "a", false),
        ] {
            assert_eq!(matches(&pattern(wild), text), want, "{wild} {text}");
        }
        assert!(matches_any_case(&pattern("SSO:list*"), "sso:ListInstances"));
        assert!(!matches(&[Glob::Literal('*')], "x"));
    }

    #[test]
    fn a_hostile_pattern_does_not_explode() {
        let wild = pattern(&"*a".repeat(200));
        assert!(!matches(&wild, &format!("{}b", "a".repeat(4_000))));
    }
}
