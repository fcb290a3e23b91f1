//! Texts taken apart at a mark of one byte. The standard library looks for any character; what a request says of its signature is short, and
//! looked through more than once.

/// The parts of `text` between marks, which are ASCII.
pub(crate) fn split(text: &str, mark: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let (part, after) =
            split_once(whole, mark).map_or((whole, None), |(part, after)| (part, Some(after)));
        rest = after;
        Some(part)
    })
}

/// What is before the first mark, which is ASCII, and what is after it; `None` without one.
pub(crate) fn split_once(text: &str, mark: u8) -> Option<(&str, &str)> {
    debug_assert!(mark.is_ascii());
    let at = memchr::memchr(mark, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart_as_the_standard_library_does() {
        for text in ["", ";", "a", "a;b", ";a;;b;", "é;ü", "host;x-amz-date"] {
            assert!(split(text, b';').eq(text.split(';')), "{text}");
            assert_eq!(split_once(text, b';'), text.split_once(';'), "{text}");
        }
    }
}
