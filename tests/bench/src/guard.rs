//! A guard that noise cannot move: how many instructions the server executes for one request, counted by callgrind, against the counts in
//! `tests/bench/instructions.txt`. Counts of another compiler are shown and not judged.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context as _, bail};

use crate::company::Company;
use crate::load;
use crate::machine::said_by;
use crate::report::{count_of, say};
use crate::rows::Row;
use crate::stores::Places;
use crate::world::World;

/// The hottest requests: credentials, the directory, tokens.
const ROWS: [Row; 3] = [Row::GetRoleCredentials, Row::DescribeUser, Row::CreateToken];
/// Requests before counting begins: statements are prepared, caches are warm.
const BEFORE: usize = 50;
/// Requests counted.
const COUNTED: usize = 200;
/// Per cent by which a count may differ. Two runs of one binary, both on a machine with twenty other programs running, differed by 0.1 to 1.8.
const TOLERANCE: u64 = 4;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) table: String,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

/// Counts, and compares with what is committed; `bless` commits to what is counted now.
pub(crate) async fn measure(places: &Places, people: usize, bless: bool) -> anyhow::Result<Verdict> {
    say("counting instructions under callgrind");
    let counts = count(places, people).await?;
    let compiler = said_by(&places.root, "rustc", &["--version"])?;
    let path = places.root.join("tests/bench/instructions.txt");
    if bless {
        std::fs::write(&path, written(&compiler, &counts))?;
    }
    let known = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    judged(&known, &compiler, &counts)
}

async fn count(places: &Places, people: usize) -> anyhow::Result<Vec<(Row, u64)>> {
    let out = places.scratch.join("callgrind.out");
    let under = ["valgrind", "--quiet", "--tool=callgrind", "--combine-dumps=no"].map(str::to_owned);
    let under: Vec<String> =
        under.into_iter().chain([format!("--callgrind-out-file={}", out.display())]).collect();
    let mut world = World::open(places, Company::new(people), "counted", &under).await?;
    world.sign_people_in(1).await?;
    let world = Rc::new(world);
    let mut counts = Vec::new();
    for (at, row) in ROWS.into_iter().enumerate() {
        let mut operations = row.operations(&world, 1).await?;
        let operation = operations.first_mut().context("one connection")?;
        load::times(&world.process, operation, BEFORE).await.with_context(|| row.name())?;
        control(&world, "--zero")?;
        load::times(&world.process, operation, COUNTED).await.with_context(|| row.name())?;
        control(&world, "--dump")?;
        let dumped = PathBuf::from(format!("{}.{}", out.display(), at + 1));
        counts.push((row, total(&dumped)? / COUNTED as u64));
    }
    Ok(counts)
}

fn control(world: &World, what: &str) -> anyhow::Result<()> {
    let output = Command::new("callgrind_control").arg(what).arg(world.process.id().to_string()).output()?;
    if !output.status.success() {
        bail!("callgrind_control {what}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The instructions of a dump.
fn total(path: &Path) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let line =
        text.lines().find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")));
    line.context("a dump without its total")?.trim().parse().context("a total")
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
        } else {
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
