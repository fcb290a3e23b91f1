//! A value that is JSON text already and is written as it is.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::writer;

/// A value as JSON text: made by what writes JSON, so that it is some.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// The value that `value` becomes; `null` where it has no JSON form.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Self {
        match writer::to_string(value) {
            Ok(text) if text != "null" => Self(text),
            _ => Self::default(),
        }
    }

    /// Takes what was written by this crate's functions.
    pub fn written(text: String) -> Self {
        Self(text)
    }

    /// The same, in no more memory than it needs: for what is kept.
    #[must_use]
    pub fn to_keep(mut self) -> Self {
        self.0.shrink_to_fit();
        self
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "null" } else { &self.0 }
    }

    /// The same, borrowed.
    pub fn spliced(&self) -> Spliced<'_> {
        Spliced(self.as_str())
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.as_str() == "null"
    }

    /// The value that the text means.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Json {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self::of(&value)
    }
}

/// Written as it is by this crate's writer only.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.spliced().serialize(to)
    }
}

/// JSON text of somebody else's, written as it is by this crate's writer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spliced<'a>(pub &'a str);

impl Serialize for Spliced<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0.as_bytes())
    }
}
