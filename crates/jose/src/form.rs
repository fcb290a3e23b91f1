//! `application/x-www-form-urlencoded`, both ways: queries and bodies of OAuth (RFC 6749 appendix B). Which names mean what is not known here.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::secret::Secret;

/// What is written as it is: the unreserved characters of RFC 3986. A space becomes `%20`, which every reader of a query, a body or a Basic header
/// reads as a space; not every one reads `+` so.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A form of these fields. It is made in one place, so that what is secret in it is nowhere else.
pub(crate) fn written(fields: &[(&str, &str)]) -> Secret {
    let pairs = fields.iter().enumerate().flat_map(|(position, (name, value))| {
        let joint = if position == 0 { "" } else { "&" };
        [(joint, *name), ("=", *value)]
    });
    joined(pairs)
}

/// Texts, each behind what joins it to those before, which alone is written as it is.
pub(crate) fn joined<'t>(texts: impl Iterator<Item = (&'t str, &'t str)> + Clone) -> Secret {
    let longest = texts.clone().map(|(joint, text)| joint.len() + 3 * text.len()).sum();
    let mut written = String::with_capacity(longest);
    for (joint, text) in texts {
        written.push_str(joint);
        written.extend(utf8_percent_encode(text, ESCAPED));
    }
    Secret::new(written)
}

/// The fields of a form in their order. `None` for one that is no text in UTF-8.
pub(crate) fn fields(text: &str) -> impl Iterator<Item = Option<(String, String)>> {
    text.split('&').filter(|field| !field.is_empty()).map(|field| {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        Some((unescaped(name)?, unescaped(value)?))
    })
}

fn unescaped(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let all = [("a", "b c"), ("ü&=", "%+:/?#~-._*"), ("", ""), ("x", "\u{0}\n")];
        let text = written(&all).expose().to_owned();
        assert!(text.starts_with("a=b%20c&%C3%BC%26%3D=%25%2B%3A%2F%3F%23~-._%2A&=&x=%00%0A"), "{text}");
        let read: Vec<_> = fields(&text).map(Option::unwrap).collect();
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, all);
    }

    #[test]
    fn a_plus_is_a_space_and_what_is_no_text_is_none() {
        let read: Vec<_> = fields("a+b=c+d&&e&f=%ff&g=%zz").collect();
        let some = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(read, [some("a b", "c d"), some("e", ""), None, some("g", "%zz")]);
    }
}
