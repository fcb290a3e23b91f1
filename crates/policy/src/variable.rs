//! Policy variables: `${aws:username}`, with a default `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`. Only documents of
//! version 2012-10-17 have them. What a variable yields is literal: a tag value of `*` is no wildcard. IAM user guide, "IAM policy
//! elements: Variables and tags". Does not know which element the text stands in.

use std::borrow::Cow;

use model::access::Context;

use crate::wildcard::{Glob, pattern};

/// A text of a policy, read once: wildcards, and variables where the document has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
    parts: Parts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Parts {
    Fixed(Vec<Glob>),
    Open(Vec<Part>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Vec<Glob>),
    Variable { key: String, default: Option<String> },
}

impl Template {
    /// Reads a text. The error says what is wrong with a variable in it.
    pub fn read(text: &str, variables: bool) -> Result<Self, String> {
        let parts = if variables && text.contains("${") { parts(text)? } else { Parts::Fixed(pattern(text)) };
        Ok(Self { source: text.to_owned(), parts })
    }

    /// The text as it stands in the policy.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the text has a variable that depends on the request.
    pub fn is_open(&self) -> bool {
        matches!(self.parts, Parts::Open(_))
    }

    /// The keys of its variables that have no default.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let parts = match &self.parts {
            Parts::Fixed(_) => &[][..],
            Parts::Open(parts) => parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Variable { key, default: None } => Some(key.as_str()),
            Part::Variable { .. } | Part::Text(_) => None,
        })
    }

    /// The text with its variables replaced; `None` when one has no value in this request, or several.
    pub fn expand(&self, context: &Context) -> Option<Cow<'_, [Glob]>> {
        let parts = match &self.parts {
            Parts::Fixed(globs) => return Some(Cow::Borrowed(globs)),
            Parts::Open(parts) => parts,
        };
        let mut out = Vec::with_capacity(self.source.len());
        for part in parts {
            match part {
                Part::Text(globs) => out.extend(globs),
                Part::Variable { key, default } => {
                    let value = match lookup(context, key).map(Vec::as_slice) {
                        Some([one]) => one,
                        Some([_, ..]) => return None,
                        Some([]) | None => default.as_ref()?,
                    };
                    out.extend(value.chars().map(Glob::Literal));
                }
            }
        }
        Some(Cow::Owned(out))
    }
}

fn parts(text: &str) -> Result<Parts, String> {
    let mut parts = Vec::new();
    let mut fixed = Vec::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once("${") {
        let (name, after) =
            from.split_once('}').ok_or_else(|| format!("{text:?} has a variable without an end"))?;
        fixed.extend(pattern(before));
        rest = after;
        match name {
            "*" | "?" | "$" => fixed.extend(name.chars().map(Glob::Literal)),
            _ => {
                parts.push(Part::Text(std::mem::take(&mut fixed)));
                parts.push(variable(name).ok_or_else(|| format!("{text:?}: {name:?} is not a variable"))?);
            }
        }
    }
    fixed.extend(pattern(rest));
    if parts.is_empty() {
        return Ok(Parts::Fixed(fixed));
    }
    parts.push(Part::Text(fixed));
    Ok(Parts::Open(parts))
}

fn variable(name: &str) -> Option<Part> {
    let (key, default) = match name.split_once(',') {
        None => (name, None),
        Some((key, default)) => {
            let quoted = default.trim().strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))?;
            (key, Some(quoted.to_owned()))
        }
    };
    let key = key.trim();
    let sane = !key.is_empty() && !key.contains(['$', '{', '*', '?', '\'']);
    sane.then(|| Part::Variable { key: key.to_owned(), default })
}

/// A context key, without regard to the case of its name.
pub(crate) fn lookup<'c>(context: &'c Context, key: &str) -> Option<&'c Vec<String>> {
    context
        .get(key)
        .or_else(|| context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str, variables: bool) -> Option<String> {
        let context = Context::from([
            ("aws:username".to_owned(), vec!["jane".to_owned()]),
            ("aws:PrincipalTag/wild".to_owned(), vec!["*".to_owned()]),
            ("aws:TagKeys".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
        ]);
        let template = Template::read(text, variables).unwrap();
        let globs = template.expand(&context)?;
        Some(
            globs
                .iter()
                .map(|glob| match glob {
                    Glob::Many => "<many>".to_owned(),
                    Glob::One => "<one>".to_owned(),
                    Glob::Literal(letter) => letter.to_string(),
                })
                .collect(),
        )
    }

    #[test]
    fn what_a_variable_becomes() {
        for (text, want) in [
            ("home/${aws:username}/*", Some("home/jane/<many>")),
            ("${AWS:UserName}", Some("jane")),
            ("${aws:PrincipalTag/wild}", Some("*")),
            ("${*}${?}${$}{x}?", Some("*?${x}<one>")),
            ("${aws:PrincipalTag/team, 'company-wide'}", Some("company-wide")),
            ("${aws:PrincipalTag/team,''}-", Some("-")),
            ("${aws:username, 'nobody'}", Some("jane")),
            ("${aws:PrincipalTag/team}", None),
            ("${aws:TagKeys}", None),
            ("${aws:TagKeys, 'x'}", None),
        ] {
            assert_eq!(expand(text, true).as_deref(), want, "{text}");
        }
        assert_eq!(expand("${aws:username}", false).as_deref(), Some("${aws:username}"));
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        for text in ["${aws:username", "${}", "${ }", "${a, b}", "${a, 'b}", "${a${b}}", "${a*}"] {
            assert!(Template::read(text, true).is_err(), "{text}");
            assert!(Template::read(text, false).is_ok(), "{text}");
        }
    }
}
