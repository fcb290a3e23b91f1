//! What a piece of the trail is: a head that names the digest of the piece before, then one record a line. Its digest is the SHA-256 of all its
//! bytes, so that whoever changes, adds or takes away a record, or a whole piece, breaks the chain. Also what is found in a piece by which
//! term. Bytes in, values out: knows no files and no database.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use model::fault::Fault;
use model::record::{AuditRecord, Facts, NewRecord};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes of a piece before the next one begins, about. A look-up reads one that is not indexed yet as a whole, and a transaction indexes one.
pub(crate) const PIECE_BYTES: usize = 4 << 20;
/// Bytes of a text that is looked up: PostgreSQL's indexes take 2,704. Who looks up compares the whole.
const TERM_BYTES: usize = 1_024;
/// The term of every record.
pub(crate) const EVERYTHING: &str = "";

/// The two chains, which are kept for different times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What changed something, or handed a secret to somebody who was known.
    Changes,
    /// Looks, refusals, strangers' calls.
    Passing,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Changes, Self::Passing];

    /// The chain of a record.
    pub const fn of(passing: bool) -> Self {
        if passing { Self::Passing } else { Self::Changes }
    }

    /// As a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Passing => "passing",
        }
    }

    /// From its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The first line of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
    /// The number in its chain, from 1.
    pub(crate) piece: i64,
    /// The digest of the one before; empty for the first.
    pub(crate) previous: String,
}

impl Head {
    /// As its line.
    pub(crate) fn line(&self) -> Vec<u8> {
        // A word, a number and a digest always have a JSON form.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// The head of a piece, if it has one.
    pub(crate) fn read(piece: &[u8]) -> Option<Self> {
        let line = piece.split_inclusive(|byte| *byte == b'\n').next()?;
        serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
    }
}

/// The digest of a piece.
pub(crate) fn digest_of(piece: &[u8]) -> String {
    model::id::hex(digest(&SHA256, piece).as_ref())
}

/// Bytes of the lines that are whole: what comes after the last line break was not written to its end.
pub(crate) fn whole(piece: &[u8]) -> usize {
    memchr::memrchr(b'\n', piece).map_or(0, |at| at.saturating_add(1))
}

/// Writes a record as a line.
pub(crate) fn write_line(out: &mut Vec<u8>, record: NewRecord<'_>) {
    out.extend_from_slice(b"{");
    if let Some(name) = record.user_name
        && let Ok(name) = serde_json::to_string(name)
    {
        out.extend_from_slice(b"\"user\":");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b",");
    }
    out.extend_from_slice(b"\"event\":");
    out.extend_from_slice(record.json.as_bytes());
    out.extend_from_slice(b"}\n");
}

/// A record's text and the name beside it, from a line without its break.
pub(crate) fn read_line(line: &[u8]) -> Option<(&str, Option<Cow<'_, str>>)> {
    const EVENT: &str = "\"event\":";
    let line = std::str::from_utf8(line).ok()?.strip_prefix('{')?.strip_suffix('}')?;
    if let Some(json) = line.strip_prefix(EVENT) {
        return Some((json, None));
    }
    // Within a string the quote behind a comma would stand escaped.
    let (name, json) = line.strip_prefix("\"user\":")?.split_once(",\"event\":")?;
    let plain = name.strip_prefix('"')?.strip_suffix('"')?;
    let name = if plain.contains('\\') {
        Cow::Owned(serde_json::from_str(name).ok()?)
    } else {
        Cow::Borrowed(plain)
    };
    Some((json, Some(name)))
}

/// The record of a line without its break.
pub(crate) fn record(line: &[u8], kind: Kind) -> Result<AuditRecord, Fault> {
    let (json, name) = read_line(line).ok_or_else(|| Fault::internal("a line of the trail is no record"))?;
    AuditRecord::kept(json.to_owned(), name.map(Cow::into_owned), kind == Kind::Passing)
}

/// The lines of a piece from offset `from` on, each with its own offset and without its break; what is not whole is left out.
pub(crate) fn lines(piece: &[u8], from: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let mut begin = from;
    let rest = piece.get(from..).unwrap_or_default();
    memchr::memchr_iter(b'\n', rest).map(move |end| {
        let end = from.saturating_add(end);
        let line = (begin, piece.get(begin..end).unwrap_or_default());
        begin = end.saturating_add(1);
        line
    })
}

/// The id as records write it.
pub(crate) fn id_text(id: u128) -> String {
    Uuid::from_u128(id).to_string()
}

/// The term for what an attribute is looked up by; `None` for what no index holds.
pub(crate) fn term(letter: char, text: &str) -> Option<String> {
    let mut term = String::new();
    put_term(&mut term, letter, text).then_some(term)
}

/// Makes `out` the term; whether an index holds it.
fn put_term(out: &mut String, letter: char, text: &str) -> bool {
    let text = model::brief::text(text, TERM_BYTES);
    out.clear();
    out.push(letter);
    out.push_str(text);
    memchr::memchr(0, text.as_bytes()).is_none()
}

/// Shows the terms of a record, each written over the one before.
fn each_term(facts: &Facts<'_>, name: Option<&str>, out: &mut String, mut show: impl FnMut(&str)) {
    let mut both = |letter, text: &str| {
        if put_term(out, letter, text) {
            show(out);
        }
    };
    both('n', &facts.event_name.0);
    both('s', &facts.event_source.0);
    both('o', if facts.read_only { "true" } else { "false" });
    if let Some(name) = name {
        both('u', name);
    }
    if let Some(id) = facts.access_key_id() {
        both('k', id);
    }
    for resource in &facts.resources {
        both('r', &resource.kind.0);
        both('r', &resource.arn.0);
    }
}

/// What is found where in a piece that still grows.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Ids and offsets, in the order of the piece.
    entries: Vec<(u128, u32)>,
    /// Positions in `entries` of the records that have a term.
    terms: HashMap<Box<str>, Vec<u32>>,
    /// Bytes of the piece that are in it.
    end: usize,
}

/// What is found where in a piece that is closed, as it is kept.
#[derive(Debug)]
pub(crate) struct Filed {
    pub(crate) first_id: String,
    pub(crate) last_id: String,
    pub(crate) records: i64,
    pub(crate) places: Vec<u8>,
    pub(crate) terms: Vec<(String, Vec<u8>)>,
}

impl Index {
    /// Of a whole piece.
    pub(crate) fn of(piece: &[u8]) -> Self {
        let mut index = Self::default();
        index.extend(piece, 0);
        index
    }

    /// Bytes of the piece that it knows.
    pub(crate) const fn end(&self) -> usize {
        self.end
    }

    /// Takes what follows in the piece, which begins at offset `begin`: that is [`Self::end`], or 0 for the head. A line that is no record is in
    /// no index; verifying the piece tells of it.
    pub(crate) fn extend(&mut self, bytes: &[u8], begin: usize) {
        let mut written = String::new();
        for (at, line) in lines(bytes, 0) {
            let Some((json, name)) = read_line(line) else { continue };
            let Ok(facts) = Facts::read(json) else { continue };
            let (Ok(id), Ok(place)) = (facts.id(), u32::try_from(begin.saturating_add(at))) else { continue };
            let position = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            self.entries.push((id, place));
            each_term(&facts, name.as_deref(), &mut written, |term| match self.terms.get_mut(term) {
                // Two resources of one type are one term.
                Some(positions) if positions.last() == Some(&position) => {}
                Some(positions) => positions.push(position),
                None => {
                    self.terms.insert(term.into(), vec![position]);
                }
            });
        }
        self.end = begin.saturating_add(whole(bytes));
    }

    /// The greatest `max` ids of records that have the term, not below `from` and below `before`, with their offsets. A record that is there
    /// twice, because the database did not take it away the first time, counts once: it must push none out.
    pub(crate) fn find(&self, term: &str, (from, before): (u128, u128), max: usize) -> Vec<(u128, u32)> {
        let within = |(id, _): &(u128, u32)| *id >= from && *id < before;
        let mut found: Vec<(u128, u32)> = if term == EVERYTHING {
            self.entries.iter().copied().filter(within).collect()
        } else {
            let positions = self.terms.get(term).map(Vec::as_slice).unwrap_or_default();
            let entry = |position: &u32| self.entries.get(*position as usize).copied();
            positions.iter().filter_map(entry).filter(within).collect()
        };
        found.sort_unstable_by(|left, right| right.cmp(left));
        found.dedup_by_key(|(id, _)| *id);
        found.truncate(max);
        found
    }

    /// The ids of all records.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u128> {
        self.entries.iter().map(|(id, _)| *id)
    }

    /// As it is kept: places in the order of ids, and the ranks in that order of what has a term.
    pub(crate) fn file(&self) -> Filed {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_unstable_by_key(|position| self.entries.get(*position));
        let mut ranks = vec![0_u32; order.len()];
        let mut places = Vec::with_capacity(order.len().saturating_mul(PLACE));
        for (rank, position) in (0_u32..).zip(&order) {
            if let (Some(slot), Some((id, at))) = (ranks.get_mut(*position), self.entries.get(*position)) {
                *slot = rank;
                places.extend_from_slice(&id.to_be_bytes());
                places.extend_from_slice(&at.to_be_bytes());
            }
        }
        let ranked = |positions: &Vec<u32>| {
            let of = positions.iter().filter_map(|position| ranks.get(*position as usize).copied());
            let mut of: Vec<u32> = of.collect();
            of.sort_unstable();
            of.into_iter().flat_map(u32::to_be_bytes).collect()
        };
        let mut terms: Vec<(String, Vec<u8>)> =
            self.terms.iter().map(|(term, positions)| (term.to_string(), ranked(positions))).collect();
        terms.sort_unstable();
        let id = |position: Option<&usize>| {
            let entry = position.and_then(|position| self.entries.get(*position));
            entry.map(|(id, _)| id_text(*id)).unwrap_or_default()
        };
        Filed {
            first_id: id(order.first()),
            last_id: id(order.last()),
            records: i64::try_from(order.len()).unwrap_or(i64::MAX),
            places,
            terms,
        }
    }
}

/// Bytes of a place: an id and an offset.
const PLACE: usize = 20;

/// The greatest `max` ids among kept places, not below `from` and below `before`, with their offsets: all, or those of these ranks. An id that is
/// there twice counts once.
pub(crate) fn find_filed(
    places: &[u8],
    ranks: Option<&[u8]>,
    (from, before): (u128, u128),
    max: usize,
) -> Vec<(u128, u32)> {
    let place = |rank: usize| {
        let at = rank.checked_mul(PLACE)?;
        let (id, offset) = places.get(at..at.checked_add(PLACE)?)?.split_first_chunk::<16>()?;
        Some((u128::from_be_bytes(*id), u32::from_be_bytes(offset.try_into().ok()?)))
    };
    let listed = |at: usize| -> Option<usize> {
        let Some(ranks) = ranks else { return Some(at) };
        let from = at.checked_mul(4)?;
        let rank = ranks.get(from..from.checked_add(4)?)?;
        usize::try_from(u32::from_be_bytes(rank.try_into().ok()?)).ok()
    };
    let count = ranks.map_or(places.len() / PLACE, |ranks| ranks.len() / 4);
    let entry = |at: usize| listed(at).and_then(place);
    let below = partition(count, |at| entry(at).is_some_and(|(id, _)| id < before));
    let mut last = None;
    let found = (0..below).rev().map_while(entry).take_while(|(id, _)| *id >= from);
    found.filter(|(id, _)| last.replace(*id) != Some(*id)).take(max).collect()
}

/// How many of `0..count`, in order, fulfil what the first ones do.
fn partition(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_there_twice_pushes_none_out() {
        let mut content = Head { kind: Kind::Changes, piece: 1, previous: String::new() }.line();
        for number in [1, 2, 3, 3, 2, 3] {
            let event_id = id_text(number);
            let json = format!(
                r#"{{"eventID":"{event_id}","eventSource":"s","eventName":"CreateUser","readOnly":false}}"#
            );
            let record = NewRecord { event_id: &event_id, passing: false, user_name: None, json: &json };
            write_line(&mut content, record);
        }
        let index = Index::of(&content);
        let filed = index.file();
        let ids = |found: Vec<(u128, u32)>| found.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        let named = term('n', "CreateUser").unwrap();
        let ranks = &filed.terms.iter().find(|(term, _)| *term == named).unwrap().1;
        for (max, wanted) in [(1, vec![3]), (2, vec![3, 2]), (4, vec![3, 2, 1])] {
            assert_eq!(ids(index.find(EVERYTHING, (0, u128::MAX), max)), wanted);
            assert_eq!(ids(index.find(&named, (0, u128::MAX), max)), wanted);
            assert_eq!(ids(find_filed(&filed.places, None, (0, u128::MAX), max)), wanted);
            assert_eq!(ids(find_filed(&filed.places, Some(ranks), (0, u128::MAX), max)), wanted);
        }
    }
}
