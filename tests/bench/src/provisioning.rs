//! A first load and the nights after it, of ours and of others: people and groups one by one and in bulk, then what a provider asks day by day.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;

use crate::load::{self, Measured};
use crate::process::Memory;
use crate::report::{count, say};
use crate::scim::{Does, PAGE, Target};

/// Connections of the load.
pub(crate) const CONNECTIONS: usize = 8;
/// Members of the group that the large one is held against.
pub(crate) const FEW: usize = 10;

/// How much is loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// People; all of them are in the large group too.
    pub(crate) people: usize,
    pub(crate) groups: usize,
    /// Operations of a bulk request.
    pub(crate) bulk: usize,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    People,
    Groups,
    PeopleInBulk,
    GroupsInBulk,
    Find,
    Sync,
    Member,
    MemberOfFew,
    FirstPage,
    LastPage,
    FirstPageByCursor,
    LastPageByCursor,
}

impl Line {
    pub(crate) const ALL: [Self; 12] = [
        Self::People,
        Self::Groups,
        Self::PeopleInBulk,
        Self::GroupsInBulk,
        Self::Find,
        Self::Sync,
        Self::Member,
        Self::MemberOfFew,
        Self::FirstPage,
        Self::LastPage,
        Self::FirstPageByCursor,
        Self::LastPageByCursor,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::People => "first load, people one by one",
            Self::Groups => "first load, groups of ten one by one",
            Self::PeopleInBulk => "first load, people by /Bulk",
            Self::GroupsInBulk => "first load, groups of ten by /Bulk",
            Self::Find => "userName eq",
            Self::Sync => "nightly sync of a person: found, and sent again unchanged",
            Self::Member => "PATCH of one member of a group of everybody",
            Self::MemberOfFew => "PATCH of one member of a group of 10",
            Self::FirstPage => "first page of 100 by number",
            Self::LastPage => "last page of 100 by number",
            Self::FirstPageByCursor => "first page of 100 by cursor",
            Self::LastPageByCursor => "last page of 100 by cursor",
        }
    }
}

/// Memory of its own around a load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grown {
    pub(crate) before: Memory,
    /// After the first tenth.
    pub(crate) warm: Memory,
    pub(crate) after: Memory,
}

/// What one server came to.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    lines: Vec<(Line, Measured, usize)>,
    pub(crate) grown: Vec<(Line, Grown)>,
}

impl Figures {
    fn add(&mut self, who: &Target, line: Line, (measured, each): (Measured, usize)) {
        say(&format!("{}, {}: {}/s", who.name, line.name(), count(per_second(&measured, each))));
        self.lines.push((line, measured, each));
    }

    pub(crate) fn get(&self, line: Line) -> Option<&Measured> {
        self.lines.iter().find(|(of, ..)| *of == line).map(|(_, measured, _)| measured)
    }

    /// Of a second: resources of a load, requests of the rest; a person of a sync is two requests.
    pub(crate) fn per_second(&self, line: Line) -> Option<f64> {
        let (_, measured, each) = self.lines.iter().find(|(of, ..)| *of == line)?;
        Some(per_second(measured, *each))
    }

    /// Microseconds of the server's processor for each of these.
    pub(crate) fn cpu_micros(&self, line: Line) -> Option<f64> {
        let (_, measured, each) = self.lines.iter().find(|(of, ..)| *of == line)?;
        Some(measured.cpu_micros() / exact(*each))
    }
}

impl Figures {
    /// Those of them that the kernel used.
    pub(crate) fn kernel_micros(&self, line: Line) -> Option<f64> {
        let (_, measured, each) = self.lines.iter().find(|(of, ..)| *of == line)?;
        Some(measured.kernel_micros() / exact(*each))
    }
}

fn per_second(measured: &Measured, each: usize) -> f64 {
    measured.per_second() * exact(each)
}

#[expect(clippy::cast_precision_loss, reason = "operations of a bulk request")]
fn exact(count: usize) -> f64 {
    count as f64
}

/// Loads `target` one by one, and asks what follows.
pub(crate) async fn one_by_one(
    target: &Rc<Target>,
    sizes: Sizes,
    (period, has_cursors): (Duration, bool),
) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    let loaded = load_all(target, (&Does::Person, sizes.people, 1)).await?;
    figures.grown.push((Line::People, loaded.1));
    figures.add(target, Line::People, (loaded.0, 1));
    let loaded = load_all(target, (&Does::Group, sizes.groups, 1)).await?;
    figures.grown.push((Line::Groups, loaded.1));
    figures.add(target, Line::Groups, (loaded.0, 1));
    // Those who will join a group and leave it.
    let people = target.people.borrow().clone();
    load::run_through(target.process(), target.steps(&Does::Person, CONNECTIONS), CONNECTIONS).await?;
    say(&format!("{}: a group of {} people", target.name, people.len()));
    let everybody = target.group_of("bench-everybody", &people).await?;
    let few = target.group_of("bench-few", people.get(..FEW).unwrap_or_default()).await?;
    let total = target.total().await?;
    let mut asked = vec![
        (Line::Find, Does::Find),
        (Line::Sync, Does::Sync),
        (Line::Member, Does::Member(everybody.into())),
        (Line::MemberOfFew, Does::Member(few.into())),
        (Line::FirstPage, Target::page_at(1)),
        (Line::LastPage, Target::page_at(total - PAGE + 1)),
    ];
    if has_cursors {
        asked.push((Line::FirstPageByCursor, Target::first_page_by_cursor()));
        asked.push((Line::LastPageByCursor, target.last_page_by_cursor(total).await?));
    }
    for (line, does) in asked {
        let measured = load::run(target.process(), target.steps(&does, CONNECTIONS), period).await;
        let measured = measured.with_context(|| format!("{}, {}", target.name, line.name()))?;
        figures.add(target, line, (measured, 1));
    }
    Ok(figures)
}

/// Loads `target`, an empty one, by `/Bulk`, into the same figures.
pub(crate) async fn in_bulk(target: &Rc<Target>, sizes: Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let people = (&Does::PeopleInBulk(sizes.bulk), sizes.people, sizes.bulk);
    let (measured, grown) = load_all(target, people).await?;
    figures.grown.push((Line::PeopleInBulk, grown));
    figures.add(target, Line::PeopleInBulk, (measured, sizes.bulk));
    let bulk = sizes.bulk.min(sizes.groups);
    let (measured, grown) = load_all(target, (&Does::GroupsInBulk(bulk), sizes.groups, bulk)).await?;
    figures.grown.push((Line::GroupsInBulk, grown));
    figures.add(target, Line::GroupsInBulk, (measured, bulk));
    Ok(())
}

/// So many resources, `each` by one request, with a look at the memory after the first tenth.
async fn load_all(
    target: &Rc<Target>,
    (does, count, each): (&Does, usize, usize),
) -> anyhow::Result<(Measured, Grown)> {
    let requests = count / each;
    let first = (requests / 10).max(1);
    let before = target.process().memory()?;
    let begun = load::run_through(target.process(), target.steps(does, CONNECTIONS), first).await?;
    let warm = target.process().memory()?;
    let rest = load::run_through(target.process(), target.steps(does, CONNECTIONS), requests - first);
    let rest = rest.await.with_context(|| format!("{}: {does:?}", target.name))?;
    let grown = Grown { before, warm, after: target.process().memory()? };
    Ok((begun.and(&rest)?, grown))
}
