//! A piece that no index has yet: one that is written, or closed a moment ago. It is looked through as it grows, each record once, and shows only
//! what is on the disk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use store::audit_pieces::Piece;
use tokio::sync::Notify;

use crate::folder::Folder;
use crate::piece::{Filed, Head, Index, Kind, digest_of};

/// Bytes of a line that are read at once.
const LINE: usize = 2_048;

/// Such a piece.
#[derive(Debug)]
pub(crate) struct OpenPiece {
    pub(crate) kind: Kind,
    pub(crate) number: i64,
    folder: Folder,
    durable: AtomicUsize,
    closed: AtomicBool,
    index: Mutex<Index>,
}

impl OpenPiece {
    /// A piece of which `durable` bytes are on the disk.
    pub(crate) fn new(folder: &Folder, (kind, number): (Kind, i64), durable: usize) -> Self {
        let (durable, closed, index) = (AtomicUsize::new(durable), AtomicBool::new(false), Mutex::default());
        Self { kind, number, folder: folder.clone(), durable, closed, index }
    }

    /// Says how much is on the disk.
    pub(crate) fn grown(&self, durable: usize) {
        self.durable.store(durable, Ordering::Release);
    }

    /// Says that nothing is added any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Whether nothing is added any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
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
        let bytes = self.folder.read(self.kind, self.number)?;
        let piece = Piece {
            number: self.number,
            first_id: filed.first_id.clone(),
            last_id: filed.last_id.clone(),
            records: filed.records,
            previous: Head::read(&bytes).map(|head| head.previous).unwrap_or_default(),
            digest: digest_of(&bytes),
            gone: false,
        };
        Ok((piece, filed))
    }

    fn caught_up<T>(&self, with: impl FnOnce(&Index) -> T) -> io::Result<T> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let (begin, end) = (index.end(), self.durable.load(Ordering::Acquire));
        if end > begin {
            let mut bytes = vec![0; end.saturating_sub(begin)];
            self.file()?.read_exact_at(&mut bytes, begin as u64)?;
            index.extend(&bytes, begin);
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
