//! The keeper of the trail, behind everybody: puts new records into pieces and says what is found where in a piece that is closed, in bounded
//! transactions. Killed anywhere it loses nothing: a record may then be in a piece and still be new, and counts once.
//!
//! In a database without files pieces are rows, made by whichever server comes first: one chain for all of them, because the order in which
//! servers commit is known only afterwards.

use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use model::record::{KeptRecord, NewRecord};
use store::audit::audit_pieces::{self, Piece};
use store::audit::audit_records;
use store::db::Store;
use store::tx::Tx;

use crate::open_piece::OpenPiece;
use crate::piece::{EVERYTHING, Filed, Head, Index, Kind, PIECE_BYTES, digest_of, write_line};
use crate::recorder::Recorder;
use crate::trail::Trail;

/// How often it is looked for new records.
const TICK: Duration = Duration::from_secs(1);
/// New records that are moved at a time.
const MOVED_MAX: i64 = 1_000;
/// Bytes of a piece that is a row: who looks something up in it reads the whole.
const ROW_BYTES: usize = PIECE_BYTES / 4;
/// How long records wait for a piece that is a row to be full.
const ROW_AGE: Duration = Duration::from_mins(1);
/// Terms said of in one transaction.
const TERMS_MAX: usize = 500;

/// The keeper.
#[derive(Debug)]
pub struct Keeper {
    recorder: Recorder,
    surroundings: Surroundings,
    clock: Arc<dyn Clock>,
}

impl Keeper {
    /// The keeper of what a recorder records.
    pub fn new(recorder: Recorder, surroundings: Surroundings, clock: Arc<dyn Clock>) -> Self {
        Self { recorder, surroundings, clock }
    }

    /// Works for as long as the process lives.
    pub async fn run(self) {
        loop {
            let closed = async {
                match self.recorder.trail() {
                    Some(trail) => trail.piece_closed().await,
                    None => std::future::pending().await,
                }
            };
            let _ = tokio::time::timeout(TICK, closed).await;
            if let Err(fault) = self.keep().await {
                tracing::warn!(%fault, context = fault.context(), "records wait to be put into pieces of the audit trail");
            }
        }
    }

    /// Does what there is to do now.
    pub async fn keep(&self) -> Result<(), Fault> {
        let Some(trail) = self.recorder.trail() else {
            while self.move_into_rows().await? {}
            return Ok(());
        };
        while self.move_into_files(trail).await? {}
        self.index_files(trail).await
    }

    fn store(&self) -> &Store {
        self.recorder.store()
    }

    fn cx(&self) -> Cx {
        let caller = Caller::service(self.surroundings.owner.clone());
        Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default())
    }

    async fn oldest(&self) -> Result<Vec<KeptRecord>, Fault> {
        self.store().read_aside(|rx| Ok(audit_records::oldest(rx, MOVED_MAX)?)).await
    }

    /// Moves the oldest new records into files; whether there may be more.
    async fn move_into_files(&self, trail: &Trail) -> Result<bool, Fault> {
        let records = self.oldest().await?;
        for kind in Kind::ALL {
            let mut of: Vec<NewRecord<'_>> = records.iter().map(KeptRecord::to_keep).collect();
            of.retain(|record| Kind::of(record.passing) == kind);
            if !of.is_empty() {
                trail.append_durably(kind, &of).await?;
            }
        }
        let more = i64::try_from(records.len()).is_ok_and(|moved| moved == MOVED_MAX);
        if !records.is_empty() {
            self.store().append(&self.cx(), move |tx, _| take_away(tx, &records).map(|_| ())).await?;
        }
        Ok(more)
    }

    /// Says in the database what is found where in the files that are closed.
    async fn index_files(&self, trail: &Trail) -> Result<(), Fault> {
        for open in trail.open().into_iter().filter(|open| open.is_closed()) {
            let reading = open.clone();
            let read = move || reading.file_away();
            let (piece, filed) = tokio::task::spawn_blocking(read)
                .await
                .map_err(Fault::internal)?
                .map_err(|error| trail.folder().fault(&error))?;
            self.index_file(&open, Arc::new((piece, filed))).await?;
            trail.indexed(&open);
        }
        Ok(())
    }

    /// Its terms first, some at a time: the piece counts once it is there itself.
    async fn index_file(&self, open: &OpenPiece, file: Arc<(Piece, Filed)>) -> Result<(), Fault> {
        let kind = open.kind;
        let mut from = 0;
        while from < file.1.terms.len() {
            let part = file.clone();
            let say = move |tx: &mut Tx<'_>, _: &Cx| {
                let (piece, filed) = part.as_ref();
                let terms = filed.terms.iter().skip(from).take(TERMS_MAX);
                terms.into_iter().try_for_each(|(term, ranks)| {
                    audit_pieces::insert_term(tx, kind.as_str(), piece, (term, ranks))
                })
            };
            self.store().append(&self.cx(), say).await?;
            from = from.saturating_add(TERMS_MAX);
        }
        let add = move |tx: &mut Tx<'_>, _: &Cx| {
            let (piece, filed) = file.as_ref();
            add(tx, kind, (piece, filed), None)
        };
        self.store().append(&self.cx(), add).await
    }

    /// Puts the oldest new records into pieces that are rows, if there are enough or they have waited long; whether there may be more.
    async fn move_into_rows(&self) -> Result<bool, Fault> {
        let mut records = self.oldest().await?;
        let mut bytes = 0_usize;
        let fit = records.iter().take_while(|record| {
            let fits = bytes < ROW_BYTES;
            bytes = bytes.saturating_add(record.json.len());
            fits
        });
        let fit = fit.count();
        let more = fit < records.len() || i64::try_from(records.len()).is_ok_and(|read| read == MOVED_MAX);
        records.truncate(fit);
        let first = records.first().map(KeptRecord::event_time).transpose()?;
        let waited = first.map(|made| self.clock.now().since(made));
        if waited.is_none_or(|waited| waited < ROW_AGE && !more) {
            return Ok(false);
        }
        let put = move |tx: &mut Tx<'_>, _: &Cx| {
            for kind in Kind::ALL {
                let of = records.iter().filter(|record| Kind::of(record.passing) == kind);
                put_row(tx, kind, of)?;
            }
            if take_away(tx, &records)? < records.len() as u64 {
                // Another server was first: it has them in its pieces.
                return Err(Fault::conflict("another server keeps the trail"));
            }
            Ok(())
        };
        self.store().append(&self.cx(), put).await?;
        Ok(more)
    }
}

fn take_away(tx: &mut Tx<'_>, records: &[KeptRecord]) -> Result<u64, Fault> {
    let ids: Vec<&str> = records.iter().map(|record| record.event_id.as_str()).collect();
    audit_records::delete(tx, &ids)
}

/// Adds a piece of these records.
fn put_row<'r>(
    tx: &mut Tx<'_>,
    kind: Kind,
    records: impl Iterator<Item = &'r KeptRecord>,
) -> Result<(), Fault> {
    let last = audit_pieces::last(tx, kind.as_str())?;
    let (number, previous) =
        last.map_or((1, String::new()), |last| (last.number.saturating_add(1), last.digest));
    let mut content = Head { kind, piece: number, previous: previous.clone() }.line();
    let head = content.len();
    records.for_each(|record| write_line(&mut content, record.to_keep()));
    if content.len() == head {
        return Ok(());
    }
    let filed = Index::of(&content).file();
    let piece = Piece {
        number,
        first_id: filed.first_id.clone(),
        last_id: filed.last_id.clone(),
        records: filed.records,
        previous,
        digest: digest_of(&content),
        gone: false,
    };
    for (term, ranks) in &filed.terms {
        audit_pieces::insert_term(tx, kind.as_str(), &piece, (term, ranks))?;
    }
    add(tx, kind, (&piece, &filed), Some(&content))
}

fn add(
    tx: &mut Tx<'_>,
    kind: Kind,
    (piece, filed): (&Piece, &Filed),
    content: Option<&[u8]>,
) -> Result<(), Fault> {
    if filed.records > 0 {
        audit_pieces::insert_term(tx, kind.as_str(), piece, (EVERYTHING, &[]))?;
    }
    audit_pieces::insert(tx, kind.as_str(), piece, (&filed.places, content))
}
