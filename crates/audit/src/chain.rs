//! One chain of pieces in files: takes up what was left, adds lines to the last piece until it is full, and begins the next one with its digest.
//! What is behind the bytes that are known to be on the disk does not count and is written over. Belongs to one thread.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use model::fault::Fault;
use model::id::hex;
use store::db::Store;

use crate::faults::{in_doubt, no_room};
use crate::folder::Folder;
use crate::open_piece::{Link, OpenPiece, OpenPieces};
use crate::piece::{Head, Kind, PIECE_BYTES, digest_of};

/// How long a piece is added to: what is kept for some days goes a piece at a time.
const PIECE_AGE: Duration = Duration::from_hours(24);

/// One chain of pieces, and the one that is added to.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) kind: Kind,
    folder: Folder,
    open: Arc<OpenPieces>,
    next: i64,
    previous: String,
    active: Option<Active>,
}

#[derive(Debug)]
struct Active {
    file: File,
    open: Arc<OpenPiece>,
    /// Bytes that are on the disk; whatever is behind them does not count and is written over.
    good: usize,
    /// Whether there may be something behind them that must go first: it would count after the next start.
    untidy: bool,
    digest: Digest,
    begun: Instant,
}

/// The digest of what is on the disk.
struct Digest(Context);

impl std::fmt::Debug for Digest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Digest")
    }
}

impl Active {
    fn is_over(&self) -> bool {
        self.good >= PIECE_BYTES || self.begun.elapsed() >= PIECE_AGE
    }
}

/// Why something was not written.
pub(crate) struct Failed {
    error: io::Error,
    /// Whether it may be there nevertheless.
    in_doubt: bool,
}

impl Failed {
    /// For callers and for the log.
    pub(crate) fn fault(&self, folder: &Folder) -> Fault {
        let context = format!("{}: {}", folder.path().display(), self.error);
        if self.in_doubt {
            return in_doubt(context);
        }
        no_room().with_context(context)
    }
}

impl Chain {
    /// The chain as it was left: what no index has is open again, and closed; the next record begins a new piece.
    pub(crate) fn take_up(
        store: &Store,
        folder: &Folder,
        kind: Kind,
        open: Arc<OpenPieces>,
    ) -> Result<(Self, u64), Fault> {
        let last = store.read(|rx| Ok(store::audit::audit_pieces::last(rx, kind.as_str())?))?;
        let (indexed, mut previous) = last.map_or((0, String::new()), |last| (last.number, last.digest));
        let (mut next, mut cut) = (indexed.saturating_add(1), 0);
        let left: Vec<i64> = folder.list(kind)?.into_iter().filter(|number| *number > indexed).collect();
        let opened = |number, bytes| {
            let piece = OpenPiece::new(folder, (kind, number), bytes);
            piece.close(None);
            Arc::new(piece)
        };
        if let Some((last, before)) = left.split_last() {
            for number in before {
                let bytes = folder.open(kind, *number, false).and_then(|file| file.metadata());
                let bytes = bytes.map_err(|error| folder.fault(&error))?.len();
                open.add(opened(*number, usize::try_from(bytes).unwrap_or(usize::MAX)));
            }
            let (bytes, torn) = folder.mend(kind, *last)?;
            cut = torn;
            if torn > 0 {
                let file = folder.file(kind, *last);
                tracing::warn!(file = %file.display(), bytes = torn, "the torn end of the audit trail was cut");
            }
            if !bytes.is_empty() {
                open.add(opened(*last, bytes.len()));
            }
            next = last.saturating_add(i64::from(!bytes.is_empty()));
            previous = match before.last() {
                _ if !bytes.is_empty() => digest_of(&bytes),
                Some(before) => digest_of(&folder.read(kind, *before).map_err(|error| folder.fault(&error))?),
                None => previous,
            };
        }
        Ok((Self { kind, folder: folder.clone(), open, next, previous, active: None }, cut))
    }

    /// Writes lines to the disk.
    pub(crate) fn append(&mut self, lines: &[u8]) -> Result<(), Failed> {
        let sure = |error| Failed { error, in_doubt: false };
        let mut active = match self.active.take() {
            Some(active) => active,
            None => self.begin().map_err(sure)?,
        };
        if active.untidy {
            let tidied = active.file.set_len(active.good as u64);
            active.untidy = tidied.is_err();
            if let Err(error) = tidied {
                self.active = Some(active);
                return Err(sure(error));
            }
        }
        let head = Head { kind: self.kind, piece: self.next, previous: self.previous.clone() };
        let mut first = Vec::new();
        let bytes = if active.good == 0 {
            first.extend_from_slice(&head.line());
            first.extend_from_slice(lines);
            first.as_slice()
        } else {
            lines
        };
        let file = &active.file;
        let written = file.write_all_at(bytes, active.good as u64).and_then(|()| file.sync_data());
        if let Err(error) = written {
            let undone = file.set_len(active.good as u64).is_ok();
            let untouched = || file.metadata().is_ok_and(|file| file.len() <= active.good as u64);
            let in_doubt = !undone && !untouched();
            active.untidy = in_doubt;
            self.active = Some(active);
            return Err(Failed { error, in_doubt });
        }
        if active.good == 0 {
            self.open.add(active.open.clone());
        }
        active.good = active.good.saturating_add(bytes.len());
        active.digest.0.update(bytes);
        active.open.grown(active.good);
        let over = active.is_over();
        self.active = Some(active);
        if over {
            self.close();
        }
        Ok(())
    }

    fn begin(&self) -> io::Result<Active> {
        let file = self.folder.create(self.kind, self.next)?;
        let open = Arc::new(OpenPiece::new(&self.folder, (self.kind, self.next), 0));
        Ok(Active {
            file,
            open,
            good: 0,
            untidy: false,
            digest: Digest(Context::new(&SHA256)),
            begun: Instant::now(),
        })
    }

    /// Closes a piece that was added to for long enough.
    pub(crate) fn close_if_over(&mut self) {
        if self.active.as_ref().is_some_and(Active::is_over) {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(active) = self.active.take_if(|active| active.good > 0 && !active.untidy) else { return };
        let digest = hex(active.digest.0.finish().as_ref());
        let previous = std::mem::replace(&mut self.previous, digest.clone());
        self.next = self.next.saturating_add(1);
        active.open.close(Some(Link { previous, digest }));
        self.open.closed.notify_one();
    }
}
