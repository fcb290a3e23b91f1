//! The pieces of the audit trail: which there are, the chain of their digests, and what is found in them by which term. What a piece is, and what
//! a term, is decided elsewhere; here they are texts and bytes.

use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO audit_pieces (kind, piece, first_id, last_id, records, previous, digest, gone, places, content)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)";
    INSERT_TERM = "INSERT INTO audit_terms (term, last_id, kind, piece, first_id, ranks) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
              ON CONFLICT (term, last_id, kind, piece) DO NOTHING";
    LIST = "SELECT piece, first_id, last_id, records, previous, digest, gone FROM audit_pieces WHERE kind = ?1 AND piece > ?2
              ORDER BY piece LIMIT ?3";
    LAST = "SELECT piece, first_id, last_id, records, previous, digest, gone FROM audit_pieces WHERE kind = ?1 ORDER BY piece DESC LIMIT 1";
    PLACES = "SELECT places FROM audit_pieces WHERE kind = ?1 AND piece = ?2 AND gone = 0";
    CONTENT = "SELECT content FROM audit_pieces WHERE kind = ?1 AND piece = ?2 AND gone = 0 AND content IS NOT NULL";
    FOUND = "SELECT kind, piece, last_id, ranks FROM audit_terms
              WHERE term = ?1 AND last_id >= ?2 AND first_id < ?3 AND (last_id, kind, piece) < (?4, ?5, ?6)
              ORDER BY last_id DESC, kind DESC, piece DESC LIMIT ?7";
    DROP_TERMS = "DELETE FROM audit_terms WHERE kind = ?1 AND piece = ?2";
    EMPTY = "UPDATE audit_pieces SET gone = 1, places = ?3, content = NULL WHERE kind = ?1 AND piece = ?2";
    FORGET = "DELETE FROM audit_pieces WHERE kind = ?1 AND piece < ?2 AND gone = 1";
    RECORDS = "SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) FROM audit_pieces";
    BYTES = "SELECT CAST(COALESCE(SUM(LENGTH(content)), 0) AS BIGINT) FROM audit_pieces";
    NEWEST = "SELECT COALESCE(MAX(last_id), '') FROM audit_pieces";
}

/// A piece, without its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its number in the chain of its kind, from 1.
    pub number: i64,
    /// The smallest id in it.
    pub first_id: String,
    /// The greatest.
    pub last_id: String,
    /// How many records.
    pub records: i64,
    /// The digest of the one before.
    pub previous: String,
    /// Its own.
    pub digest: String,
    /// Whether its time was over.
    pub gone: bool,
}

/// Where a term is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The chain.
    pub kind: String,
    /// The number in it.
    pub number: i64,
    /// The greatest id in the piece.
    pub last_id: String,
    /// The ranks of the records that have the term.
    pub ranks: Vec<u8>,
}

/// Adds a piece.
pub fn insert(
    tx: &mut Tx<'_>,
    kind: &str,
    piece: &Piece,
    (places, content): (&[u8], Option<&[u8]>),
) -> Result<(), Fault> {
    let Piece { number, first_id, last_id, records, previous, digest, .. } = piece;
    tx.execute_one(
        &INSERT,
        params![kind, *number, first_id, last_id, *records, previous, digest, places, content],
    )
}

/// Says that some records of a piece are found by a term, unless that was said.
pub fn insert_term(
    tx: &mut Tx<'_>,
    kind: &str,
    piece: &Piece,
    (term, ranks): (&str, &[u8]),
) -> Result<(), Fault> {
    let Piece { number, first_id, last_id, .. } = piece;
    tx.execute(&INSERT_TERM, params![term, last_id, kind, *number, first_id, ranks])?;
    Ok(())
}

/// Up to `limit` pieces of a kind after number `after`, in order.
pub fn list(rx: &mut Rx<'_>, kind: &str, after: i64, limit: i64) -> Result<Vec<Piece>, StoreError> {
    rx.all(&LIST, params![kind, after, limit], piece)
}

/// The last piece of a kind.
pub fn last(rx: &mut Rx<'_>, kind: &str) -> Result<Option<Piece>, StoreError> {
    rx.first(&LAST, params![kind], piece)
}

/// The places in a piece; `None` when it is not there, or no longer.
pub fn places(rx: &mut Rx<'_>, kind: &str, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    rx.first(&PLACES, params![kind, number], |row| row.blob(0))
}

/// The content of a piece that is kept in the database.
pub fn content(rx: &mut Rx<'_>, kind: &str, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    rx.first(&CONTENT, params![kind, number], |row| row.blob(0))
}

/// Up to `limit` pieces that have the term and some id not below `from` and below `before`, by their greatest ids from the greatest on, those
/// that come behind `after` in that order.
pub fn found(
    rx: &mut Rx<'_>,
    term: &str,
    (from, before): (&str, &str),
    after: Option<&Found>,
    limit: i64,
) -> Result<Vec<Found>, StoreError> {
    let (last_id, kind, number) =
        after.map_or(("g", "", 0), |found| (found.last_id.as_str(), found.kind.as_str(), found.number));
    rx.all(&FOUND, params![term, from, before, last_id, kind, number, limit], |row| {
        Ok(Found { kind: row.text(0)?, number: row.int(1)?, last_id: row.text(2)?, ranks: row.blob(3)? })
    })
}

/// Empties a piece whose time is over. Its digest stays until the next one of its kind goes too.
pub fn empty(tx: &mut Tx<'_>, kind: &str, number: i64) -> Result<(), Fault> {
    tx.execute(&DROP_TERMS, params![kind, number])?;
    let nothing: &[u8] = &[];
    tx.execute_one(&EMPTY, params![kind, number, nothing])?;
    tx.execute(&FORGET, params![kind, number])?;
    Ok(())
}

/// How many records the pieces hold or held.
pub fn records(rx: &mut Rx<'_>) -> Result<u64, StoreError> {
    rx.count(&RECORDS, params![])
}

/// Bytes of the contents that are kept in the database.
pub fn bytes(rx: &mut Rx<'_>) -> Result<u64, StoreError> {
    rx.count(&BYTES, params![])
}

/// The greatest id in any piece; empty when there is none.
pub fn newest(rx: &mut Rx<'_>) -> Result<String, StoreError> {
    Ok(rx.first(&NEWEST, params![], |row| row.text(0))?.unwrap_or_default())
}

fn piece(row: &Row<'_>) -> Result<Piece, StoreError> {
    Ok(Piece {
        number: row.int(0)?,
        first_id: row.text(1)?,
        last_id: row.text(2)?,
        records: row.int(3)?,
        previous: row.text(4)?,
        digest: row.text(5)?,
        gone: row.flag(6)?,
    })
}
