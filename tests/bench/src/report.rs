//! The tables, in Markdown, and what is said to people meanwhile. Knows how figures are written, not how they come about.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::load::Measured;
use crate::process::Memory;
use crate::rows::{Kind, Row};

/// Connections of the two halves of the tables.
pub(crate) const CONNECTIONS: [usize; 2] = [1, 32];
/// What refusing may cost of what serving costs: a third.
const REFUSAL_MAX: f64 = 1.0 / 3.0;
/// How much slower the large store may be.
const LARGE_MAX: f64 = 1.3;

/// Tells people what is under way.
#[expect(clippy::print_stderr, reason = "for the person who waits")]
pub(crate) fn say(text: &str) {
    eprintln!("bench: {text}");
}

/// The figures of the rows: by row, connections and store (0 the small one, 1 the large one).
#[derive(Debug, Default)]
pub(crate) struct Rows(BTreeMap<(Row, usize, usize), Measured>);

impl Rows {
    /// Adds a while of load to what is there.
    pub(crate) fn add(
        &mut self,
        row: Row,
        connections: usize,
        store: usize,
        more: Measured,
    ) -> anyhow::Result<()> {
        let place = (row, connections, store);
        let sum = match self.0.remove(&place) {
            Some(before) => before.and(&more)?,
            None => more,
        };
        self.0.insert(place, sum);
        Ok(())
    }

    pub(crate) fn get(&self, row: Row, connections: usize, store: usize) -> Option<&Measured> {
        self.0.get(&(row, connections, store))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Requests a second against the empty handler's.
    fn of_ceiling(&self, row: Row, connections: usize, store: usize) -> Option<f64> {
        let ceiling = self.get(Row::Ceiling, connections, store)?.per_second();
        Some(self.get(row, connections, store)?.per_second() / ceiling)
    }

    /// How many times slower the large store is.
    fn slower(&self, row: Row, connections: usize) -> Option<f64> {
        Some(self.get(row, connections, 0)?.per_second() / self.get(row, connections, 1)?.per_second())
    }

    /// The table of one number of connections.
    pub(crate) fn table(&self, connections: usize, names: [&str; 2]) -> String {
        let mut text = format!(
            "| {} | people | requests/s | p50 µs | p99 µs | CPU µs a request | of it in the kernel | page faults | of the ceiling | times slower than on {} |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
            if connections == 1 { "1 connection".to_owned() } else { format!("{connections} connections") },
            names[0]
        );
        for row in Row::ALL {
            for (store, people) in names.iter().enumerate() {
                let Some(measured) = self.get(row, connections, store) else { continue };
                let ratio = self.of_ceiling(row, connections, store).map(|ratio| format!("{ratio:.2}"));
                let slower =
                    self.slower(row, connections).filter(|_| store == 1).map(|ratio| format!("{ratio:.2}"));
                let _ = writeln!(
                    text,
                    "| {} | {people} | {} | {} | {} | {} | {} | {:.1} | {} | {} |",
                    if store == 0 { row.name() } else { "" },
                    count(measured.per_second()),
                    count_of(measured.percentile(50.0)),
                    count_of(measured.percentile(99.0)),
                    count(measured.cpu_micros()),
                    count(measured.kernel_micros()),
                    measured.page_faults(),
                    ratio.unwrap_or_default(),
                    slower.unwrap_or_default()
                );
            }
        }
        text
    }

    /// The aims of the rows: each with whether it is met.
    pub(crate) fn aims(&self, names: [&str; 2]) -> Vec<Aim> {
        let mut aims = Vec::new();
        for row in Row::ALL {
            let least = match row.kind() {
                Kind::Read => 0.5,
                Kind::Mint => 0.25,
                Kind::Ceiling | Kind::Write | Kind::Hash | Kind::Refusal => 0.0,
            };
            for (store, people) in names.iter().enumerate() {
                if let Some(ratio) = self.of_ceiling(row, 32, store).filter(|_| least > 0.0) {
                    aims.push(Aim {
                        what: format!("{} on {people}, 32 connections, of the ceiling", row.name()),
                        wanted: format!("at least {least:.2}"),
                        found: format!("{ratio:.2}"),
                        met: ratio >= least,
                    });
                }
            }
            if row.kind() == Kind::Refusal {
                aims.extend((0..names.len()).filter_map(|store| self.refusal(row, store, names)));
            }
            for connections in CONNECTIONS {
                if let Some(slower) = self.slower(row, connections).filter(|_| row.kind() == Kind::Read) {
                    aims.push(Aim {
                        what: format!(
                            "{}, {connections} connections, times slower on {}",
                            row.name(),
                            names[1]
                        ),
                        wanted: format!("at most {LARGE_MAX:.2}"),
                        found: format!("{slower:.2}"),
                        met: slower <= LARGE_MAX,
                    });
                }
            }
        }
        aims
    }

    /// Refusing is cheaper than serving: whoever may not must not cost what those who may are served with.
    fn refusal(&self, row: Row, store: usize, names: [&str; 2]) -> Option<Aim> {
        let cpu = |row: Row| Some(self.get(row, 32, store)?.cpu_micros());
        let ratio = cpu(row)? / cpu(Row::DescribeUser)?;
        Some(Aim {
            what: format!("{} on {}, 32 connections, CPU of a DescribeUser", row.name(), names.get(store)?),
            wanted: format!("at most {REFUSAL_MAX:.2}"),
            found: format!("{ratio:.2}"),
            met: ratio <= REFUSAL_MAX,
        })
    }
}

/// Something aimed at.
#[derive(Debug, Clone)]
pub(crate) struct Aim {
    pub(crate) what: String,
    pub(crate) wanted: String,
    pub(crate) found: String,
    pub(crate) met: bool,
}

/// Every aim; the ones that are missed first.
pub(crate) fn aims_table(aims: &[Aim]) -> String {
    let mut text = "| | aim | found | |\n|---|---|---|---|\n".to_owned();
    let (met, missed): (Vec<&Aim>, Vec<&Aim>) = aims.iter().partition(|aim| aim.met);
    for aim in missed.into_iter().chain(met) {
        let verdict = if aim.met { "met" } else { "**missed**" };
        let _ = writeln!(text, "| {} | {} | {} | {verdict} |", aim.what, aim.wanted, aim.found);
    }
    text
}

/// A figure with thousands set apart; small ones keep a digit.
pub(crate) fn count(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rounded, positive figure")]
    count_of(value.round() as u64)
}

/// A whole number with thousands set apart.
pub(crate) fn count_of(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as MiB.
#[expect(clippy::cast_precision_loss, reason = "sizes of files and memory")]
pub(crate) fn mebibytes(bytes: u64) -> String {
    count(bytes as f64 / 1_048_576.0)
}

/// Resident memory, in words.
pub(crate) fn memory(memory: Memory) -> String {
    format!("{} MiB of its own, {} MiB of mapped files", mebibytes(memory.anonymous), mebibytes(memory.file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [count(7.25), count(99.96), count(1_234.4), count_of(12), count_of(1_234_567)],
            ["7.2", "100.0", "1,234", "12", "1,234,567"]
        );
    }

    #[test]
    fn what_is_missed_comes_first() {
        let aim =
            |what: &str, met| Aim { what: what.to_owned(), wanted: String::new(), found: String::new(), met };
        let table = aims_table(&[aim("good", true), aim("bad", false)]);
        assert!(table.find("bad").unwrap() < table.find("good").unwrap());
    }
}
