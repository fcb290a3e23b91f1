//! What changed since a cookie by content synchronization (RFC 4533), search by search. A server says either who is gone, or who is there; where it says
//! the one of some searches and the other of others, those of which it only said who is gone are named here, so that one answer holds for all. Gone for
//! one search is also what changed and is found by another: whoever is said to be gone is looked for before it is believed.

use std::collections::{BTreeSet, VecDeque};

use ldap::control::{self, Became, Control, SYNC_INFO, SyncInfo, SyncMode};
use ldap::cursor::Point;
use ldap::found::{Change, Deletions};
use ldap::id::EntryId;
use ldap::malformed::Malformed;
use ldap::message::{Body, Message};
use ldap::outcome::{Code, Outcome};
use ldap::request::{Request, Search};

use crate::ldap::asking::asked;
use crate::ldap::context::Context;
use crate::ldap::failure::Why;
use crate::ldap::full::{self, What};
use crate::ldap::page::{Filling, Page};
use crate::ldap::paging::Paged;
use crate::ldap::rereading::Changed;
use crate::ldap::session::Session;

/// Entries that are kept in mind at most; with more, everything is read as fast.
const KEPT_MAX: usize = 1_000_000;

/// Changes by content synchronization.
pub(crate) struct SyncRepl {
    searches: Vec<(What, Search)>,
    cookies: Vec<Vec<u8>>,
    /// Of each search that is over: whether each deletion was told.
    told: Vec<bool>,
    is_running: bool,
    /// What came in one message beside others.
    waiting: VecDeque<Change>,
    /// Who was said to be gone, and who was named as being there.
    gone: BTreeSet<EntryId>,
    seen: BTreeSet<EntryId>,
    doubted: Changed,
    /// The searches whose entries are still to be named, once that is known.
    to_name: Option<VecDeque<Search>>,
    naming: Option<Paged>,
}

impl SyncRepl {
    /// None where the cookies are of other searches.
    pub(crate) fn new(context: &Context, cookies: Vec<Vec<u8>>) -> Option<Self> {
        let searches = full::searches(&context.settings, &context.reading);
        (searches.len() == cookies.len()).then_some(Self {
            searches,
            cookies,
            told: Vec::new(),
            is_running: false,
            waiting: VecDeque::new(),
            gone: BTreeSet::new(),
            seen: BTreeSet::new(),
            doubted: Changed::default(),
            to_name: None,
            naming: None,
        })
    }

    pub(crate) async fn next(&mut self, session: &mut Session, context: &Context) -> Result<Page, Why> {
        let mut filling = Filling::default();
        loop {
            while let Some(change) = self.waiting.pop_front() {
                filling.add(change);
                if filling.is_full() {
                    return Ok(filling.page(None));
                }
            }
            let at = self.told.len();
            if self.is_running {
                self.receive(session, context).await?;
                if self.gone.len() + self.seen.len() > KEPT_MAX {
                    return Err(Why::CursorLost("more than a million entries changed"));
                }
            } else if let (Some((_, search)), Some(cookie)) = (self.searches.get(at), self.cookies.get(at)) {
                let control = Control::sync_request(SyncMode::RefreshOnly, Some(cookie));
                session.send(&Request::Search(search), &[control]).await?;
                self.is_running = true;
            } else if let Some(change) = self.doubt(session, context).await? {
                filling.add(change);
                if filling.is_full() {
                    return Ok(filling.page(None));
                }
            } else if !self.name_next(session, context).await? {
                let is_told = self.told.iter().all(|told| *told);
                let deletions = if is_told { Deletions::Told } else { Deletions::ByAbsence };
                let point = Point::SyncRepl { cookies: self.cookies.clone() };
                return Ok(filling.last(Some(context.cursor(point)), deletions));
            }
        }
    }

    async fn receive(&mut self, session: &mut Session, context: &Context) -> Result<(), Why> {
        let message = session.receive().await?;
        let Some((what, search)) = self.searches.get(self.told.len()) else { return Ok(()) };
        match &message.body {
            Body::Entry(_) => match changed(*what, &message, context)? {
                Change::Gone(id) => {
                    self.gone.insert(id);
                }
                change => {
                    self.seen.extend(changed_id(&change));
                    self.waiting.push_back(change);
                }
            },
            Body::Intermediate { name: Some(name), value: Some(value) } if name == SYNC_INFO => {
                if let SyncInfo::Uuids { are_deleted, uuids, .. } = SyncInfo::read(value)? {
                    let ids = uuids.into_iter().map(EntryId::of_uuid);
                    if are_deleted {
                        self.gone.extend(ids);
                    } else {
                        self.waiting.extend(ids.map(Change::Still));
                    }
                }
            }
            Body::Reference(_) | Body::Intermediate { .. } => {}
            Body::Done(outcome) if outcome.is_success() => {
                let done = control::sync_done(&message.controls)?;
                // Where nothing changed it sends no cookie.
                if let (Some(kept), Some(cookie)) = (self.cookies.get_mut(self.told.len()), done.cookie) {
                    *kept = cookie;
                }
                self.told.push(done.told_deletions);
                self.is_running = false;
            }
            Body::Done(outcome) => return Err(lost(search, outcome)),
            _ => return Err(Malformed("something else than the answer to a search").into()),
        }
        Ok(())
    }

    /// What became of one who was said to be gone by a search and not named by another; none where nobody is left.
    async fn doubt(&mut self, session: &mut Session, context: &Context) -> Result<Option<Change>, Why> {
        for id in std::mem::take(&mut self.gone) {
            if !self.seen.contains(&id) {
                self.doubted.add(id, false)?;
            }
        }
        self.doubted.next(session, context).await
    }

    /// Names one of those who are there where a search told only who is gone, while another told only who is there. Whether there was one.
    async fn name_next(&mut self, session: &mut Session, context: &Context) -> Result<bool, Why> {
        let all_told = self.told.iter().all(|told| *told);
        let to_name = self.to_name.get_or_insert_with(|| {
            let told = self.searches.iter().zip(&self.told).filter(|(_, told)| **told && !all_told);
            told.map(|((_, search), _)| {
                let attributes = vec![context.reading.mapping.id.to_string()];
                Search { attributes, ..search.clone() }
            })
            .collect()
        });
        loop {
            if let Some(naming) = &mut self.naming {
                if let Some(entry) = naming.next(session).await? {
                    let id = context.reading.id(&entry);
                    let id = id.map_err(|_| Why::NoId(context.reading.mapping.id.to_string()))?;
                    self.waiting.push_back(Change::Still(id));
                    return Ok(true);
                }
                self.naming = None;
            }
            let Some(search) = to_name.pop_front() else { return Ok(false) };
            self.naming = Some(Paged::new(search, Vec::new()));
        }
    }
}

/// Who changed.
fn changed_id(change: &Change) -> Option<EntryId> {
    match change {
        Change::Person(person) => Some(person.id.clone()),
        Change::Group(group) => Some(group.id.clone()),
        Change::Gone(_) | Change::Still(_) => None,
    }
}

fn changed(what: What, message: &Message, context: &Context) -> Result<Change, Why> {
    let Body::Entry(entry) = &message.body else {
        return Err(Malformed("something else than an entry").into());
    };
    let state = control::sync_state(&message.controls)?;
    let id = EntryId::of_uuid(state.uuid);
    match state.state {
        Became::Present => Ok(Change::Still(id)),
        Became::Deleted => Ok(Change::Gone(id)),
        Became::Added | Became::Modified => full::change(&context.reading, what, entry, context.now),
    }
}

/// A cookie that is too old or of another server: everything is read then.
fn lost(search: &Search, outcome: &Outcome) -> Why {
    match outcome.code {
        Code::SYNC_REFRESH_REQUIRED | Code::PROTOCOL | Code::UNWILLING | Code::UNAVAILABLE_EXTENSION => {
            Why::CursorLost("the directory does not take the cookie of the last pass any more")
        }
        // There are no pages in this, so that the limit of an account holds that of a single answer.
        Code::SIZE_LIMIT | Code::ADMIN_LIMIT => {
            Why::CursorLost("more has changed than the directory gives the account at once")
        }
        _ => Why::answered(asked(search), outcome),
    }
}
