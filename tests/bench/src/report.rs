//! The tables, in Markdown, and what is said to people meanwhile. Knows how figures are written, not how they come about.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::assignments::BATCH;
use crate::load::Measured;
use crate::process::Memory;
use crate::rows::{Kind, Row};

/// Connections of the two halves of the tables.
pub(crate) const CONNECTIONS: [usize; 2] = [1, 32];
/// What refusing may cost of what an empty handler costs: what was a third of a DescribeUser while that cost six times an empty handler.
const REFUSAL_MAX: f64 = 2.0;
/// How much slower the large store may be.
const LARGE_MAX: f64 = 1.2;
/// The rate of calls signed by role credentials, of that of a root key's.
const ROLE_SIGNED_MIN: f64 = 0.7;
/// What other services ask about their requests, of the empty handler: two signatures to verify, and policies to decide.
const AUTHORIZE_MIN: f64 = 0.5;
/// The rate of reads beside changes, of that without.
const BESIDE_CHANGES_MIN: f64 = 0.6;
/// Changes a second that such a run must have seen.
const CHANGES_A_SECOND_MIN: f64 = 475.0;
/// Assignments a second in batches, of those by single calls.
const OF_SINGLE_MIN: f64 = 10.0;
/// What a sign-in may cost of the hash that it needs.
const SIGN_IN_MAX: f64 = 1.1;
/// The p99 of reads while people sign in, of that without.
const BESIDE_SIGN_INS_MAX: f64 = 5.0;
/// What it costs to list all that a person reaches, with what grants it, of what the person's own list costs.
const EFFECTIVE_ACCESS_MAX: f64 = 5.0;
/// A list right after a change of access, of the ceiling.
const AFTER_CHANGE_MIN: f64 = 0.15;

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
            for (store, people) in names.iter().enumerate() {
                aims.extend(self.least_of_ceiling(row, store, people));
                aims.extend(self.compared(row, store, people));
                aims.extend(self.refusal(row, store, people));
                aims.extend(CONNECTIONS.iter().filter_map(|at| self.beside(row, (*at, store), people)));
            }
            for connections in CONNECTIONS {
                aims.extend(self.no_slower(row, connections, names));
            }
        }
        aims
    }

    /// A rate at 32 connections against the empty handler's.
    fn least_of_ceiling(&self, row: Row, store: usize, people: &str) -> Option<Aim> {
        let least = match row {
            Row::DescribeUser | Row::GetUserId => 0.5,
            Row::ListAccounts | Row::ListAccountRoles => 0.6,
            Row::GetRoleCredentials => 0.3,
            Row::ListGroupMemberships => 0.25,
            _ => return None,
        };
        let what = format!("{} on {people}, 32 connections, of the ceiling", row.name());
        Some(Aim::at_least(what, least, self.of_ceiling(row, 32, store)?))
    }

    /// What is measured at each number of connections against another row.
    fn beside(&self, row: Row, place: (usize, usize), people: &str) -> Option<Aim> {
        let (connections, store) = place;
        let measured = |row: Row| self.get(row, connections, store);
        let (what, most, found) = match row {
            Row::SignIn => {
                let bare = measured(Row::Argon2id)?.cpu_micros();
                ("CPU of the bare hash's", SIGN_IN_MAX, measured(row)?.cpu_micros() / bare)
            }
            #[expect(clippy::cast_precision_loss, reason = "microseconds of seconds")]
            // Alone on one processor with a hash, a call waits for as long as the kernel lets the hash go on: docs/benchmarks.md.
            Row::BesideSignIns if connections > 1 => {
                let p99 = |row: Row| Some(measured(row)?.percentile(99.0) as f64);
                // Without sign-ins it proves nothing.
                let found = p99(row)? / p99(Row::DescribeUser)?;
                let kept = measured(row)?.beside_per_second() > 0.0;
                ("p99 of that without", BESIDE_SIGN_INS_MAX, if kept { found } else { f64::NAN })
            }
            Row::EffectiveAccess => {
                let list = measured(Row::ListAccounts)?.cpu_micros();
                ("CPU of a ListAccounts", EFFECTIVE_ACCESS_MAX, measured(row)?.cpu_micros() / list)
            }
            _ => return None,
        };
        Some(Aim::at_most(
            format!("{} on {people}, {connections} connections, {what}", row.name()),
            most,
            found,
        ))
    }

    /// A row against the one that it is to be seen beside.
    fn compared(&self, row: Row, store: usize, people: &str) -> Option<Aim> {
        let rate = |row: Row| Some(self.get(row, 32, store)?.per_second());
        let cpu = |row: Row| Some(self.get(row, 32, store)?.cpu_micros());
        let (what, least, found) = match row {
            Row::RoleSigned => {
                ("of the rate of a root key's", ROLE_SIGNED_MIN, rate(row)? / rate(Row::DescribeUser)?)
            }
            Row::AuthorizeRequest => ("of the ceiling", AUTHORIZE_MIN, rate(row)? / rate(Row::Ceiling)?),
            Row::BesideChanges => {
                let kept = self.get(row, 32, store)?.beside_per_second();
                let found = rate(row)? / rate(Row::DescribeUser)?;
                // Fewer changes than there should be prove nothing.
                let found = if kept < CHANGES_A_SECOND_MIN { f64::NAN } else { found };
                ("of the rate without them", BESIDE_CHANGES_MIN, found)
            }
            Row::BatchOfAssignments => {
                #[expect(clippy::cast_precision_loss, reason = "a thousand")]
                let found = rate(row)? * BATCH as f64 / rate(Row::CreateAccountAssignment)?;
                ("assignments a second of those by single calls", OF_SINGLE_MIN, found)
            }
            // What the list costs is what the pair costs more than the change alone.
            Row::ListsAfterChange => {
                let list = cpu(row)? - cpu(Row::ChangeOfAccess)?;
                ("of the ceiling, by CPU of the list", AFTER_CHANGE_MIN, cpu(Row::Ceiling)? / list)
            }
            _ => return None,
        };
        Some(Aim::at_least(format!("{} on {people}, 32 connections, {what}", row.name()), least, found))
    }

    fn no_slower(&self, row: Row, connections: usize, names: [&str; 2]) -> Option<Aim> {
        let slower = self.slower(row, connections).filter(|_| row.kind() == Kind::Read)?;
        let what = format!("{}, {connections} connections, times slower on {}", row.name(), names[1]);
        Some(Aim::at_most(what, LARGE_MAX, slower))
    }

    /// Refusing is cheap: whoever may not must not cost what those who may are served with.
    fn refusal(&self, row: Row, store: usize, people: &str) -> Option<Aim> {
        let cpu = |row: Row| Some(self.get(row, 32, store)?.cpu_micros());
        let ratio = cpu(row).filter(|_| row.kind() == Kind::Refusal)? / cpu(Row::Ceiling)?;
        let what = format!("{} on {people}, 32 connections, CPU of an empty handler's", row.name());
        Some(Aim::at_most(what, REFUSAL_MAX, ratio))
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

impl Aim {
    pub(crate) fn at_least(what: String, wanted: f64, found: f64) -> Self {
        let met = found >= wanted;
        Self { what, wanted: format!("at least {wanted:.2}"), found: format!("{found:.2}"), met }
    }

    pub(crate) fn at_most(what: String, wanted: f64, found: f64) -> Self {
        let met = found <= wanted;
        Self { what, wanted: format!("at most {wanted:.2}"), found: format!("{found:.2}"), met }
    }
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

    #[test]
    fn an_aim_is_met_up_to_its_bound() {
        let met = |aim: Aim| aim.met;
        assert!(met(Aim::at_least(String::new(), 0.5, 0.5)) && !met(Aim::at_least(String::new(), 0.5, 0.49)));
        assert!(met(Aim::at_most(String::new(), 1.2, 1.2)) && !met(Aim::at_most(String::new(), 1.2, 1.21)));
        // A figure that could not be had meets nothing.
        assert!(
            !met(Aim::at_least(String::new(), 0.5, f64::NAN))
                && !met(Aim::at_most(String::new(), 1.2, f64::NAN))
        );
    }
}
