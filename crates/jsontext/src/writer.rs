//! What writes any `Serialize` as compact JSON, the same bytes as serde_json's, into a text that is there already. Names of members are taken
//! to need no escapes: they are written in the code. Bytes are taken for JSON that is written already ([`crate::json::Spliced`]): nothing else is
//! serialised as bytes.

use std::fmt::{self, Write as _};

use serde::{Serialize, ser};

use crate::text;

/// Why a value has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable(String);

impl fmt::Display for Unwritable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

/// Bytes that nearly every answer and record has room in: growing on the way would copy it again and again.
const ROOM: usize = 1_536;

/// `value` as JSON.
pub fn to_string(value: &(impl Serialize + ?Sized)) -> Result<String, Unwritable> {
    let mut out = String::with_capacity(ROOM);
    append(&mut out, value)?;
    Ok(out)
}

/// Appends `value` as JSON.
pub fn append(out: &mut String, value: &(impl Serialize + ?Sized)) -> Result<(), Unwritable> {
    value.serialize(Writer(out))
}

struct Writer<'o>(&'o mut String);

/// The items of a list, the members of an object.
struct Items<'o> {
    out: &'o mut String,
    /// Whether one stands before the next.
    after: bool,
    end: &'static str,
}

impl<'o> Items<'o> {
    fn new(out: &'o mut String, begin: &str, end: &'static str) -> Self {
        out.push_str(begin);
        Self { out, after: false, end }
    }

    fn separate(&mut self) {
        if self.after {
            self.out.push(',');
        }
        self.after = true;
    }

    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Unwritable> {
        self.separate();
        value.serialize(Writer(self.out))
    }

    fn name(&mut self, name: &'static str) {
        debug_assert!(text::is_plain(name), "{name} needs escapes");
        self.separate();
        self.out.reserve(name.len() + 32);
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn member(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Result<(), Unwritable> {
        self.name(name);
        value.serialize(Writer(self.out))
    }

    fn finish(self) {
        self.out.push_str(self.end);
    }
}

/// Writes what is displayed into a text in quotation marks.
struct Escaping<'o>(&'o mut String);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        text::escaped(self.0, part);
        Ok(())
    }
}

impl<'o> ser::Serializer for Writer<'o> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Items<'o>;
    type SerializeTuple = Items<'o>;
    type SerializeTupleStruct = Items<'o>;
    type SerializeTupleVariant = Items<'o>;
    type SerializeMap = Items<'o>;
    type SerializeStruct = Items<'o>;
    type SerializeStructVariant = Items<'o>;

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.0.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unwritable> {
        text::integer(self.0, value);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unwritable> {
        text::natural(self.0, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unwritable> {
        self.0.push_str(&serde_json::to_string(&value).map_err(ser::Error::custom)?);
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        text::float(self.0, value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        text::quoted(self.0, value);
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        self.0.push('"');
        write!(Escaping(self.0), "{value}").map_err(ser::Error::custom)?;
        self.0.push('"');
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unwritable> {
        self.0.push_str(std::str::from_utf8(value).map_err(ser::Error::custom)?);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        let mut items = Items::new(self.0, "{", "}");
        items.member(variant, value)?;
        items.finish();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'o>, Unwritable> {
        Ok(Items::new(self.0, "[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'o>, Unwritable> {
        Ok(Items::new(self.0, "[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'o>, Unwritable> {
        Ok(Items::new(self.0, "[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'o>, Unwritable> {
        let mut outer = Items::new(self.0, "{", "");
        outer.name(variant);
        Ok(Items::new(outer.out, "[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items<'o>, Unwritable> {
        Ok(Items::new(self.0, "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items<'o>, Unwritable> {
        Ok(Items::new(self.0, "{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'o>, Unwritable> {
        let mut outer = Items::new(self.0, "{", "");
        outer.name(variant);
        Ok(Items::new(outer.out, "{", "}}"))
    }
}

macro_rules! of_items {
    ($($as:ident::$method:ident),+) => {$(
        impl ser::$as for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.finish();
                Ok(())
            }
        }
    )+};
}

of_items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! of_members {
    ($($as:ident),+) => {$(
        impl ser::$as for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Unwritable> {
                self.member(name, value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.finish();
                Ok(())
            }
        }
    )+};
}

of_members!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.separate();
        let from = self.out.len();
        key.serialize(Writer(self.out))?;
        if self.out.as_bytes().get(from) != Some(&b'"') {
            return Err(ser::Error::custom("a key must be a text"));
        }
        self.out.push(':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Result<(), Unwritable> {
        self.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::json::{Json, Spliced};

    #[derive(Serialize)]
    struct Everything<'a> {
        #[serde(rename = "UserName")]
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
        nothing: Option<i8>,
        flag: bool,
        list: Vec<(i64, f32)>,
        map: BTreeMap<String, serde_json::Value>,
        letter: char,
        kinds: [Kind; 4],
        unit: (),
    }

    #[derive(Serialize)]
    enum Kind {
        Unit,
        One(u64),
        Two(i16, f64),
        Named { at: i64 },
    }

    #[test]
    fn what_is_written_is_what_serde_json_writes() {
        let value = Everything {
            text: "a\"b\u{1}",
            absent: None,
            nothing: None,
            flag: true,
            list: vec![(1, 0.1), (-2, 1e20)],
            map: [("k\n".to_owned(), json!({"a": [1.5, null, {"b": "c"}], "d": {}}))].into(),
            letter: 'é',
            kinds: [Kind::Unit, Kind::One(7), Kind::Two(-1, 2.0), Kind::Named { at: 3 }],
            unit: (),
        };
        assert_eq!(to_string(&value).unwrap(), serde_json::to_string(&value).unwrap());
    }

    #[test]
    fn what_is_json_already_is_written_as_it_is() {
        let written = Json::from(json!({"a": 1}));
        assert_eq!(to_string(&[&written, &Json::default()]).unwrap(), r#"[{"a":1},null]"#);
        assert_eq!(to_string(&(Spliced("[1, 2]"), 3)).unwrap(), "[[1, 2],3]");
        assert!(Json::default().is_null() && Json::from(json!(null)).is_null() && !written.is_null());
        assert_eq!(written.value(), json!({"a": 1}));
    }

    #[test]
    fn what_is_displayed_is_escaped_part_by_part() {
        struct Shown;
        impl Serialize for Shown {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(&format_args!("{}\"{}", "a", 1))
            }
        }
        assert_eq!(to_string(&Shown).unwrap(), r#""a\"1""#);
    }

    #[test]
    fn keys_that_are_no_texts_are_refused() {
        assert!(to_string(&BTreeMap::from([(1, 2)])).is_err());
    }
}
