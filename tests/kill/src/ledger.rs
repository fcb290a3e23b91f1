//! The ledger: every request that should change something, with the records that it should leave and what its caller heard. Each request
//! carries its number as its user agent, which the server writes into the record, so that even a request whose answer never came can be
//! found in the trail. Knows nothing of what a request means.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the caller heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing yet.
    Asked,
    /// Yes, under this request id where the answer names one.
    Acknowledged(String),
    /// No: nothing may have changed.
    Refused(String),
    /// Nothing: the connection broke, or the server itself does not know.
    InDoubt(String),
    /// It was never sent.
    Unsent,
}

/// A line of the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What was asked.
    pub(crate) what: &'static str,
    /// The events that the trail shows if it was done: all of them or none.
    pub(crate) records: &'static [&'static str],
    /// What the caller heard.
    pub(crate) outcome: Outcome,
    /// Whether the trail was compared with it.
    pub(crate) settled: bool,
}

/// The whole, by number.
#[derive(Debug)]
pub(crate) struct Ledger(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    entries: Vec<Entry>,
    file: BufWriter<File>,
}

/// The prefix of our user agents.
const AGENT: &str = "portico-kill/";

/// The user agent of request `number`.
pub(crate) fn agent(number: usize) -> String {
    format!("{AGENT}{number}")
}

/// The number in a user agent of ours.
pub(crate) fn number(agent: &str) -> Option<usize> {
    agent.strip_prefix(AGENT)?.parse().ok()
}

impl Ledger {
    /// An empty ledger that is also written to `path`, for whoever looks into a failure.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        Ok(Self(Mutex::new(Inner { entries: Vec::new(), file })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that something is about to be asked.
    pub(crate) fn ask(&self, what: &'static str, records: &'static [&'static str], detail: &str) -> usize {
        let mut inner = self.inner();
        let number = inner.entries.len();
        inner.entries.push(Entry { what, records, outcome: Outcome::Asked, settled: false });
        let _ = writeln!(inner.file, "{number} ask {what} {detail}");
        number
    }

    /// Notes what was heard.
    pub(crate) fn hear(&self, number: usize, outcome: Outcome) {
        let mut inner = self.inner();
        let _ = writeln!(inner.file, "{number} hear {outcome:?}");
        if let Some(entry) = inner.entries.get_mut(number) {
            entry.outcome = outcome;
        }
    }

    /// Notes something worth reading between the lines.
    pub(crate) fn note(&self, text: &str) {
        let mut inner = self.inner();
        let _ = writeln!(inner.file, "# {text}");
    }

    /// Puts everything on the disk.
    pub(crate) fn flush(&self) {
        let _ = self.inner().file.flush();
    }

    /// The lines that were not compared with the trail yet; from now on they count as compared.
    pub(crate) fn take_unsettled(&self) -> Vec<(usize, Entry)> {
        let mut inner = self.inner();
        let open = inner.entries.iter_mut().enumerate().rev();
        let mut taken: Vec<(usize, Entry)> = open
            .take_while(|(_, entry)| !entry.settled)
            .map(|(number, entry)| {
                entry.settled = true;
                (number, entry.clone())
            })
            .collect();
        taken.reverse();
        taken
    }

    /// What was heard of a request.
    pub(crate) fn heard(&self, number: usize) -> Outcome {
        self.inner().entries.get(number).map_or(Outcome::Asked, |entry| entry.outcome.clone())
    }

    /// How many requests of each kind were acknowledged. What leaves no records is asked for only to be refused.
    pub(crate) fn acknowledged(&self) -> BTreeMap<&'static str, usize> {
        let mut kinds = BTreeMap::new();
        for entry in self.inner().entries.iter().filter(|entry| !entry.records.is_empty()) {
            let done = matches!(entry.outcome, Outcome::Acknowledged(_));
            *kinds.entry(entry.what).or_insert(0) += usize::from(done);
        }
        kinds
    }

    /// How many lines ended how.
    pub(crate) fn totals(&self) -> BTreeMap<&'static str, usize> {
        let mut totals = BTreeMap::new();
        for entry in &self.inner().entries {
            let name = match entry.outcome {
                Outcome::Asked | Outcome::InDoubt(_) => "in doubt",
                Outcome::Acknowledged(_) => "acknowledged",
                Outcome::Refused(_) => "refused",
                Outcome::Unsent => "never sent",
            };
            *totals.entry(name).or_insert(0) += 1;
        }
        totals
    }
}
