//! Shows that no piece of the trail was altered or lost: every digest is what the bytes have, every piece names the digest of the one before,
//! none is missing, and every line is a record. Reads only, beside a server that runs or without one.

use std::io;

use model::fault::Fault;
use store::audit::audit_pieces::{self, Piece};
use store::db::Store;

use crate::folder::Folder;
use crate::piece::{Head, Kind, digest_of, lines, record, whole};

/// Pieces looked at at a time.
const BATCH: i64 = 64;

/// What was found in one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which.
    pub kind: Kind,
    /// Pieces that are there.
    pub pieces: u64,
    /// Records in them.
    pub records: u64,
    /// Pieces that are gone because their time was over: as many came before the first that is there.
    pub gone: i64,
    /// The digest of the last piece to which nothing is added any more; empty when there is none. Kept elsewhere it shows later that the whole
    /// chain was not made anew.
    pub digest: String,
    /// Bytes at the end of the last piece that are no whole line: being written, or left by a kill.
    pub unfinished: u64,
    /// What is wrong, piece by piece.
    pub wrong: Vec<String>,
    /// Those of the digests that were asked for that a piece of this chain has.
    pub held: Vec<String>,
}

/// Verifies both chains. `holds` are digests that were kept elsewhere.
pub fn verify(store: &Store, holds: &[&str]) -> Result<Vec<Verified>, Fault> {
    let folder = Folder::of(store);
    Kind::ALL.into_iter().map(|kind| Walk::new(kind, holds).chain(store, folder.as_ref())).collect()
}

struct Walk<'h> {
    found: Verified,
    holds: &'h [&'h str],
    /// The number and the digest of the piece that was looked at last.
    last: Option<(i64, String)>,
}

impl<'h> Walk<'h> {
    const fn new(kind: Kind, holds: &'h [&'h str]) -> Self {
        let found = Verified {
            kind,
            pieces: 0,
            records: 0,
            gone: 0,
            digest: String::new(),
            unfinished: 0,
            wrong: Vec::new(),
            held: Vec::new(),
        };
        Self { found, holds, last: None }
    }

    fn chain(mut self, store: &Store, folder: Option<&Folder>) -> Result<Verified, Fault> {
        let kind = self.found.kind;
        let mut after = 0;
        loop {
            let pieces = store.read(|rx| Ok(audit_pieces::list(rx, kind.as_str(), after, BATCH)?))?;
            let Some(last) = pieces.last() else { break };
            after = last.number;
            for piece in pieces {
                self.listed(store, folder, &piece)?;
            }
        }
        if let Some(folder) = folder {
            self.unlisted(folder, after)?;
        }
        Ok(self.found)
    }

    fn wrong(&mut self, number: i64, what: &str) {
        self.found.wrong.push(format!("piece {number} of {}: {what}", self.found.kind.as_str()));
    }

    /// A piece that the database knows.
    fn listed(&mut self, store: &Store, folder: Option<&Folder>, piece: &Piece) -> Result<(), Fault> {
        if piece.gone {
            if self.last.is_some() {
                self.wrong(piece.number, "it was taken away, and the one before is there");
            }
            self.found.gone = piece.number;
            self.follow(piece.number, &piece.previous, piece.digest.clone());
            return Ok(());
        }
        let (kind, number) = (self.found.kind, piece.number);
        let content = match folder {
            Some(folder) => match folder.read(kind, number) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(folder.fault(&error)),
            },
            None => store.read(|rx| Ok(audit_pieces::content(rx, kind.as_str(), number)?))?,
        };
        let Some(content) = content else {
            // Its time may have come to be over a moment ago.
            let now =
                store.read(|rx| Ok(audit_pieces::list(rx, kind.as_str(), number.saturating_sub(1), 1)?))?;
            if now.first().is_none_or(|now| now.number != number || now.gone) {
                self.found.gone = number;
            } else {
                self.wrong(number, "it is lost");
            }
            self.follow(number, &piece.previous, piece.digest.clone());
            return Ok(());
        };
        let digest = self.content(number, &content);
        if digest != piece.digest {
            self.wrong(
                number,
                "its content was altered: it does not have the digest that the database knows",
            );
        }
        // What the database knows goes on, so that one altered piece is one thing that is wrong.
        self.named(number, &content, &piece.previous);
        self.follow(number, &piece.previous, piece.digest.clone());
        Ok(())
    }

    /// Files that the database does not know yet.
    fn unlisted(&mut self, folder: &Folder, after: i64) -> Result<(), Fault> {
        let kind = self.found.kind;
        let numbers: Vec<i64> = folder.list(kind)?.into_iter().filter(|number| *number > after).collect();
        for number in &numbers {
            let content = folder.read(kind, *number).map_err(|error| folder.fault(&error))?;
            let kept = whole(&content);
            if numbers.last() == Some(number) {
                self.found.unfinished = content.len().saturating_sub(kept) as u64;
                if kept == 0 {
                    break;
                }
            }
            let content = content.get(..kept).unwrap_or_default();
            let digest = self.content(*number, content);
            let previous = Head::read(content).map(|head| head.previous).unwrap_or_default();
            self.named(*number, content, &previous);
            self.follow(*number, &previous, digest);
            if numbers.last() == Some(number) {
                // It is still added to, or may be: the one before is the last that stays as it is.
                self.found.digest = previous;
            }
        }
        Ok(())
    }

    /// Looks at the bytes of a piece; their digest.
    fn content(&mut self, number: i64, content: &[u8]) -> String {
        self.found.pieces = self.found.pieces.saturating_add(1);
        for (_, line) in lines(content, 0).skip(1) {
            self.found.records = self.found.records.saturating_add(1);
            if record(line, self.found.kind).is_err() {
                self.wrong(number, "a line is no record");
            }
        }
        digest_of(content)
    }

    /// A piece says who it is and whom it follows.
    fn named(&mut self, number: i64, content: &[u8], previous: &str) {
        let head = Head { kind: self.found.kind, piece: number, previous: previous.to_owned() };
        if Head::read(content) != Some(head) {
            self.wrong(number, "its head is not that of this piece");
        }
    }

    fn follow(&mut self, number: i64, previous: &str, digest: String) {
        let first = (0, String::new());
        let (before, wanted) = match self.last.take() {
            Some(last) => last,
            // Of those whose time was over the last one is kept.
            None if self.found.gone == number => (number.saturating_sub(1), previous.to_owned()),
            None => first,
        };
        for lost in before.saturating_add(1)..number {
            self.wrong(lost, "it is lost");
        }
        if number == before.saturating_add(1) && previous != wanted {
            self.wrong(number, "it does not follow the one before: its head names another digest");
        }
        if self.holds.contains(&digest.as_str()) {
            self.found.held.push(digest.clone());
        }
        self.found.digest.clone_from(&digest);
        self.last = Some((number, digest));
    }
}
