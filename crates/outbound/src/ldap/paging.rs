//! Searches of any size: page by page, entry by entry as they come, so that no more is held than one entry. A search that ends early is no search that
//! found little: whatever is not the end of the last page is a failure.

use std::collections::VecDeque;

use ldap::control::{self, Control};
use ldap::entry::Entry;
use ldap::malformed::Malformed;
use ldap::message::Body;
use ldap::request::{Request, Search};

use crate::ldap::asking::asked;
use crate::ldap::failure::Why;
use crate::ldap::members;
use crate::ldap::session::Session;

/// Entries of a page: what Active Directory gives at most (MaxPageSize).
pub(crate) const PAGE: u32 = 1_000;
/// Pages without an entry, one after another, at most: a server may have looked through much, but not for ever.
const EMPTY_MAX: u32 = 200;
/// Bytes of the entries of a page whose other values are still to be asked for, at most: a thousand groups with 1,500 members each have fewer.
const WAITING_MAX: usize = 256 * 1_024 * 1_024;

/// A search that is read in pages.
pub(crate) struct Paged {
    search: Search,
    controls: Vec<Control>,
    cookie: Vec<u8>,
    state: State,
    /// Entries of this page that have more values than one answer holds: asked for once the page is over.
    incomplete: VecDeque<Entry>,
    waiting: usize,
    came: u32,
    empty: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Running,
    Ended,
}

impl Paged {
    pub(crate) fn new(search: Search, controls: Vec<Control>) -> Self {
        Self {
            search,
            controls,
            cookie: Vec::new(),
            state: State::Idle,
            incomplete: VecDeque::new(),
            waiting: 0,
            came: 0,
            empty: 0,
        }
    }

    /// The next entry, with all of its values; none behind the last.
    pub(crate) async fn next(&mut self, session: &mut Session) -> Result<Option<Entry>, Why> {
        loop {
            if self.state == State::Running {
                if let Some(entry) = self.receive(session).await? {
                    return Ok(Some(entry));
                }
                continue;
            }
            if let Some(entry) = self.incomplete.pop_front() {
                if let Some(entry) = members::completed(session, entry).await? {
                    return Ok(Some(entry));
                }
                continue;
            }
            if self.state == State::Ended {
                return Ok(None);
            }
            let mut controls = self.controls.clone();
            controls.push(Control::paged(PAGE, &self.cookie));
            session.send(&Request::Search(&self.search), &controls).await?;
            self.state = State::Running;
            (self.came, self.waiting) = (0, 0);
        }
    }

    async fn receive(&mut self, session: &mut Session) -> Result<Option<Entry>, Why> {
        let message = session.receive().await?;
        match message.body {
            Body::Entry(entry) => {
                self.came = self.came.saturating_add(1);
                if self.came > PAGE {
                    return Err(Malformed("more entries in a page than were asked for").into());
                }
                if !members::is_incomplete(&entry) {
                    return Ok(Some(entry));
                }
                self.waiting = self.waiting.saturating_add(entry.size());
                if self.waiting > WAITING_MAX {
                    return Err(Why::TooMuch("the entries of one page have more members than can be held"));
                }
                self.incomplete.push_back(entry);
            }
            // What is on other servers is not ours to read: only the bases that an administrator named are.
            Body::Reference(_) | Body::Intermediate { .. } => {}
            Body::Done(outcome) if outcome.is_success() => self.page_ended(&message.controls)?,
            Body::Done(outcome) => return Err(Why::answered(asked(&self.search), &outcome)),
            _ => return Err(Malformed("something else than the answer to a search").into()),
        }
        Ok(None)
    }

    fn page_ended(&mut self, controls: &[Control]) -> Result<(), Why> {
        self.empty = if self.came == 0 { self.empty + 1 } else { 0 };
        if self.empty > EMPTY_MAX {
            return Err(Malformed("pages without entries and without end").into());
        }
        match control::next_page(controls)? {
            Some(cookie) => {
                self.cookie = cookie;
                self.state = State::Idle;
            }
            None => self.state = State::Ended,
        }
        Ok(())
    }
}
