//! New assignments, step by step: who, what, where. All that is chosen stands in the address, so that Back, Forward and a link to a colleague work, and
//! nothing is kept here. Changes nothing.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_portal::message::Frame;

use crate::asked::Asked;
use crate::assignment::{self, BATCH_MAX};
use crate::desk::Desk;
use crate::find::{Found, Sought, find};
use crate::names::{Named, Names};
use crate::page::{ROWS, Room, Shell, frame, go, refused, show as show_page};
use crate::thing::{Kind, Thing};

/// Pages that are gone through to choose all that was found.
const PAGES_MAX: usize = 20;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    People,
    Groups,
    Sets,
    Accounts,
}

impl Step {
    pub(crate) const ALL: [Self; 4] = [Self::People, Self::Groups, Self::Sets, Self::Accounts];

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::People => Kind::User,
            Self::Groups => Kind::Group,
            Self::Sets => Kind::Set,
            Self::Accounts => Kind::Account,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.kind().name()
    }

    /// The one of this name; one begins with groups, which are what should be assigned.
    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|step| step.name() == name).unwrap_or(Self::Groups)
    }

    /// The one that follows; after the last comes the preview.
    const fn next(self) -> Option<Self> {
        match self {
            Self::People | Self::Groups => Some(Self::Sets),
            Self::Sets => Some(Self::Accounts),
            Self::Accounts => None,
        }
    }
}

/// What is chosen of a kind.
struct Chosen {
    step: Step,
    things: Vec<Named>,
}

#[derive(Template)]
#[template(path = "assignments_new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    step: Step,
    query: String,
    /// The organizational unit in which accounts are looked for.
    unit: Option<String>,
    /// What is chosen of other kinds than this step's, which the page only carries.
    carried: Vec<Thing>,
    chosen: Vec<Chosen>,
    found: Found,
    /// How many pairs these choices come to.
    count: usize,
}

impl NewPage {
    fn is(&self, chosen: &Chosen) -> bool {
        self.step == chosen.step
    }

    /// Where there is a step that follows.
    fn next_step(&self) -> Option<Step> {
        self.step.next()
    }

    /// What is chosen in this step.
    fn own(&self) -> &[Named] {
        self.chosen.iter().find(|chosen| chosen.step == self.step).map_or(&[], |chosen| &chosen.things)
    }

    fn is_chosen(&self, one: &Named) -> bool {
        self.own().iter().any(|chosen| chosen.thing == one.thing)
    }

    fn is_too_much(&self) -> bool {
        self.count > BATCH_MAX
    }
}

/// The page of a step.
async fn show_step(desk: &Desk, mut asked: Asked, step: Step) -> Response {
    let (admin, query) = (&mut asked.admin, &asked.query);
    // What was typed to find groups finds no accounts.
    let is_another = query.some("from").is_some_and(|from| from != step.name());
    let typed = if is_another { "" } else { query.text("q") };
    let sought = Sought { query: typed, unit: query.some("unit"), token: query.some("token"), rows: ROWS };
    let found = match find(desk, admin, step.kind(), &sought).await {
        Ok(found) => found,
        Err(why) => return refused(desk, admin, Room::Assignments, &why),
    };
    let all = Step::ALL.map(|step| (step, Thing::chosen(query, step.kind())));
    let names = Names::of(desk, admin, all.iter().flat_map(|(_, things)| things.iter().cloned())).await;
    let carried = all.iter().filter(|(other, _)| *other != step).flat_map(|(_, things)| things.clone());
    let page = NewPage {
        carried: carried.collect(),
        chosen: all
            .iter()
            .map(|(step, things)| Chosen {
                step: *step,
                things: things.iter().map(|thing| names.named(thing)).collect(),
            })
            .collect(),
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Assignments),
        step,
        query: typed.to_owned(),
        unit: query.some("unit").map(str::to_owned),
        count: assignment::count(query),
        found,
    };
    show_page(desk, admin, &page)
}

/// Chooses everything that was found, and shows it.
async fn add_all(desk: &Desk, mut asked: Asked, step: Step) -> Response {
    let mut things = Step::ALL.map(|step| Thing::chosen(&asked.query, step.kind())).concat();
    let mut token: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let unit = asked.query.some("unit");
        let sought = Sought { query: asked.query.text("q"), unit, token: token.as_deref(), rows: ROWS };
        let found = find(desk, &mut asked.admin, step.kind(), &sought).await;
        let found = match found {
            Ok(found) => found,
            Err(why) => return refused(desk, &asked.admin, Room::Assignments, &why),
        };
        for one in found.items {
            if !things.contains(&one.thing) && things.len() < BATCH_MAX {
                things.push(one.thing);
            }
        }
        token = found.next;
        if token.is_none() {
            break;
        }
    }
    let things: Vec<String> = things.iter().map(Thing::query).collect();
    go(desk, &format!("/console/assignments/new?step={}&{}", step.name(), things.join("&")))
}

/// `GET /console/assignments/new`
pub(crate) async fn show(State(desk): State<Desk>, asked: Asked) -> Response {
    let step = Step::named(asked.query.text("step"));
    show_step(&desk, asked, step).await
}

/// `GET /console/assignments/new/{step}`: more of a step, the next page of what was found or all of it.
pub(crate) async fn show_more(State(desk): State<Desk>, Path(step): Path<String>, asked: Asked) -> Response {
    let step = Step::named(&step);
    if asked.query.is_ticked("all") {
        return add_all(&desk, asked, step).await;
    }
    show_step(&desk, asked, step).await
}
