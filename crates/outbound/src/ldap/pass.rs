//! A pass over a directory: a connection, what is read on it, and pages of that, one at a time. Whoever drops it ends it.

use ldap::cursor::Point;

use crate::ldap::changes::{DirSync, Stamped, Usn};
use crate::ldap::context::Context;
use crate::ldap::failure::{Failure, Why};
use crate::ldap::full::Full;
use crate::ldap::page::Page;
use crate::ldap::session::Session;
use crate::ldap::sync_repl::SyncRepl;

/// A pass.
pub struct Pass {
    session: Option<Session>,
    context: Context,
    work: Work,
}

enum Work {
    Full(Box<Full>),
    DirSync(Box<DirSync>),
    Usn(Box<Usn>),
    SyncRepl(Box<SyncRepl>),
    Stamped(Box<Stamped>),
}

impl Pass {
    pub(crate) fn full(session: Session, context: Context, point: Option<Point>) -> Self {
        let cursor = point.map(|point| context.cursor(point));
        let work = Work::Full(Box::new(Full::new(&context.settings, &context.reading, cursor)));
        Self { session: Some(session), context, work }
    }

    pub(crate) fn changes(session: Session, context: Context, point: Point) -> Result<Self, Failure> {
        let work = match point {
            Point::DirSync { cookie } => Work::DirSync(Box::new(DirSync::new(cookie))),
            Point::Usn { invocation_id, highest } => Work::Usn(Box::new(Usn::new(invocation_id, highest))),
            Point::SyncRepl { cookies } => {
                let lost = || session.failed(Why::CursorLost("the last pass read other bases"));
                Work::SyncRepl(Box::new(SyncRepl::new(&context, cookies).ok_or_else(lost)?))
            }
            Point::Timestamp { seconds } => {
                Work::Stamped(Box::new(Stamped::new(&context, seconds).map_err(|why| session.failed(why))?))
            }
        };
        Ok(Self { session: Some(session), context, work })
    }

    /// The next page; none behind the last, which says so. After a failure there are no more: the pass ended in the middle, and whoever was not named may
    /// well be there.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        let Some(mut session) = self.session.take() else { return Ok(None) };
        let context = &self.context;
        let page = match &mut self.work {
            Work::Full(full) => full.next(&mut session, &context.reading, context.now).await,
            Work::DirSync(changes) => changes.next(&mut session, context).await,
            Work::Usn(changes) => changes.next(&mut session, context).await,
            Work::SyncRepl(changes) => changes.next(&mut session, context).await,
            Work::Stamped(changes) => changes.next(&mut session, context).await,
        };
        let page = page.map_err(|why| session.failed(why))?;
        if page.end.is_some() {
            session.end().await;
        } else {
            self.session = Some(session);
        }
        Ok(Some(page))
    }

    /// The server that is read, by host and port; none once it is over.
    pub fn server(&self) -> Option<&str> {
        self.session.as_ref().map(Session::place)
    }
}
