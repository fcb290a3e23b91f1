//! A piece that no index has yet: one that is written, or closed a moment ago. It is looked through as it grows, each record once, and shows only
//! what is on the disk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use store::audit::audit_pieces::Piece;
use tokio::sync::Notify;

use crate::folder::Folder;
use crate::piece::{Filed, Head, Index, Kind, digest_of};

/// Bytes of a line that are read at once.
const LINE: usize = 2_048;
/// Bytes of a piece that are looked through at once: few enough to stay near the processor.
const SLICE: usize = 256 << 10;

/// Such a piece.
#[derive(Debug)]
pub(crate) struct OpenPiece {
    pub(crate) kind: Kind,
    pub(crate) number: i64,
    folder: Folder,
    durable: AtomicUsize,
    /// Once nothing is added any more: its link, if that is known.
    closed: OnceLock<Option<Link>>,
    index: Mutex<Index>,
}

/// What ties a piece to its chain.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// The digest of the piece before.
    pub(crate) previous: String,
    /// Its own.
    pub(crate) digest: String,
}

impl OpenPiece {
    /// A piece of which `durable` bytes are on the disk.
    pub(crate) fn new(folder: &Folder, (kind, number): (Kind, i64), durable: usize) -> Self {
        let (durable, closed, index) = (AtomicUsize::new(durable), OnceLock::new(), Mutex::default());
        Self { kind, number, folder: folder.clone(), durable, closed, index }
    }

    /// Says how much is on the disk.
    pub(crate) fn grown(&self, durable: usize) {
        self.durable.store(durable, Ordering::Release);
    }

    /// Says that nothing is added any more. A link that nobody knows is read from the piece when it is asked for.
    pub(crate) fn close(&self, link: Option<Link>) {
        self.closed.get_or_init(|| link);
    }

    /// Whether nothing is added any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }

    /// Its file.
    pub(crate) fn file(&self) -> io::Result<File> {
        self.folder.open(self.kind, self.number, false)
    }

    /// See [`Index::find`].
    pub(crate) fn find(&self, term: &str, range: (u128, u128), max: usize) -> io::Result<Vec<(u128, u32)>> {
        self.caught_up(|index| index.find(term, range, max))
    }

    /// As it is kept once it is closed.
    pub(crate) fn file_away(&self) -> io::Result<(Piece, Filed)> {
        let filed = self.caught_up(Index::file)?;
        let Link { previous, digest } = match self.closed.get().cloned().flatten() {
            Some(link) => link,
            None => self.read_link()?,
        };
        let piece = Piece {
            number: self.number,
            first_id: filed.first_id.clone(),
            last_id: filed.last_id.clone(),
            records: filed.records,
            previous,
            digest,
            gone: false,
        };
        Ok((piece, filed))
    }

    fn read_link(&self) -> io::Result<Link> {
        let bytes = self.folder.read(self.kind, self.number)?;
        let previous = Head::read(&bytes).map(|head| head.previous).unwrap_or_default();
        Ok(Link { previous, digest: digest_of(&bytes) })
    }

    fn caught_up<T>(&self, with: impl FnOnce(&Index) -> T) -> io::Result<T> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self.durable.load(Ordering::Acquire);
        if end > index.end() {
            let (file, mut slice) = (self.file()?, Vec::new());
            let mut size = SLICE;
            loop {
                let begin = index.end();
                slice.resize(size.min(end.saturating_sub(begin)), 0);
                file.read_exact_at(&mut slice, begin as u64)?;
                index.extend(&slice, begin);
                if begin.saturating_add(slice.len()) >= end {
                    break;
                }
                if index.end() == begin {
                    // A line longer than that.
                    size = size.saturating_mul(2);
                }
            }
        }
        Ok(with(&index))
    }
}

/// The pieces that no index has.
#[derive(Debug, Default)]
pub(crate) struct OpenPieces {
    pieces: Mutex<Vec<Arc<OpenPiece>>>,
    /// Told when one was closed.
    pub(crate) closed: Notify,
}

impl OpenPieces {
    /// All, as they are now.
    pub(crate) fn list(&self) -> Vec<Arc<OpenPiece>> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// There is another.
    pub(crate) fn add(&self, piece: Arc<OpenPiece>) {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
    }

    /// One is in the index now.
    pub(crate) fn indexed(&self, piece: &Arc<OpenPiece>) {
        let mut pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        pieces.retain(|open| !Arc::ptr_eq(open, piece));
    }
}

/// The line at an offset of a piece's file, without its break.
pub(crate) fn line_at(file: &File, at: u32) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        let begin = line.len();
        line.resize(begin.saturating_add(LINE), 0);
        let space = line.get_mut(begin..).unwrap_or_default();
        let read = file.read_at(space, u64::from(at).saturating_add(begin as u64))?;
        line.truncate(begin.saturating_add(read));
        let fresh = line.get(begin..).unwrap_or_default();
        if let Some(end) = fresh.iter().position(|byte| *byte == b'\n') {
            line.truncate(begin.saturating_add(end));
            return Ok(line);
        }
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
