//! `*` and `?` over text, in time linear in the text for each star: a pattern cannot be made to explode.

/// Whether `text` matches `pattern` as a whole. Characters that came out of a policy variable are [`literal`].
pub fn matches(pattern: &[Glob], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut seen) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while seen < text.len() {
        match (pattern.get(at), text.get(seen)) {
            (Some(Glob::Many), _) => {
                retry = Some((at, seen));
                at += 1;
            }
            (Some(Glob::One), _) => {
                at += 1;
                seen += 1;
            }
            (Some(Glob::Literal(wanted)), Some(found)) if wanted == found => {
                at += 1;
                seen += 1;
            }
            _ => match retry {
                // Let the last star take one character more; earlier stars need no second thought.
                Some((star, from)) => {
                    at = star + 1;
                    seen = from + 1;
                    retry = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|rest| *rest == Glob::Many)
}

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

/// A pattern from text in which `*` and `?` are wild.
pub fn pattern(text: &str) -> Vec<Glob> {
    text.chars()
        .map(|letter| match letter {
            '*' => Glob::Many,
            '?' => Glob::One,
            _ => Glob::Literal(letter),
        })
        .collect()
}

/// A pattern in which nothing is wild.
pub fn literal(text: &str) -> Vec<Glob> {
    text.chars().map(Glob::Literal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (wild, text, want) in [
            ("*", "", true),
            ("sso:*", "sso:ListInstances", true),
            ("sso:List*", "sso:DescribeInstance", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(&pattern(wild), text), want, "{wild} {text}");
        }
        assert!(!matches(&literal("*"), "x"));
    }

    #[test]
    fn a_hostile_pattern_does_not_explode() {
        let wild = pattern(&"*a".repeat(200));
        assert!(!matches(&wild, &format!("{}b", "a".repeat(4_000))));
    }
}
