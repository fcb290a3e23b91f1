//! JSON that a stranger wrote, as an object: within bounds of size and depth, and with no member given twice, so that no two readers of one text
//! read two things (RFC 8725 §2.6 is about such differences; RFC 7519 §4 lets a reader refuse). What the members mean is not known here.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Objects and arrays within one another at most. Providers nest four deep (an address, roles by client).
const DEPTH_MAX: usize = 16;
/// Characters of a stranger's text that an error shows.
const SHOWN_MAX: usize = 80;

/// The object that `json` is, or what is wrong with it.
pub(crate) fn object(json: &[u8], bytes_max: usize) -> Result<Map<String, Value>, String> {
    if json.len() > bytes_max {
        return Err(format!("it has {} bytes, {bytes_max} at most", json.len()));
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let read = Level(DEPTH_MAX).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("it is JSON, but no object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A stranger's text as an error may show it: in quotes, escaped, cut.
pub(crate) fn shown(text: &str) -> String {
    let mut clipped: String = text.chars().take(SHOWN_MAX).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    format!("{clipped:?}")
}

/// What a value is, for people.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Reads a value that holds at most so many levels.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        let deeper = || E::custom(format_args!("nested deeper than {DEPTH_MAX} levels"));
        self.0.checked_sub(1).map(Self).ok_or_else(deeper)
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(below)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member {} is given twice", shown(&name))));
            }
            let value = members.next_value_seed(below)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_what_any_reader_reads() {
        let text = r#"{"a":[null,true,-1,18446744073709551615,1.5,"\u00fc",{"b":{}}],"":""}"#;
        let read = object(text.as_bytes(), 1_024).unwrap();
        assert_eq!(Value::Object(read), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn what_two_readers_could_read_differently_and_what_is_too_much_is_refused() {
        let deep = |levels: usize| format!("{}{}", r#"{"a":"#.repeat(levels), "1") + &"}".repeat(levels);
        assert!(object(deep(DEPTH_MAX).as_bytes(), 1_024).is_ok());
        let arrays = format!(r#"{{"a":{}"#, "[".repeat(1_000_000));
        for (text, why) in [
            (r#"{"a":1,"a":1}"#, r#"the member "a" is given twice"#),
            (r#"{"a":1,"\u0061":2}"#, r#"the member "a" is given twice"#),
            (r#"{"x":{"a":1,"b":2,"a":3}}"#, r#"the member "a" is given twice"#),
            (&deep(DEPTH_MAX + 1), "nested deeper than 16 levels"),
            (&arrays, "nested deeper than 16 levels"),
            ("[]", "no object"),
            ("null", "no object"),
            ("{} {}", "trailing"),
            ("{\"a\":1", "EOF"),
            ("{\"a\":NaN}", "expected"),
            ("{'a':1}", "key must be a string"),
            ("{\"a\":1e999}", "out of range"),
            ("{\"a\":\"\u{1}\"}", "control character"),
            ("", "EOF"),
        ] {
            let refused = object(text.as_bytes(), 2_000_000).unwrap_err();
            assert!(refused.contains(why), "{why}: {refused}");
        }
        assert_eq!(object(b"{  }", 3).unwrap_err(), "it has 4 bytes, 3 at most");
        assert!(object(b"{\"a\":\"\xff\"}", 64).is_err());
    }

    #[test]
    fn a_text_is_shown_on_one_line_and_short() {
        assert_eq!(shown("a\nb\""), r#""a\nb\"""#);
        assert!(shown(&"ü".repeat(500)).chars().count() <= SHOWN_MAX + 3);
    }
}
