//! Finds records wherever they are, newest first and each once: among those that no piece holds yet, in pieces that no index has yet, and by the
//! index in all others. Each source gives its greatest matching ids, and the greatest of all are read.

use std::io::ErrorKind;
use std::sync::Arc;

use model::fault::Fault;
use model::page::Page;
use model::record::{AuditRecord, Facts};
use store::audit::audit_pieces::{self, Found};
use store::audit::audit_records;
use store::tx::Rx;

use crate::attribute::Attribute;
use crate::folder::Folder;
use crate::open_piece::{OpenPiece, line_at};
use crate::piece::{EVERYTHING, Kind, find_filed, id_text, lines, record};
use crate::recorder::Recorder;

/// New records read at a time, and how many times for one page: a page may then be short or empty while a token says that more may follow.
/// There are that many only while the trail of an older version is put into pieces.
const SLICE: i64 = 250;
const SLICES_MAX: usize = 80;
/// Pieces asked for at a time.
const PIECES: i64 = 8;
/// How often it is begun anew because a piece was closed meanwhile.
const TRIES: usize = 16;

/// What is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Sought {
    pub(crate) attribute: Option<Attribute>,
    /// What finds it in pieces; `None` for what is in none.
    pub(crate) term: Option<String>,
    pub(crate) from: u128,
    pub(crate) before: u128,
    pub(crate) wanted: usize,
}

/// Where a record is.
#[derive(Debug, Clone)]
enum Place {
    /// It is new, and here.
    Here(Box<AuditRecord>),
    /// At an offset of a piece that no index has.
    Open(Arc<OpenPiece>, u32),
    /// At an offset of a piece.
    Filed(Kind, i64, u32),
}

/// The greatest ids so far.
struct Best {
    wanted: usize,
    hits: Vec<(u128, Place)>,
}

impl Best {
    fn add(&mut self, hits: impl IntoIterator<Item = (u128, Place)>) {
        self.hits.extend(hits);
        self.hits.sort_by_key(|hit| std::cmp::Reverse(hit.0));
        // A record that was put into a piece a moment ago is found where it was, too.
        self.hits.dedup_by_key(|(id, _)| *id);
        self.hits.truncate(self.wanted);
    }

    /// Whether nothing that is smaller than `id` can be among them.
    fn is_beyond(&self, id: &str) -> bool {
        self.hits.len() == self.wanted
            && self.hits.last().is_some_and(|(last, _)| id_text(*last).as_str() > id)
    }
}

/// One page of what is sought.
pub(crate) async fn search(recorder: &Recorder, sought: Sought) -> Result<Page<AuditRecord>, Fault> {
    let folder = recorder.trail().map(|trail| trail.folder().clone());
    let open = || recorder.trail().map(crate::trail::Trail::open).unwrap_or_default();
    let mut before = open();
    for _ in 0..TRIES {
        let (sought, pieces, folder) = (sought.clone(), before.clone(), folder.clone());
        let find = move |rx: &mut Rx<'_>| page(rx, &sought, &pieces, folder.as_ref());
        let found = recorder.store().read_aside(find).await;
        // A record that was new when the open pieces were listed may have gone to one that was begun since.
        let after = open();
        let is_new = |piece: &Arc<OpenPiece>| !before.iter().any(|known| Arc::ptr_eq(known, piece));
        if !after.iter().any(is_new) {
            return found;
        }
        before = after;
    }
    Err(Fault::internal("the trail grows faster than it can be read"))
}

fn page(
    rx: &mut Rx<'_>,
    sought: &Sought,
    open: &[Arc<OpenPiece>],
    folder: Option<&Folder>,
) -> Result<Page<AuditRecord>, Fault> {
    let mut best = Best { wanted: sought.wanted.saturating_add(1), hits: Vec::new() };
    let floor = new_records(rx, sought, &mut best)?;
    if let Some(term) = &sought.term {
        for piece in open {
            let found = piece.find(term, (sought.from, sought.before), best.wanted);
            let found = found.map_err(|error| trouble(folder, &error))?;
            best.add(found.into_iter().map(|(id, at)| (id, Place::Open(piece.clone(), at))));
        }
        filed_records(rx, sought, term, &mut best)?;
    }
    // What is below where looking among new records ended comes with the next page.
    if let Some(floor) = floor {
        best.hits.retain(|(id, _)| *id >= floor);
    }
    let more = best.hits.len() > sought.wanted;
    best.hits.truncate(sought.wanted);
    let next = match floor {
        _ if more => best.hits.last().map(|(id, _)| id_text(*id)),
        floor => floor.map(id_text),
    };
    let mut items = Vec::with_capacity(best.hits.len());
    let mut pieces = Contents { folder, last: None };
    for (_, place) in best.hits {
        let record = match place {
            Place::Here(record) => *record,
            Place::Open(piece, at) => {
                let line = piece.file().and_then(|file| line_at(&file, at));
                record(&line.map_err(|error| trouble(folder, &error))?, piece.kind)?
            }
            Place::Filed(kind, number, at) => match pieces.record(rx, kind, number, at)? {
                Some(record) => record,
                None => continue,
            },
        };
        if sought.attribute.as_ref().is_none_or(|attribute| attribute.matches(&record)) {
            items.push(record);
        }
    }
    Ok(Page { items, next })
}

fn trouble(folder: Option<&Folder>, error: &std::io::Error) -> Fault {
    match folder {
        Some(folder) => folder.fault(error),
        None => Fault::internal(format!("a piece without a file: {error}")),
    }
}

/// Looks through the records that no piece holds; the id at which it was given up, if it was.
fn new_records(rx: &mut Rx<'_>, sought: &Sought, best: &mut Best) -> Result<Option<u128>, Fault> {
    let (mut before, from) = (id_text(sought.before), id_text(sought.from));
    for _ in 0..SLICES_MAX {
        let slice = audit_records::page_backward(rx, &before, &from, SLICE)?;
        let full = i64::try_from(slice.len()).is_ok_and(|read| read == SLICE);
        let mut last = None;
        let mut matching = Vec::new();
        for record in slice {
            before.clone_from(&record.event_id);
            let id = Facts::read(&record.json)?.id()?;
            last = Some(id);
            if sought.attribute.as_ref().is_none_or(|attribute| attribute.matches(&record)) {
                matching.push((id, Place::Here(Box::new(record))));
            }
        }
        best.add(matching);
        if !full || best.hits.len() == best.wanted {
            return Ok(None);
        }
        if last.is_none() {
            return Ok(None);
        }
    }
    Ok(uuid::Uuid::parse_str(&before).ok().map(|id| id.as_u128()))
}

/// Looks through the pieces that are in the index, from those with the greatest ids on.
fn filed_records(rx: &mut Rx<'_>, sought: &Sought, term: &str, best: &mut Best) -> Result<(), Fault> {
    let (from, before) = (id_text(sought.from), id_text(sought.before));
    let mut after: Option<Found> = None;
    loop {
        let found = audit_pieces::found(rx, term, (&from, &before), after.as_ref(), PIECES)?;
        let full = i64::try_from(found.len()).is_ok_and(|read| read == PIECES);
        for piece in &found {
            if best.is_beyond(&piece.last_id) {
                return Ok(());
            }
            let Some(kind) = Kind::parse(&piece.kind) else { continue };
            // One whose terms are there before it is there itself is still open.
            let Some(places) = audit_pieces::places(rx, &piece.kind, piece.number)? else { continue };
            let ranks = (term != EVERYTHING).then_some(piece.ranks.as_slice());
            let hits = find_filed(&places, ranks, (sought.from, sought.before), best.wanted);
            best.add(hits.into_iter().map(|(id, at)| (id, Place::Filed(kind, piece.number, at))));
        }
        if !full {
            return Ok(());
        }
        after = found.into_iter().next_back();
    }
}

/// What pieces hold, read where they are kept.
struct Contents<'f> {
    folder: Option<&'f Folder>,
    /// The last one that was read as a whole: neighbours are mostly in the same.
    last: Option<(Kind, i64, Vec<u8>)>,
}

impl Contents<'_> {
    /// The record at a place; `None` for one whose piece went with its time a moment ago, or is lost, which verifying tells.
    fn record(
        &mut self,
        rx: &mut Rx<'_>,
        kind: Kind,
        number: i64,
        at: u32,
    ) -> Result<Option<AuditRecord>, Fault> {
        if let Some(folder) = self.folder {
            return match folder.open(kind, number, false).and_then(|file| line_at(&file, at)) {
                Ok(line) => record(&line, kind).map(Some),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    tracing::warn!(file = %folder.file(kind, number).display(), "a piece of the audit trail is not there");
                    Ok(None)
                }
                Err(error) => Err(folder.fault(&error)),
            };
        }
        if self.last.as_ref().is_none_or(|(of, is, _)| (*of, *is) != (kind, number)) {
            let content = audit_pieces::content(rx, kind.as_str(), number)?;
            let content = content.ok_or_else(|| Fault::internal("a piece of the trail has no content"))?;
            self.last = Some((kind, number, content));
        }
        let content = self.last.as_ref().map(|(_, _, content)| content.as_slice()).unwrap_or_default();
        let line = lines(content, at as usize).next().map(|(_, line)| line);
        record(line.ok_or_else(|| Fault::internal("a place that is in no piece"))?, kind).map(Some)
    }
}
