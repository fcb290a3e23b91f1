//! A guard that noise cannot move: how many instructions the server executes for one request, counted by callgrind, against the counts in
//! `tests/bench/instructions.txt`. Counts of another compiler are shown and not judged.

use std::fmt::Write as _;

use anyhow::Context as _;

use crate::machine::said_by;
use crate::profile::Instructions;
use crate::report::{count_of, say};
use crate::rows::Row;
use crate::stores::Places;

/// The hottest requests: credentials, the portal, the directory, and what anybody may send. None that writes: what is moved behind it, and when, makes a
/// count of the same binary differ by a fifth.
const ROWS: [Row; 6] = [
    Row::GetRoleCredentials,
    Row::ListAccounts,
    Row::DescribeUser,
    Row::GetUserId,
    Row::ListGroupMemberships,
    Row::WronglySigned,
];
/// Per cent by which a count may differ. Two runs of one binary, both on a machine with twenty other programs running, differed by 0.1 to 1.8.
const TOLERANCE: u64 = 4;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) table: String,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

/// Compares what was counted with what is committed; `bless` commits to it.
pub(crate) fn judge(
    places: &Places,
    counted: &[(Row, Instructions)],
    bless: bool,
) -> anyhow::Result<Verdict> {
    let hottest = counted.iter().filter(|(row, _)| ROWS.contains(row));
    let counts: Vec<(Row, u64)> = hottest.map(|(row, instructions)| (*row, instructions.total)).collect();
    let compiler = said_by(&places.root, "rustc", &["--version"])?;
    let path = places.root.join("tests/bench/instructions.txt");
    if bless {
        std::fs::write(&path, written(&compiler, &counts))?;
    }
    let known = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    judged(&known, &compiler, &counts)
}

fn written(compiler: &str, counts: &[(Row, u64)]) -> String {
    let mut text = format!(
        "# Instructions of the server for one request, by callgrind. `cargo xtask bench --bless` writes this file.\ncompiler {compiler}\n"
    );
    for (row, count) in counts {
        let _ = writeln!(text, "{} = {count}", row.name());
    }
    text
}

fn judged(known: &str, compiler: &str, counts: &[(Row, u64)]) -> anyhow::Result<Verdict> {
    let same_compiler = known.lines().any(|line| line.strip_prefix("compiler ") == Some(compiler));
    let mut verdict = Verdict {
        table: "| instructions of the server for one request | committed | counted | |\n|---|--:|--:|---|\n"
            .to_owned(),
        passed: 0,
        failed: 0,
    };
    for (row, count) in counts {
        let line = known.lines().find_map(|line| line.strip_prefix(row.name())?.strip_prefix(" = "));
        let wanted: u64 = line.with_context(|| format!("no count of {}", row.name()))?.parse()?;
        let within = count.abs_diff(wanted) * 100 <= wanted * TOLERANCE;
        let said = match (same_compiler, within) {
            (_, true) => "within bounds",
            (false, false) => "another compiler: not judged",
            (true, false) => "**out of bounds**",
        };
        if same_compiler && !within {
            verdict.failed += 1;
            say(&format!(
                "{} now takes {} instructions, {} were committed, {TOLERANCE} % may differ. If that is meant: cargo xtask bench --bless, and say why in the commit",
                row.name(),
                count_of(*count),
                count_of(wanted)
            ));
        } else if within {
            verdict.passed += 1;
        }
        let _ = writeln!(
            verdict.table,
            "| {} | {} | {} | {said} |",
            row.name(),
            count_of(wanted),
            count_of(*count)
        );
    }
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_out_of_bounds_fails_unless_the_compiler_is_another() {
        let known = written("rustc 1", &[(Row::DescribeUser, 100_000)]);
        let failed =
            |compiler: &str, count| judged(&known, compiler, &[(Row::DescribeUser, count)]).unwrap().failed;
        assert_eq!(
            [failed("rustc 1", 103_900), failed("rustc 1", 104_100), failed("rustc 1", 95_900)],
            [0, 1, 1]
        );
        assert_eq!(failed("rustc 2", 150_000), 0);
    }
}
