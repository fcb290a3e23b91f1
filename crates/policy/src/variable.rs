//! Policy variables: `${aws:username}`, with a default `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`. Only documents of
//! version 2012-10-17 have them. What a variable yields is literal: a tag value of `*` is no wildcard.

use model::access::Context;

use crate::wildcard::{Glob, pattern};

/// A text with variables as a pattern; `None` when a variable has no value (the element then matches nothing).
pub(crate) fn expand(text: &str, context: &Context, enabled: bool) -> Option<Vec<Glob>> {
    if !enabled || !text.contains("${") {
        return Some(pattern(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        out.extend(pattern(before));
        let Some(end) = from.find('}') else {
            rest = from;
            break;
        };
        let name = from.get(2..end)?;
        out.extend(value(name, context)?.chars().map(Glob::Literal));
        rest = from.get(end + 1..)?;
        if rest.is_empty() {
            return Some(out);
        }
    }
    out.extend(pattern(rest));
    Some(out)
}

fn value(name: &str, context: &Context) -> Option<String> {
    if matches!(name, "*" | "?" | "$") {
        return Some(name.to_owned());
    }
    let (key, default) = match name.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
        None => (name.trim(), None),
    };
    match lookup(context, key).map(Vec::as_slice) {
        Some([one]) => Some(one.clone()),
        // A key with several values has no single meaning here.
        Some(_) => None,
        None => default.map(str::to_owned),
    }
}

/// A context key, without regard to the case of its name.
pub(crate) fn lookup<'c>(context: &'c Context, key: &str) -> Option<&'c Vec<String>> {
    context
        .get(key)
        .or_else(|| context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| values))
}
