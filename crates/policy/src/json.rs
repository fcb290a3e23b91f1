//! JSON read strictly: an object that names an element twice is an error. `serde_json` alone keeps the last one, and so would read
//! another policy than the person who looked at the first. Knows nothing of policies.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is no JSON, and where it is none.
#[derive(Debug)]
pub(crate) struct NotJson {
    /// What is wrong.
    pub(crate) why: String,
    /// The line, from 1; 0: not known.
    line: usize,
    /// The last byte of the line that was read, from 1; 0: none of it.
    column: usize,
}

impl NotJson {
    /// The character at which reading ended.
    pub(crate) fn at(&self, text: &str) -> Range<usize> {
        let before: usize = text.split_inclusive('\n').take(self.line.saturating_sub(1)).map(str::len).sum();
        let mut from = (before + self.column.saturating_sub(1)).min(text.len());
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        let letter = text.get(from..).and_then(|rest| rest.chars().next());
        from..from + letter.map_or(0, char::len_utf8)
    }
}

/// Reads text; the error says what is wrong and where.
pub(crate) fn read(text: &str) -> Result<Value, NotJson> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| {
        let whole = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let why = whole.strip_suffix(&place).unwrap_or(&whole).to_owned();
        NotJson { why, line: error.line(), column: error.column() }
    })
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(one)) = list.next_element()? {
            all.push(one);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{key} stands twice in one object")));
            }
            let Strict(value) = object.next_value()?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_stands_once() {
        assert_eq!(
            read(r#"{"a":[1,-1,1.5,true,null,"x",{"b":{}}]}"#).unwrap(),
            json!({"a":[1,-1,1.5,true,null,"x",{"b":{}}]})
        );
        assert!(read(r#"{"a":{"b":1,"b":2}}"#).unwrap_err().why.contains("b stands twice"));
        assert!(read("{} x").is_err());
        assert!(read(&"[".repeat(10_000)).is_err(), "depth is bounded");
    }
}
