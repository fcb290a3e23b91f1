//! What changed in Active Directory since a point: DirSync where the account may replicate, else the count of changes that one domain controller keeps.
//! Both only say which entries changed; what those are now is read anew, within the scope. Who is not in it then is gone from it.

use std::collections::VecDeque;

use ldap::control::{self, Control, DirSyncRight};
use ldap::cursor::{Cursor, Point};
use ldap::dn::Dn;
use ldap::entry::Entry;
use ldap::filter::Filter;
use ldap::found::Deletions;
use ldap::malformed::Malformed;
use ldap::message::Body;
use ldap::outcome::{Code, Outcome};
use ldap::reading::Reading;
use ldap::request::{Depth, Request, Search};

use crate::ldap::asking::{self, asked};
use crate::ldap::context::Context;
use crate::ldap::failure::Why;
use crate::ldap::full::{self, What};
use crate::ldap::page::{Filling, Page};
use crate::ldap::paging::Paged;
use crate::ldap::points::{self, DIR_SYNC_BYTES, DIR_SYNC_ROUNDS_MAX};
use crate::ldap::rereading::Changed;
use crate::ldap::root::Root;
use crate::ldap::session::Session;

/// The container of deleted entries (MS-ADTS §6.1.1.4.2), by the name that it has in every language.
const DELETED_OBJECTS: &str = "18E2EA80684F11D2B9AA00C04F79F805";

/// Which entries can be people or groups. Deleted ones keep their class and little else.
fn principals() -> Filter {
    Filter::Or(vec![Filter::class("user"), Filter::class("group")])
}

fn below(domain: &Dn, filter: Filter, attributes: Vec<String>) -> Search {
    Search {
        base: domain.as_str().to_owned(),
        depth: Depth::Subtree,
        filter,
        attributes,
        entries_max: 0,
        seconds_max: 0,
    }
}

/// Changes by DirSync.
pub(crate) struct DirSync {
    cookie: Vec<u8>,
    changed: Changed,
    /// Whether what follows this cookie has been asked for, and whether more is there.
    asked: Option<bool>,
    rounds: u32,
    deletions: Deletions,
}

impl DirSync {
    pub(crate) fn new(cookie: Vec<u8>) -> Self {
        Self { cookie, changed: Changed::default(), asked: None, rounds: 0, deletions: Deletions::Untold }
    }

    pub(crate) async fn next(&mut self, session: &mut Session, context: &Context) -> Result<Page, Why> {
        let mut filling = Filling::default();
        loop {
            let Some(has_more) = self.asked else {
                self.ask(session, context).await?;
                continue;
            };
            if let Some(change) = self.changed.next(session, context).await? {
                filling.add(change);
                if filling.is_full() {
                    return Ok(filling.page(None));
                }
                continue;
            }
            let cursor = Some(context.cursor(Point::DirSync { cookie: self.cookie.clone() }));
            if !has_more {
                return Ok(filling.last(cursor, self.deletions));
            }
            self.asked = None;
            if !filling.is_empty() {
                return Ok(filling.page(cursor));
            }
        }
    }

    async fn ask(&mut self, session: &mut Session, context: &Context) -> Result<(), Why> {
        self.rounds += 1;
        if self.rounds > DIR_SYNC_ROUNDS_MAX {
            return Err(Malformed("answers of DirSync without end").into());
        }
        let root = Root::read(session).await?;
        let domain = points::domain_of(&root, &context.settings);
        let domain = domain.ok_or(Why::CursorLost("the bases are not all in the domain of this server"))?;
        self.deletions = deletions(session, &domain).await?;
        let search = below(&domain, principals(), watched(&context.reading));
        let control = Control::dir_sync(DirSyncRight::Replication, DIR_SYNC_BYTES, &self.cookie);
        session.send(&Request::Search(&search), &[control]).await?;
        loop {
            let message = session.receive().await?;
            match message.body {
                Body::Entry(entry) => {
                    let id = context.reading.id(&entry);
                    let id = id.map_err(|_| Why::NoId(context.reading.mapping.id.to_string()))?;
                    self.changed.add(id, entry.is_true("isDeleted"))?;
                }
                Body::Reference(_) | Body::Intermediate { .. } => {}
                Body::Done(outcome) if outcome.is_success() => {
                    let answer = control::dir_sync_answer(&message.controls)?;
                    self.cookie = answer.cookie;
                    self.asked = Some(answer.has_more);
                    return Ok(());
                }
                Body::Done(outcome) => return Err(lost_or_away(&search, &outcome)),
                _ => return Err(Malformed("something else than the answer to a search").into()),
            }
        }
    }
}

/// Whatever is read of people and groups, and what a move or a deletion changes. Of a change of anything else nothing is heard.
fn watched(reading: &Reading) -> Vec<String> {
    let mut attributes = reading.person_attributes();
    attributes.extend(reading.group_attributes());
    // What is computed when it is read has no changes.
    attributes.retain(|name| !name.ends_with("-Computed"));
    attributes.extend(["isDeleted".to_owned(), "name".to_owned(), "groupType".to_owned()]);
    attributes.sort_by_key(|name| name.to_ascii_lowercase());
    attributes.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    attributes
}

/// A cookie that is not taken any more, a right that was taken away: everything is read then. A server in trouble is asked later.
fn lost_or_away(search: &Search, outcome: &Outcome) -> Why {
    match outcome.code {
        Code::BUSY | Code::UNAVAILABLE | Code::TIME_LIMIT | Code::NO_SUCH_OBJECT => {
            Why::answered(asked(search), outcome)
        }
        Code::INSUFFICIENT_RIGHTS => Why::CursorLost("the account may no longer replicate directory changes"),
        _ => Why::CursorLost("the directory does not take the cookie of the last pass any more"),
    }
}

/// Changes by the count of one domain controller.
pub(crate) struct Usn {
    invocation_id: Vec<u8>,
    highest: i64,
    changed: Changed,
    /// Where this pass leads to, and whether deletions were seen; once that is known.
    found: Option<(i64, Deletions)>,
}

impl Usn {
    pub(crate) fn new(invocation_id: Vec<u8>, highest: i64) -> Self {
        Self { invocation_id, highest, changed: Changed::default(), found: None }
    }

    pub(crate) async fn next(&mut self, session: &mut Session, context: &Context) -> Result<Page, Why> {
        if self.found.is_none() {
            self.found = Some(self.find(session, context).await?);
        }
        let mut filling = Filling::default();
        while let Some(change) = self.changed.next(session, context).await? {
            filling.add(change);
            if filling.is_full() {
                return Ok(filling.page(None));
            }
        }
        let (highest, deletions) = self.found.unwrap_or((self.highest, Deletions::Untold));
        let point = Point::Usn { invocation_id: self.invocation_id.clone(), highest };
        Ok(filling.last(Some(context.cursor(point)), deletions))
    }

    async fn find(&mut self, session: &mut Session, context: &Context) -> Result<(i64, Deletions), Why> {
        let root = Root::read(session).await?;
        if points::invocation_id(session, &root).await?.as_ref() != Some(&self.invocation_id) {
            return Err(Why::CursorLost(
                "this is another domain controller than the last time, or it was restored",
            ));
        }
        let highest = root.highest_usn().unwrap_or_default();
        if highest < self.highest {
            return Err(Why::CursorLost(
                "the domain controller counts less than the last time: it was restored",
            ));
        }
        let domain = points::domain_of(&root, &context.settings);
        let domain = domain.ok_or(Why::CursorLost("the bases are not all in the domain of this server"))?;
        if highest == self.highest {
            return Ok((highest, deletions(session, &domain).await?));
        }
        let since = (self.highest.saturating_add(1)).to_string();
        let since = Filter::AtLeast(asking::name("uSNChanged")?, since.into_bytes());
        let id = context.reading.mapping.id.to_string();
        let search = below(&domain, principals().and(since.clone()), vec![id.clone()]);
        self.collect(session, context, Paged::new(search, vec![Control::domain_scope()]), false).await?;
        let deletions = deletions(session, &domain).await?;
        if deletions == Deletions::Told {
            let deleted = Filter::equals(&asking::name("isDeleted")?, *b"TRUE");
            let search = below(&domain, deleted.and(since), vec![id]);
            self.collect(session, context, Paged::new(search, vec![Control::show_deleted()]), true).await?;
        }
        Ok((highest, deletions))
    }

    async fn collect(
        &mut self,
        session: &mut Session,
        context: &Context,
        mut paged: Paged,
        are_deleted: bool,
    ) -> Result<(), Why> {
        while let Some(entry) = paged.next(session).await? {
            let id = context.reading.id(&entry);
            let id = id.map_err(|_| Why::NoId(context.reading.mapping.id.to_string()))?;
            self.changed.add(id, are_deleted)?;
        }
        Ok(())
    }
}

/// Whether the account sees what is deleted: as it comes, only administrators do (MS-ADTS §6.1.1.4.2). Samba 4.17 asks that of DirSync too, where Active
/// Directory shows deletions to whoever may replicate: there this is told too seldom, which costs nothing but a full pass.
pub(crate) async fn deletions(session: &mut Session, domain: &Dn) -> Result<Deletions, Why> {
    let search = Search {
        base: format!("<WKGUID={DELETED_OBJECTS},{domain}>"),
        depth: Depth::Base,
        filter: Filter::anything(),
        attributes: vec!["objectGUID".to_owned()],
        entries_max: 0,
        seconds_max: 0,
    };
    let found: Result<Vec<Entry>, Why> = asking::few(session, &search, &[Control::show_deleted()]).await;
    match found {
        // Samba names the container to everybody, without telling anything of it.
        Ok(found) if found.iter().any(|entry| entry.first("objectGUID").is_some()) => Ok(Deletions::Told),
        Ok(_) => Ok(Deletions::Untold),
        Err(Why::Answered { .. }) => Ok(Deletions::Untold),
        Err(why) => Err(why),
    }
}

/// A pass by the time of the last change, where a directory has nothing better.
pub(crate) struct Stamped {
    left: VecDeque<(What, Search)>,
    running: Option<(What, Paged)>,
    cursor: Option<Cursor>,
}

/// Seconds before the latest change that are looked at again: several servers write one directory, and their clocks differ.
const OVERLAP: i64 = 120;

impl Stamped {
    pub(crate) fn new(context: &Context, seconds: i64) -> Result<Self, Why> {
        let seconds = full::not_ahead(seconds, context.now);
        let since = seconds.saturating_sub(OVERLAP).max(0);
        let since = time::OffsetDateTime::from_unix_timestamp(since);
        let since = since.map_err(|_| Why::CursorLost("the time of the last change is none"))?;
        let text = ldap::times::generalized_text(since).into_bytes();
        let since = Filter::AtLeast(asking::name(full::MODIFIED)?, text);
        let mut left: VecDeque<_> = full::searches(&context.settings, &context.reading).into();
        for (_, search) in &mut left {
            search.filter = search.filter.clone().and(since.clone());
            search.attributes.push(full::MODIFIED.to_owned());
        }
        let cursor = Some(context.cursor(Point::Timestamp { seconds }));
        Ok(Self { left, running: None, cursor })
    }

    pub(crate) async fn next(&mut self, session: &mut Session, context: &Context) -> Result<Page, Why> {
        let mut filling = Filling::default();
        loop {
            if self.running.is_none() {
                self.running =
                    self.left.pop_front().map(|(what, search)| (what, Paged::new(search, Vec::new())));
            }
            let Some((what, paged)) = &mut self.running else {
                return Ok(filling.last(self.cursor.take(), Deletions::Untold));
            };
            let Some(entry) = paged.next(session).await? else {
                self.running = None;
                continue;
            };
            full::note(&mut self.cursor, &entry, context.now);
            filling.add(full::change(&context.reading, *what, &entry, context.now)?);
            if filling.is_full() {
                return Ok(filling.page(None));
            }
        }
    }
}
