//! Texts and numbers as JSON writes them, the same bytes as serde_json's. Nearly no text needs an escape, so that is asked of many bytes at
//! once and the text copied whole.

/// Bytes looked at together: a length that the compiler turns into vector instructions.
const CHUNK: usize = 32;

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Whether one of these bytes needs an escape, without a branch between them.
fn one_does<const N: usize>(bytes: &[u8; N]) -> bool {
    bytes.iter().fold(false, |one, byte| one | needs_escape(*byte))
}

/// How many bytes stand in JSON as they are, up to the first that does not.
pub fn plain_length(text: &[u8]) -> usize {
    let (chunks, rest) = text.as_chunks::<CHUNK>();
    let whole = chunks.iter().take_while(|chunk| !one_does(chunk)).count();
    let rest = if whole == chunks.len() { rest } else { text.get(whole * CHUNK..).unwrap_or_default() };
    let (parts, _) = rest.as_chunks::<8>();
    let more = whole * CHUNK + parts.iter().take_while(|part| !one_does(part)).count() * 8;
    let last = text.get(more..).unwrap_or_default();
    more + last.iter().take_while(|byte| !needs_escape(**byte)).count()
}

/// Whether the text stands in JSON as it is. The last bytes are looked at together too, some of them twice.
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    if let Some(last) = bytes.last_chunk::<CHUNK>() {
        return !one_does(last) && !bytes.as_chunks::<CHUNK>().0.iter().any(one_does);
    }
    if let Some(last) = bytes.last_chunk::<8>() {
        return !one_does(last) && !bytes.as_chunks::<8>().0.iter().any(one_does);
    }
    !bytes.iter().copied().any(needs_escape)
}

/// Appends a text in quotation marks.
pub fn quoted(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    escaped(out, text);
    out.push('"');
}

/// Appends a text without quotation marks, escaped where it must be.
pub fn escaped(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    let mut rest = text;
    loop {
        // Whatever needs an escape is a character of one byte.
        let (plain, after) = rest.split_at(plain_length(rest.as_bytes()));
        out.push_str(plain);
        let mut letters = after.chars();
        let Some(letter) = letters.next() else { return };
        escape(out, letter);
        rest = letters.as_str();
    }
}

fn escape(out: &mut String, letter: char) {
    match letter {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        _ => {
            out.push_str(if letter < '\u{10}' { "\\u000" } else { "\\u001" });
            out.push(char::from_digit(u32::from(letter) & 0x0f, 16).unwrap_or('0'));
        }
    }
}

/// Adds the members of an object, which is JSON text, to the object that the text ends with.
pub fn extend(out: &mut String, object: &str) {
    let members = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    if members.is_empty() || !out.ends_with('}') {
        return;
    }
    out.pop();
    if !out.ends_with('{') {
        out.push(',');
    }
    out.push_str(members);
    out.push('}');
}

/// Appends a whole number.
pub fn integer(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    natural(out, value.unsigned_abs());
}

/// Appends a whole number that is not negative.
pub fn natural(out: &mut String, value: u64) {
    // The greatest has twenty digits.
    let mut text = [b'0'; 20];
    let length = digits(&mut text, value);
    push_digits(out, text.get(text.len() - length..));
}

/// Writes the digits of `value` at the end of `text`; how many they are.
fn digits(text: &mut [u8; 20], mut value: u64) -> usize {
    let (pairs, _) = text.as_chunks_mut::<2>();
    let mut length = 0;
    // Two at a time: a division is what is dear here.
    for pair in pairs.iter_mut().rev() {
        let two = (value % 100) as u8;
        *pair = [b'0' + two / 10, b'0' + two % 10];
        value /= 100;
        length += 2;
        if value == 0 {
            return if two < 10 { length - 1 } else { length };
        }
    }
    length
}

fn push_digits(out: &mut String, digits: Option<&[u8]>) {
    out.push_str(digits.and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default());
}

/// The greatest number of thousandths whose decimals are the shortest that mean the number: fifteen digits.
const THOUSANDTHS_MAX: f64 = 1e15;

/// Appends a number with a fraction; `null` for what is no number, as serde_json has it. Times, which end with the millisecond, are
/// written by their digits.
pub fn float(out: &mut String, value: f64) {
    // What is small may be shorter with an exponent.
    if (1.0..THOUSANDTHS_MAX / 1_000.0).contains(&value) && push_thousandths(out, value) {
        return;
    }
    out.push_str(&serde_json::to_string(&value).unwrap_or_default());
}

/// Appends a number within those bounds, unless it has more than three decimals.
fn push_thousandths(out: &mut String, value: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the caller's bounds")]
    let thousandths = (value * 1_000.0 + 0.5) as u64;
    #[expect(clippy::cast_precision_loss, reason = "fifteen digits stay below 2^53")]
    #[expect(clippy::float_cmp, reason = "only what comes back exactly may be written by its digits")]
    let comes_back = thousandths as f64 / 1_000.0 == value;
    if comes_back {
        put_thousandths(out, thousandths);
    }
    comes_back
}

/// Appends a number of thousandths as a number with a fraction, the same as [`float`] has it.
pub fn thousandths(out: &mut String, value: i64) {
    match u64::try_from(value) {
        Ok(value @ 1_000..1_000_000_000_000_000) => put_thousandths(out, value),
        #[expect(clippy::cast_precision_loss, reason = "no time is so far away")]
        _ => float(out, value as f64 / 1_000.0),
    }
}

fn put_thousandths(out: &mut String, thousandths: u64) {
    // `digits` writes what stands before the point one place too far to the right, and it is moved.
    let mut text = [b'0'; 20];
    let length = digits(&mut text, thousandths);
    let (from, point) = (text.len() - length, text.len() - 3);
    text.copy_within(from..point, from - 1);
    if let Some(place) = text.get_mut(point - 1) {
        *place = b'.';
    }
    let more = text.iter().rev().take(2).take_while(|digit| **digit == b'0').count();
    push_digits(out, text.get(from - 1..text.len() - more));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(with: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        with(&mut out);
        out
    }

    proptest! {
        #[test]
        fn texts_are_escaped_as_serde_json_does(text in "[ -~\u{0}-\u{1f}é€😀]{0,80}", plain in "[ -!#-\\[\\]-~é]{0,90}") {
            for text in [text.clone(), plain.clone(), format!("{plain}{text}")] {
                prop_assert_eq!(written(|out| quoted(out, &text)), serde_json::to_string(&text).unwrap());
                let is_same = serde_json::to_string(&text).unwrap().len() == text.len() + 2;
                prop_assert_eq!(is_plain(&text), is_same);
                let slowly = text.bytes().take_while(|byte| !needs_escape(*byte)).count();
                prop_assert_eq!(plain_length(text.as_bytes()), slowly);
            }
        }

        #[test]
        fn numbers_are_written_as_serde_json_does(value: i64, large: u64, millis in -10_000_000_000_i64..4_000_000_000_000, any: f64) {
            prop_assert_eq!(written(|out| integer(out, value)), value.to_string());
            prop_assert_eq!(written(|out| natural(out, large)), large.to_string());
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a time")]
            let seconds = millis as f64 / 1_000.0;
            prop_assert_eq!(written(|out| thousandths(out, millis)), written(|out| float(out, seconds)));
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a time")]
            for float_value in [seconds, any, millis as f64, (millis % 2_000) as f64 / 1_000.0] {
                let expected = serde_json::to_string(&float_value).unwrap();
                prop_assert_eq!(written(|out| float(out, float_value)), expected);
            }
        }
    }

    #[test]
    fn an_object_takes_the_members_of_another() {
        for (one, other, both) in [
            ("{}", "{}", "{}"),
            ("{}", r#"{"b":2}"#, r#"{"b":2}"#),
            (r#"{"a":1}"#, "{}", r#"{"a":1}"#),
            (r#"{"a":1}"#, r#"{"b":2}"#, r#"{"a":1,"b":2}"#),
            ("1", r#"{"b":2}"#, "1"),
        ] {
            let mut out = one.to_owned();
            extend(&mut out, other);
            assert_eq!(out, both);
        }
    }

    #[test]
    fn the_ends_of_numbers_are_written_too() {
        for value in [i64::MIN, i64::MAX, 0, -1, 9, 10] {
            assert_eq!(written(|out| integer(out, value)), value.to_string());
        }
        for value in [
            0.0,
            -0.0,
            1.0,
            0.001,
            0.5,
            1e15,
            1e12 - 0.001,
            1e300,
            f64::NAN,
            f64::INFINITY,
            1_650_989_104.461,
        ] {
            assert_eq!(written(|out| float(out, value)), serde_json::to_string(&value).unwrap(), "{value}");
        }
    }
}
