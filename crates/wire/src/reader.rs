//! An input from its bytes to its structure in one pass, beside its shape: every member is checked as it is read, and what a record may show of
//! it is written meanwhile, in CloudTrail's form: names in lower camel case in the order of the model, secrets hidden. A document may hold
//! anything (identitystore updates whole attributes of a person by one), so it is hidden as a secret is.
//!
//! What fails here says nothing of why: [`crate::check`] has the words. It must take nothing that the check refuses (`tests/it/one_pass.rs`).

use std::borrow::Cow;

use jsontext::text::quoted;
use serde::de::value::U64Deserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use crate::scan::{Scan, Unread};
use crate::shape::{Member, Shape};

/// What stands in for a secret.
const HIDDEN: &str = "\"HIDDEN_DUE_TO_SECURITY_REASONS\"";
/// Lists and structures within one another at most; no model has as many.
const DEPTH_MAX: usize = 32;
/// The same of all JSON, documents within it too: serde_json's own bound.
const JSON_DEPTH_MAX: usize = 127;
/// Entries of a map whose names are compared with one another.
const NAMES_MAX: usize = 64;

/// Where the pass is.
pub(crate) struct Reader<'b> {
    scan: Scan<'b>,
    depth: usize,
    /// Whether all was judged already: members that the shape does not have are passed over.
    judged: bool,
    shows: bool,
    shown: String,
    /// Where each member of the open structures stands in what is shown.
    spans: Vec<Span>,
}

/// A member, by its place in the model.
#[derive(Clone, Copy)]
struct Span {
    member: usize,
    from: usize,
    to: usize,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(text: &'b str, shows: bool, judged: bool) -> Self {
        let shown = if shows { String::with_capacity(text.len() + 64) } else { String::new() };
        Self { scan: Scan::new(text), depth: 0, judged, shows, shown, spans: Vec::new() }
    }

    /// The value of this shape, which is next.
    pub(crate) fn at(&mut self, shape: &'static Shape) -> At<'_, 'b> {
        At { reader: self, shape }
    }

    /// What may be shown, once all of the text was read.
    pub(crate) fn finish(mut self) -> Result<String, Unread> {
        self.scan.end()?;
        Ok(self.shown)
    }

    fn show(&mut self, text: &str) {
        if self.shows {
            self.shown.push_str(text);
        }
    }

    fn open(&mut self, byte: u8) -> Result<(), Unread> {
        self.scan.expect(byte)?;
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(Unread) } else { Ok(()) }
    }

    fn text(&mut self, shape: &'static Shape) -> Result<Cow<'b, str>, Unread> {
        let text = self.scan.string()?;
        let is_hidden = match shape {
            Shape::Text { min, max, pattern, values, secret } => {
                let length = if text.is_ascii() { text.len() } else { text.chars().count() };
                let fits = within(length, (*min, *max))
                    && (values.is_empty() || values.contains(&&*text))
                    && pattern.as_ref().is_none_or(|pattern| pattern.matches(&text));
                // Only by an escape can it be here.
                if !fits || matches!(&text, Cow::Owned(text) if text.contains('\0')) {
                    return Err(Unread);
                }
                *secret
            }
            // A record is no place for bytes.
            Shape::Blob { max } if within(text.len() / 4 * 3, (None, *max)) => true,
            _ => return Err(Unread),
        };
        if self.shows && is_hidden {
            self.shown.push_str(HIDDEN);
        } else if self.shows {
            quoted(&mut self.shown, &text);
        }
        Ok(text)
    }

    fn integer(&mut self, shape: &'static Shape) -> Result<i64, Unread> {
        let Shape::Integer { min, max } = shape else { return Err(Unread) };
        let number = self.scan.integer()?;
        if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
            return Err(Unread);
        }
        if self.shows {
            jsontext::text::integer(&mut self.shown, number);
        }
        Ok(number)
    }

    fn boolean(&mut self) -> Result<bool, Unread> {
        let flag = self.scan.boolean()?;
        self.show(if flag { "true" } else { "false" });
        Ok(flag)
    }

    fn float(&mut self) -> Result<f64, Unread> {
        let number = serde_json::from_str::<Value>(self.value()?).map_err(|_| Unread)?;
        self.show_value(&number)?;
        number.as_f64().ok_or(Unread)
    }

    fn value(&mut self) -> Result<&'b str, Unread> {
        self.scan.value(JSON_DEPTH_MAX - self.depth)
    }

    fn show_value(&mut self, value: &Value) -> Result<(), Unread> {
        if self.shows { jsontext::append(&mut self.shown, value).map_err(|_| Unread) } else { Ok(()) }
    }

    /// Text that holds a value of its own kind: any JSON, or a time.
    fn apart(&mut self, shape: &'static Shape) -> Result<&'b str, Unread> {
        let text = self.value()?;
        match shape {
            Shape::Document => self.show(HIDDEN),
            Shape::Timestamp => self.show_value(&serde_json::from_str(text).map_err(|_| Unread)?)?,
            _ => return Err(Unread),
        }
        Ok(text)
    }

    /// Passes `null`, if it is next: as good as absent.
    fn absent(&mut self, shape: &'static Shape) -> bool {
        let is_absent = self.scan.null();
        if is_absent {
            self.show(match shape {
                Shape::Text { secret: true, .. } | Shape::Document | Shape::Blob { .. } => HIDDEN,
                _ => "null",
            });
        }
        is_absent
    }

    /// Ends a structure: brings what is shown of its members into the order of the model.
    fn close(&mut self, base: usize) {
        let own = self.spans.get(base..).unwrap_or_default();
        if !own.is_sorted_by_key(|span| span.member) {
            let own = own.to_vec();
            self.order(own);
        }
        self.spans.truncate(base);
        self.show("}");
        self.depth -= 1;
    }

    fn order(&mut self, mut spans: Vec<Span>) {
        let Some(begin) = spans.first().map(|span| span.from) else { return };
        let members = self.shown.split_off(begin);
        spans.sort_by_key(|span| span.member);
        for (at, span) in spans.iter().enumerate() {
            self.show(if at > 0 { "," } else { "" });
            let member = members.get(span.from - begin..span.to - begin);
            self.show(member.unwrap_or_default());
        }
    }
}

fn within(length: usize, (min, max): (Option<i64>, Option<i64>)) -> bool {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max)
}

/// A value to come, and what it may be.
pub(crate) struct At<'r, 'b> {
    reader: &'r mut Reader<'b>,
    shape: &'static Shape,
}

impl<'b> Deserializer<'b> for At<'_, 'b> {
    type Error = Unread;

    fn deserialize_any<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        let text = self.reader.apart(self.shape)?;
        let mut from = serde_json::Deserializer::from_str(text);
        let value = from.deserialize_any(visitor).map_err(|_| Unread)?;
        from.end().map_err(|_| Unread)?;
        Ok(value)
    }

    fn deserialize_option<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        if self.reader.absent(self.shape) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_string<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_string(self.reader.text(self.shape)?.into_owned())
    }

    fn deserialize_i64<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_i64(self.reader.integer(self.shape)?)
    }

    fn deserialize_f64<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_f64(self.reader.float()?)
    }

    fn deserialize_bool<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_bool(self.reader.boolean()?)
    }

    fn deserialize_seq<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        let Shape::List { min, max, item } = self.shape else { return Err(Unread) };
        self.reader.open(b'[')?;
        self.reader.show("[");
        visitor.visit_seq(Items { reader: self.reader, item, bounds: (*min, *max), count: 0 })
    }

    fn deserialize_map<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Unread> {
        let Shape::Map { min, max, key, value } = self.shape else { return Err(Unread) };
        self.reader.open(b'{')?;
        self.reader.show("{");
        let bounds = (*min, *max);
        visitor.visit_map(Entries { reader: self.reader, key, value, bounds, names: Vec::new() })
    }

    fn deserialize_struct<V: Visitor<'b>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unread> {
        let Shape::Structure { members, union } = self.shape else { return Err(Unread) };
        self.reader.open(b'{')?;
        self.reader.show("{");
        let base = self.reader.spans.len();
        visitor.visit_map(Members {
            reader: self.reader,
            members,
            union: *union,
            base,
            next: 0,
            seen: 0,
            given: 0,
        })
    }

    forward_to_deserialize_any! {
        <V: Visitor<'b>> i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 char str bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct enum
        identifier ignored_any
    }
}

struct Items<'r, 'b> {
    reader: &'r mut Reader<'b>,
    item: &'static Shape,
    bounds: (Option<i64>, Option<i64>),
    count: usize,
}

impl<'b> SeqAccess<'b> for Items<'_, 'b> {
    type Error = Unread;

    fn next_element_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Unread> {
        if self.reader.scan.take(b']') {
            self.reader.show("]");
            self.reader.depth -= 1;
            return if within(self.count, self.bounds) { Ok(None) } else { Err(Unread) };
        }
        if self.count > 0 {
            self.reader.scan.expect(b',')?;
            self.reader.show(",");
        }
        self.count += 1;
        seed.deserialize(self.reader.at(self.item)).map(Some)
    }
}

struct Entries<'r, 'b> {
    reader: &'r mut Reader<'b>,
    key: &'static Shape,
    value: &'static Shape,
    bounds: (Option<i64>, Option<i64>),
    names: Vec<String>,
}

impl<'b> MapAccess<'b> for Entries<'_, 'b> {
    type Error = Unread;

    fn next_key_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Unread> {
        if self.reader.scan.take(b'}') {
            self.reader.show("}");
            self.reader.depth -= 1;
            return if within(self.names.len(), self.bounds) { Ok(None) } else { Err(Unread) };
        }
        if !self.names.is_empty() {
            self.reader.scan.expect(b',')?;
            self.reader.show(",");
        }
        // Names of a map are shown, whatever their shape says of texts.
        let shows = std::mem::take(&mut self.reader.shows);
        let name = self.reader.text(self.key)?.into_owned();
        self.reader.shows = shows;
        // What was judged already holds no name twice.
        let is_many = self.names.len() == NAMES_MAX;
        if !self.reader.judged && (is_many || self.names.contains(&name)) {
            return Err(Unread);
        }
        if shows {
            quoted(&mut self.reader.shown, &name);
            self.reader.shown.push(':');
        }
        let key = seed.deserialize(IntoDeserializer::<Unread>::into_deserializer(name.as_str()))?;
        self.names.push(name);
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<S::Value, Unread> {
        self.reader.scan.expect(b':')?;
        seed.deserialize(self.reader.at(self.value))
    }
}

struct Members<'r, 'b> {
    reader: &'r mut Reader<'b>,
    members: &'static [Member],
    union: bool,
    /// Where its spans begin.
    base: usize,
    /// The member that comes next if they come in the model's order.
    next: usize,
    /// A bit for each member that was there.
    seen: u64,
    /// How many were there and not `null`.
    given: usize,
}

impl Members<'_, '_> {
    /// The next member that the shape has; `None` at the end.
    fn next_member(&mut self) -> Result<Option<usize>, Unread> {
        loop {
            if self.reader.scan.take(b'}') {
                self.reader.close(self.base);
                return if self.union && self.given != 1 { Err(Unread) } else { Ok(None) };
            }
            if self.next > 0 {
                self.reader.scan.expect(b',')?;
            }
            let name = self.reader.scan.name()?;
            self.reader.scan.expect(b':')?;
            if let Some(found) = self.find(name) {
                return Ok(Some(found));
            }
            if !self.reader.judged {
                return Err(Unread);
            }
            self.next = self.next.max(1);
            serde_json::from_str::<serde::de::IgnoredAny>(self.reader.value()?).map_err(|_| Unread)?;
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        let is_it = |at: &usize| self.members.get(*at).is_some_and(|member| member.name == name);
        (self.next..self.members.len()).chain(0..self.next.min(self.members.len())).find(is_it)
    }
}

impl<'b> MapAccess<'b> for Members<'_, 'b> {
    type Error = Unread;

    fn next_key_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Unread> {
        let Some(at) = self.next_member()? else { return Ok(None) };
        let bit = 1_u64.checked_shl(u32::try_from(at).unwrap_or(u32::MAX)).ok_or(Unread)?;
        if self.seen & bit != 0 {
            return Err(Unread);
        }
        self.seen |= bit;
        self.next = at + 1;
        // The structure's fields stand in the order of the shape's members.
        let place: U64Deserializer<Unread> = (at as u64).into_deserializer();
        seed.deserialize(place).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<S::Value, Unread> {
        let at = self.next.checked_sub(1).ok_or(Unread)?;
        let member = self.members.get(at).ok_or(Unread)?;
        let is_null = self.reader.scan.peek() == Some(b'n');
        if is_null && member.required {
            return Err(Unread);
        }
        self.given += usize::from(!is_null);
        let shows = self.reader.shows;
        let is_first = self.reader.spans.len() == self.base;
        if shows {
            if !is_first {
                self.reader.shown.push(',');
            }
            let from = self.reader.shown.len();
            self.reader.spans.push(Span { member: at, from, to: from });
            show_name(&mut self.reader.shown, member.name);
        }
        let own = self.reader.spans.len();
        let value = seed.deserialize(self.reader.at(member.shape))?;
        let to = self.reader.shown.len();
        if shows && let Some(span) = own.checked_sub(1).and_then(|own| self.reader.spans.get_mut(own)) {
            span.to = to;
        }
        Ok(value)
    }
}

/// `UserName` → `"userName":`. The models' names are ASCII.
fn show_name(shown: &mut String, name: &str) {
    let mut letters = name.chars();
    shown.push('"');
    shown.extend(letters.next().map(|first| first.to_ascii_lowercase()));
    shown.push_str(letters.as_str());
    shown.push_str("\":");
}
