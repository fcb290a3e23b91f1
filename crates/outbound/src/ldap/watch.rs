//! Hearing at once that something changed: Active Directory's notifications (MS-ADTS §3.1.1.3.4.1.9), content synchronization that goes on (RFC 4533 §3.4).
//! What is heard is a hint and no more: what changed a pass finds out. A connection of its own, which says nothing for long where nothing changes.

use std::time::Duration;

use ldap::control::{self, Became, Control, NOTIFICATION, SYNC_INFO, SYNC_REQUEST, SyncInfo, SyncMode};
use ldap::dn::Dn;
use ldap::filter::Filter;
use ldap::malformed::Malformed;
use ldap::message::{Body, Message};
use ldap::request::{Depth, Request, Search};
use ldap::schema::Schema;
use tokio::time::Instant;

use crate::ldap::asking::asked;
use crate::ldap::directory::Directory;
use crate::ldap::failure::{Failure, Why};
use crate::ldap::points;
use crate::ldap::root::Root;
use crate::ldap::session::Session;
use crate::ldap::settings::Settings;

/// A directory that is listened to.
pub struct Watch {
    session: Session,
    search: Search,
    is_notified: bool,
}

impl Directory {
    /// Begins to listen. None: this directory has nothing to listen to, or not for these bases.
    pub async fn watch(&self) -> Result<Option<Watch>, Failure> {
        let mut session = self.open().await?;
        let beginning = beginning(&mut session, self.settings()).await;
        let Some((search, control)) = beginning.map_err(|why| session.failed(why))? else {
            session.end().await;
            return Ok(None);
        };
        let is_notified = control.name == NOTIFICATION;
        let sent = session.send(&Request::Search(&search), &[control]).await;
        sent.map_err(|why| session.failed(why))?;
        Ok(Some(Watch { session, search, is_notified }))
    }
}

impl Watch {
    /// Waits until something changed: true; or so long: false. A connection can be dead without anybody noticing: whoever has heard nothing for long
    /// begins anew.
    pub async fn changed(&mut self, longest: Duration) -> Result<bool, Failure> {
        let until = Instant::now() + longest;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let heard = self.session.receive_within(left).await.map_err(|why| self.session.failed(why))?;
            let Some(message) = heard else { return Ok(false) };
            if self.is_change(&message).map_err(|why| self.session.failed(why))? {
                return Ok(true);
            }
        }
    }

    /// The server that is listened to, by host and port.
    pub fn server(&self) -> &str {
        self.session.place()
    }

    fn is_change(&self, message: &Message) -> Result<bool, Why> {
        match &message.body {
            Body::Entry(entry) if self.is_notified => {
                Ok(entry.texts("objectClass").any(|class| matches!(class, "user" | "group")))
            }
            Body::Entry(_) => Ok(control::sync_state(&message.controls)?.state != Became::Present),
            Body::Intermediate { name: Some(name), value: Some(value) } if name == SYNC_INFO => {
                let info = SyncInfo::read(value)?;
                Ok(matches!(info, SyncInfo::Uuids { are_deleted: true, .. }))
            }
            Body::Reference(_) | Body::Intermediate { .. } => Ok(false),
            Body::Done(outcome) if outcome.is_success() => {
                Err(Why::Closed("it stopped telling what changes".to_owned()))
            }
            Body::Done(outcome) => Err(Why::answered(asked(&self.search), outcome)),
            _ => Err(Malformed("something else than the answer to a search").into()),
        }
    }
}

async fn beginning(session: &mut Session, settings: &Settings) -> Result<Option<(Search, Control)>, Why> {
    let root = Root::read(session).await?;
    let search = |base: &Dn, filter: Filter, attribute: &str| Search {
        base: base.as_str().to_owned(),
        depth: Depth::Subtree,
        filter,
        attributes: vec![attribute.to_owned()],
        entries_max: 0,
        seconds_max: 0,
    };
    match settings.schema {
        Schema::ActiveDirectory if root.has_control(NOTIFICATION) => {
            let Some(domain) = points::domain_of(&root, settings) else { return Ok(None) };
            // The only filter that it takes for this.
            let search = search(&domain, Filter::anything(), "objectClass");
            Ok(Some((search, Control::notification())))
        }
        Schema::OpenLdap if root.has_control(SYNC_REQUEST) => {
            let Some(base) = common_base(settings) else { return Ok(None) };
            let Some(cookie) = points::sync_cookie(session, &base).await? else { return Ok(None) };
            let scope = &settings.scope;
            let filter = Filter::Or(vec![scope.people_filter.clone(), scope.group_filter.clone()]);
            let search = search(&base, filter, "entryUUID");
            Ok(Some((search, Control::sync_request(SyncMode::RefreshAndPersist, Some(&cookie)))))
        }
        _ => Ok(None),
    }
}

/// Whether the directory tells at once what changes.
pub(crate) async fn is_offered(session: &mut Session, settings: &Settings) -> Result<bool, Why> {
    Ok(beginning(session, settings).await?.is_some())
}

/// The lowest entry that all bases are within; none where that is the root of the server, which is no entry of anybody's.
fn common_base(settings: &Settings) -> Option<Dn> {
    let scope = &settings.scope;
    let bases: Vec<&Dn> = scope.people_bases().into_iter().chain(scope.group_bases()).collect();
    let mut common = (*bases.first()?).clone();
    while !bases.iter().all(|base| base.is_within(&common)) {
        common = common.parent()?;
    }
    (!common.is_root()).then_some(common)
}
