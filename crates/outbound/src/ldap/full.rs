//! Everybody in scope, people first, then groups. Where the reading began is noted before it begins: what changes meanwhile comes again later.

use std::collections::VecDeque;

use ldap::control::Control;
use ldap::cursor::{Cursor, Point};
use ldap::found::{Change, Deletions};
use ldap::reading::Reading;
use ldap::request::{Depth, Search};
use ldap::schema::Schema;
use ldap::times;
use time::OffsetDateTime;

use crate::ldap::failure::Why;
use crate::ldap::page::{Filling, Page};
use crate::ldap::paging::Paged;
use crate::ldap::session::Session;
use crate::ldap::settings::Settings;

/// When an entry was last changed (RFC 4512 §3.4.2).
pub(crate) const MODIFIED: &str = "modifyTimestamp";

/// How far our clock may be behind that of the directory: what says that it was changed later was not.
const AHEAD: i64 = 600;

/// What a search is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    People,
    Groups,
}

/// The searches of a scope: each base of people, then each of groups.
pub(crate) fn searches(settings: &Settings, reading: &Reading) -> Vec<(What, Search)> {
    let scope = &settings.scope;
    let search = |base: &ldap::dn::Dn, what: What| Search {
        base: base.as_str().to_owned(),
        depth: Depth::Subtree,
        filter: match what {
            What::People => scope.people_filter.clone(),
            What::Groups => scope.group_filter.clone(),
        },
        attributes: match what {
            What::People => reading.person_attributes(),
            What::Groups => reading.group_attributes(),
        },
        entries_max: 0,
        seconds_max: 0,
    };
    let people = scope.people_bases().into_iter().map(|base| (What::People, search(base, What::People)));
    let groups = scope.group_bases().into_iter().map(|base| (What::Groups, search(base, What::Groups)));
    people.chain(groups).collect()
}

/// What goes along with every search of entries.
pub(crate) fn controls(schema: Schema) -> Vec<Control> {
    match schema {
        Schema::ActiveDirectory => vec![Control::domain_scope()],
        Schema::OpenLdap | Schema::Ds389 => Vec::new(),
    }
}

/// An entry as what it is. One without a stable identifier ends the pass: left out, it would count as gone.
pub(crate) fn change(
    reading: &Reading,
    what: What,
    entry: &ldap::entry::Entry,
    now: OffsetDateTime,
) -> Result<Change, Why> {
    let no_id = |_| Why::NoId(reading.mapping.id.to_string());
    match what {
        What::People => {
            let person = reading.person(entry, now).map_err(no_id)?;
            // Nobody is let in because something was hidden: they stay what they were.
            let stays = person.state.untold && !person.state.expired;
            Ok(if stays { Change::Still(person.id) } else { Change::Person(Box::new(person)) })
        }
        What::Groups => reading.group(entry).map(|group| Change::Group(Box::new(group))).map_err(no_id),
    }
}

/// A pass over everybody.
pub(crate) struct Full {
    left: VecDeque<(What, Search)>,
    running: Option<(What, Paged)>,
    cursor: Option<Cursor>,
    schema: Schema,
    /// Whether the latest change that was seen is where to go on.
    is_stamped: bool,
    /// Whether somebody was told of, and somebody of whom it is hidden whether they may sign in.
    has_told: bool,
    has_hidden: bool,
}

impl Full {
    pub(crate) fn new(settings: &Settings, reading: &Reading, cursor: Option<Cursor>) -> Self {
        let is_stamped =
            cursor.as_ref().is_some_and(|cursor| matches!(cursor.point, Point::Timestamp { .. }));
        let mut left: VecDeque<_> = searches(settings, reading).into();
        if is_stamped {
            for (_, search) in &mut left {
                search.attributes.push(MODIFIED.to_owned());
            }
        }
        Self {
            left,
            running: None,
            cursor,
            schema: settings.schema,
            is_stamped,
            has_told: false,
            has_hidden: false,
        }
    }

    pub(crate) async fn next(
        &mut self,
        session: &mut Session,
        reading: &Reading,
        now: OffsetDateTime,
    ) -> Result<Page, Why> {
        let mut filling = Filling::default();
        loop {
            if self.running.is_none() {
                let next = self.left.pop_front();
                self.running = next.map(|(what, search)| (what, Paged::new(search, controls(self.schema))));
            }
            let Some((what, paged)) = &mut self.running else {
                if self.has_hidden && !self.has_told {
                    return Err(Why::Hidden("userAccountControl"));
                }
                return Ok(filling.last(self.cursor.take(), Deletions::ByAbsence));
            };
            let Some(entry) = paged.next(session).await? else {
                self.running = None;
                continue;
            };
            let change = change(reading, *what, &entry, now)?;
            self.has_told |= matches!(change, Change::Person(_));
            self.has_hidden |= matches!(change, Change::Still(_));
            if self.is_stamped {
                note(&mut self.cursor, &entry, now);
            }
            filling.add(change);
            if filling.is_full() {
                return Ok(filling.page(None));
            }
        }
    }
}

/// Moves a cursor of time to the latest change that was seen: by the clock of the server, since ours may differ, but not far into the future.
pub(crate) fn note(cursor: &mut Option<Cursor>, entry: &ldap::entry::Entry, now: OffsetDateTime) {
    let Some(Cursor { point: Point::Timestamp { seconds }, .. }) = cursor else { return };
    let moment = entry.text(MODIFIED).and_then(times::generalized).map(OffsetDateTime::unix_timestamp);
    *seconds = moment.map_or(*seconds, |moment| moment.max(*seconds));
    *seconds = not_ahead(*seconds, now);
}

/// A moment of the directory's that is not far ahead of ours.
pub(crate) fn not_ahead(seconds: i64, now: OffsetDateTime) -> i64 {
    seconds.min(now.unix_timestamp().saturating_add(AHEAD))
}
