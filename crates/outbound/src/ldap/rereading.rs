//! Entries that are said to have changed or to be gone, read anew: what they are now, within the scope, decides. Who is not in it is gone from it.

use std::collections::{BTreeSet, VecDeque};

use ldap::filter::Filter;
use ldap::found::Change;
use ldap::id::EntryId;
use ldap::request::Search;

use crate::ldap::context::Context;
use crate::ldap::failure::Why;
use crate::ldap::full::{self, What};
use crate::ldap::paging::Paged;
use crate::ldap::session::Session;

/// Entries that one search reads anew.
const BATCH: usize = 100;
/// Changed entries that are kept in mind at most; with more, everything is read as fast.
const CHANGED_MAX: usize = 1_000_000;

/// Entries that changed, to be read anew.
#[derive(Default)]
pub(crate) struct Changed {
    waiting: VecDeque<EntryId>,
    deleted: VecDeque<EntryId>,
    batch: Option<Batch>,
}

struct Batch {
    unseen: BTreeSet<EntryId>,
    left: VecDeque<(What, Search)>,
    running: Option<(What, Paged)>,
}

impl Changed {
    pub(crate) fn add(&mut self, id: EntryId, is_deleted: bool) -> Result<(), Why> {
        if self.waiting.len() + self.deleted.len() >= CHANGED_MAX {
            return Err(Why::CursorLost("more than a million entries changed"));
        }
        if is_deleted {
            self.deleted.push_back(id);
        } else {
            self.waiting.push_back(id);
        }
        Ok(())
    }

    /// What became of one of them; none where nothing is left.
    pub(crate) async fn next(
        &mut self,
        session: &mut Session,
        context: &Context,
    ) -> Result<Option<Change>, Why> {
        loop {
            if let Some(batch) = &mut self.batch {
                if let Some(change) = batch.next(session, context).await? {
                    return Ok(Some(change));
                }
                self.batch = None;
            }
            if let Some(id) = self.deleted.pop_front() {
                return Ok(Some(Change::Gone(id)));
            }
            if self.waiting.is_empty() {
                return Ok(None);
            }
            let count = self.waiting.len().min(BATCH);
            self.batch = Some(Batch::of(self.waiting.drain(..count).collect(), context));
        }
    }
}

impl Batch {
    fn of(ids: BTreeSet<EntryId>, context: &Context) -> Self {
        let attribute = &context.reading.mapping.id;
        let ids_filter = Filter::Or(ids.iter().filter_map(|id| id.filter(attribute)).collect());
        let mut left: VecDeque<_> = full::searches(&context.settings, &context.reading).into();
        for (_, search) in &mut left {
            search.filter = search.filter.clone().and(ids_filter.clone());
        }
        Self { unseen: ids, left, running: None }
    }

    async fn next(&mut self, session: &mut Session, context: &Context) -> Result<Option<Change>, Why> {
        loop {
            if let Some((what, paged)) = &mut self.running {
                let Some(entry) = paged.next(session).await? else {
                    self.running = None;
                    continue;
                };
                let change = full::change(&context.reading, *what, &entry, context.now)?;
                match &change {
                    Change::Person(person) => self.unseen.remove(&person.id),
                    Change::Group(group) => self.unseen.remove(&group.id),
                    Change::Gone(id) | Change::Still(id) => self.unseen.remove(id),
                };
                return Ok(Some(change));
            }
            let Some((what, search)) = self.left.pop_front() else {
                return Ok(self.unseen.pop_first().map(Change::Gone));
            };
            self.running = Some((what, Paged::new(search, full::controls(context.settings.schema))));
        }
    }
}
