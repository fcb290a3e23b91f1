//! Where the instructions of a request go: counted by callgrind over the binary as it ships, each charged to the part of the program that the function
//! executing it belongs to. Nothing is counted twice, and the parts add up to the whole.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::company::Company;
use crate::load;
use crate::report::{count_of, say};
use crate::rows::Row;
use crate::stores::Places;
use crate::world::World;

/// What is looked at: everything but sign-ins, which are argon2id and little else.
const ROWS: [Row; 12] = [
    Row::Ceiling,
    Row::GetRoleCredentials,
    Row::ListAccounts,
    Row::ListAccountRoles,
    Row::DescribeUser,
    Row::GetUserId,
    Row::ListGroupMemberships,
    Row::CreateUser,
    Row::CreateAccountAssignment,
    Row::CreateToken,
    Row::Unsigned,
    Row::WronglySigned,
];
/// Requests before counting begins: statements are prepared, caches are warm.
const BEFORE: usize = 50;
/// How long after an answer its record may be written, and moved into a piece of the trail: the keeper comes every second.
pub(crate) const BEHIND: Duration = Duration::from_millis(1_400);
/// Requests counted.
const COUNTED: usize = 200;

/// A part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Sqlite,
    Memory,
    Cryptography,
    Json,
    Http,
    Own,
    Library,
}

impl Part {
    const ALL: [Self; 7] =
        [Self::Sqlite, Self::Memory, Self::Cryptography, Self::Json, Self::Http, Self::Own, Self::Library];

    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Memory => "memory",
            Self::Cryptography => "cryptography",
            Self::Json => "JSON",
            Self::Http => "HTTP and runtime",
            Self::Own => "Portico",
            Self::Library => "other libraries",
        }
    }

    /// The part of a function. A name of Rust's may begin with `<` and `&mut`: `<hyper::body::Incoming as …>::poll`.
    fn of(function: &str) -> Self {
        let name = function.trim_start_matches(['<', '&', '*']).trim_start_matches("mut ");
        // A crate's name must stand whole: `http` is not `httparse`. C has no crates, only prefixes.
        let marked = |mark: &str| match name.strip_prefix(mark) {
            Some(rest) if name.contains("::") => mark.contains("::") || rest.starts_with("::"),
            Some(_) => true,
            None => false,
        };
        let found = MARKS.iter().find(|(_, marks)| marks.split(' ').any(marked));
        found.map_or(Self::Library, |(part, _)| *part)
    }
}

/// What marks a function of a part: the beginning of its name, or the crate in which its type or trait stands.
const MARKS: [(Part, &str); 6] = [
    (
        Part::Sqlite,
        "sqlite3 rusqlite btree balance_ wal pager pcache vdbe unix getPage getAndInitPage moveTo getCell allocateCursor \
         allocateBtreePage dbMalloc applyAffinity releaseMemArray releasePage fillInCell insertCell allocateSpace freeSpace \
         zeroPage memjrnl subjournal releaseAllSavepoints saveAllCursors",
    ),
    (
        Part::Memory,
        "malloc calloc realloc free cfree _rjem sdallocx do_rallocx arena_ tcache_ je_ __memcpy __memmove __memset __memcmp \
         memcpy memmove memset memcmp core::ptr::drop_in_place alloc::",
    ),
    (Part::Cryptography, "aws_lc AWS_LC aws_lc_rs sha256 hmac subtle rand_bytes ctr_drbg aes_ gcm_"),
    (Part::Json, "serde serde_json serde_core indexmap zmij"),
    (
        Part::Http,
        "hyper hyper_util axum axum_core tower tower_http tower_service http http_body http_body_util httparse tokio mio \
         futures_util futures_core matchit bytes prometheus_client",
    ),
    (
        Part::Own,
        "model wire sigv4 store policy directory signin accounts instances audit broker edge_aws edge_portal portico",
    ),
];

/// The instructions of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Instructions {
    pub(crate) total: u64,
    parts: BTreeMap<Part, u64>,
}

impl Instructions {
    /// What is left without those of `others`.
    fn without(mut self, others: &Self) -> Self {
        self.total = self.total.saturating_sub(others.total);
        for (part, instructions) in &mut self.parts {
            *instructions = instructions.saturating_sub(others.parts.get(part).copied().unwrap_or(0));
        }
        self
    }

    /// The share of each of so many requests.
    fn of_each(mut self, requests: usize) -> Self {
        self.total /= requests as u64;
        self.parts.values_mut().for_each(|part| *part /= requests as u64);
        self
    }
}

/// Counts the instructions of one request of each row, on a store of `people`.
pub(crate) async fn count(places: &Places, people: usize) -> anyhow::Result<Vec<(Row, Instructions)>> {
    say("counting instructions under callgrind");
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
        tokio::time::sleep(BEHIND).await;
        control(&world, "--zero")?;
        let begun = Instant::now();
        load::times(&world.process, operation, COUNTED).await.with_context(|| row.name())?;
        // Records are written and moved behind the answers, together: they are counted whole.
        tokio::time::sleep(BEHIND).await;
        control(&world, "--dump")?;
        // What the server does by itself in as much time, asked or not, is not the requests'.
        let asked_for = begun.elapsed();
        control(&world, "--zero")?;
        tokio::time::sleep(asked_for).await;
        control(&world, "--dump")?;
        let dumped = |number: usize| read(&PathBuf::from(format!("{}.{number}", out.display())));
        counts.push((row, dumped(2 * at + 1)?.without(&dumped(2 * at + 2)?).of_each(COUNTED)));
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

fn read(path: &Path) -> anyhow::Result<Instructions> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    parse(&String::from_utf8_lossy(&text)).with_context(|| path.display().to_string())
}

/// Adds up a dump in callgrind's format (Valgrind manual, "Callgrind Format Specification"): lines of cost belong to the last `fn=`; the line
/// after `calls=` is what the callee took, and is counted there. A name stands beside its number once, and then the number alone.
fn parse(dump: &str) -> anyhow::Result<Instructions> {
    let mut names: HashMap<&str, Part> = HashMap::new();
    let mut instructions = Instructions::default();
    let (mut part, mut of_callee) = (Part::Library, false);
    for line in dump.lines() {
        let function = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn="));
        if let Some(function) = function {
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(number, Part::of(name));
            }
            if line.starts_with("fn=") {
                part = *names.get(number).context("a function without a name")?;
            }
        } else if line.starts_with("calls=") {
            of_callee = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split(' ').nth(1).context("a line of cost")?.parse::<u64>()?;
            if !std::mem::take(&mut of_callee) {
                instructions.total += cost;
                *instructions.parts.entry(part).or_default() += cost;
            }
        }
    }
    if instructions.total == 0 {
        bail!("a dump without instructions");
    }
    Ok(instructions)
}

/// The profile of each row, as shares of its whole.
pub(crate) fn table(counts: &[(Row, Instructions)]) -> String {
    let mut text = "| where the instructions of a request go | instructions |".to_owned();
    for part in Part::ALL {
        let _ = write!(text, " {} |", part.name());
    }
    text.push_str("\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (row, instructions) in counts {
        let _ = write!(text, "| {} | {} |", row.name(), count_of(instructions.total));
        for part in Part::ALL {
            let share = instructions.parts.get(&part).copied().unwrap_or(0) * 100 / instructions.total.max(1);
            let _ = write!(text, " {share} % |");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_belong_to_parts() {
        for (function, part) in [
            ("sqlite3VdbeExec", Part::Sqlite),
            ("<rusqlite::row::Rows as fallible::Iterator>::advance", Part::Sqlite),
            (
                "<&mut serde_json::ser::Serializer<W,F> as serde_core::ser::Serializer>::serialize_str",
                Part::Json,
            ),
            ("store::tx::Rx::all", Part::Own),
            ("core::ptr::drop_in_place<store::tx::Rx>", Part::Memory),
            ("alloc::fmt::format", Part::Memory),
            ("httparse::parse_headers", Part::Http),
            ("core::str::converts::from_utf8", Part::Library),
            ("aws_lc_0_47_0_sha256_block_data_order_hw", Part::Cryptography),
            ("httpish::f", Part::Library),
        ] {
            assert_eq!(Part::of(function), part, "{function}");
        }
    }

    #[test]
    fn what_a_callee_takes_is_counted_once() {
        let dump = "events: Ir\nfn=(1) store::read\n10 100\ncfn=(2) sqlite3_step\ncalls=3 0\n11 400\n+1 7\n\nfn=(2)\n1 400\n";
        let counted = parse(dump).unwrap();
        assert_eq!(counted.total, 507);
        assert_eq!(counted.parts, BTreeMap::from([(Part::Own, 107), (Part::Sqlite, 400)]));
        assert!(parse("fn=(3)\n1 1\n").is_err());
    }
}
