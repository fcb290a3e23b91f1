//! Where a directory is now, in its own words: what a later pass goes on from. Asked before everybody is read.

use ldap::control::{self, Control, DIR_SYNC, DirSyncRight, SYNC_REQUEST, SyncMode};
use ldap::cursor::Point;
use ldap::dn::Dn;
use ldap::filter::Filter;
use ldap::malformed::Malformed;
use ldap::message::Body;
use ldap::outcome::{Code, Outcome};
use ldap::request::{Depth, Request, Search};
use ldap::schema::Schema;

use crate::ldap::asking::{self, asked};
use crate::ldap::failure::Why;
use crate::ldap::root::Root;
use crate::ldap::session::Session;
use crate::ldap::settings::Settings;

/// Bytes of an answer of DirSync, as far as the server listens to that.
pub(crate) const DIR_SYNC_BYTES: u32 = 1_024 * 1_024;
/// Answers of DirSync to one question at most.
pub(crate) const DIR_SYNC_ROUNDS_MAX: u32 = 100_000;
/// Messages of the answer to a search that finds nothing at most.
const ANSWERS_MAX: u32 = 1_000;
/// A class that no entry is of.
const NOTHING: &str = "portico-finds-nothing-by-this";

/// Where the directory is now. None: there is nothing to go on from, and every pass reads everybody.
pub(crate) async fn now(session: &mut Session, settings: &Settings) -> Result<Option<Point>, Why> {
    match settings.schema {
        Schema::ActiveDirectory => active_directory(session, settings).await,
        Schema::OpenLdap => match sync_repl(session, settings).await? {
            Some(point) => Ok(Some(point)),
            None => Ok(Some(Point::Timestamp { seconds: 0 })),
        },
        // Its own content synchronization binds a cookie to one search and is off as it comes.
        Schema::Ds389 => Ok(Some(Point::Timestamp { seconds: 0 })),
    }
}

/// The domain that all bases are in: changes are counted for each.
pub(crate) fn domain_of(root: &Root, settings: &Settings) -> Option<Dn> {
    let domain = root.domain()?;
    let scope = &settings.scope;
    let is_inside = |base: &&Dn| base.is_within(&domain);
    (scope.people_bases().iter().all(is_inside) && scope.group_bases().iter().all(is_inside))
        .then_some(domain)
}

/// The database of a domain controller: another after it was restored.
pub(crate) async fn invocation_id(session: &mut Session, root: &Root) -> Result<Option<Vec<u8>>, Why> {
    let Some(service) = root.service() else { return Ok(None) };
    let entry = asking::entry(session, service, &["invocationId"]).await?;
    Ok(entry.and_then(|entry| entry.first("invocationId").map(<[u8]>::to_vec)))
}

async fn active_directory(session: &mut Session, settings: &Settings) -> Result<Option<Point>, Why> {
    let root = Root::read(session).await?;
    let Some(domain) = domain_of(&root, settings) else { return Ok(None) };
    if root.has_control(DIR_SYNC)
        && let Some(cookie) = dir_sync_now(session, &domain).await?
    {
        return Ok(Some(Point::DirSync { cookie }));
    }
    let Some(highest) = root.highest_usn() else { return Ok(None) };
    let invocation_id = invocation_id(session, &root).await?;
    Ok(invocation_id.map(|invocation_id| Point::Usn { invocation_id, highest }))
}

/// The cookie of DirSync as of now, by a search that finds nothing; none where the account may not replicate.
async fn dir_sync_now(session: &mut Session, domain: &Dn) -> Result<Option<Vec<u8>>, Why> {
    let search = Search {
        base: domain.as_str().to_owned(),
        depth: Depth::Subtree,
        filter: Filter::class(NOTHING),
        attributes: vec!["objectGUID".to_owned()],
        entries_max: 0,
        seconds_max: 0,
    };
    let mut cookie = Vec::new();
    for _ in 0..DIR_SYNC_ROUNDS_MAX {
        let control = Control::dir_sync(DirSyncRight::Replication, DIR_SYNC_BYTES, &cookie);
        let (outcome, controls) = finished(session, &search, &[control]).await?;
        if is_not_for_us(&outcome) {
            return Ok(None);
        }
        if !outcome.is_success() {
            return Err(Why::answered(asked(&search), &outcome));
        }
        let answer = control::dir_sync_answer(&controls)?;
        cookie = answer.cookie;
        if !answer.has_more {
            return Ok(Some(cookie));
        }
    }
    Err(Malformed("answers of DirSync without end").into())
}

/// Whether an outcome says that the account lacks the right to replicate (MS-ADTS §3.1.1.3.4.1.3), or that this is not to be had here.
pub(crate) fn is_not_for_us(outcome: &Outcome) -> bool {
    matches!(outcome.code, Code::INSUFFICIENT_RIGHTS | Code::UNAVAILABLE_EXTENSION | Code::UNWILLING)
}

/// A cookie for each search; none where the database does not keep track (slapo-syncprov(5)).
async fn sync_repl(session: &mut Session, settings: &Settings) -> Result<Option<Point>, Why> {
    // It speaks of entries by their entryUUID alone (RFC 4533 §1.3).
    if !settings.mapping.id.as_str().eq_ignore_ascii_case("entryUUID") {
        return Ok(None);
    }
    if !Root::read(session).await?.has_control(SYNC_REQUEST) {
        return Ok(None);
    }
    let bases = settings.scope.people_bases().into_iter().chain(settings.scope.group_bases());
    let mut cookies = Vec::new();
    for base in bases {
        match sync_cookie(session, base).await? {
            Some(cookie) => cookies.push(cookie),
            None => return Ok(None),
        }
    }
    Ok(Some(Point::SyncRepl { cookies }))
}

/// The cookie of content synchronization as of now, by a search that finds nothing.
pub(crate) async fn sync_cookie(session: &mut Session, base: &Dn) -> Result<Option<Vec<u8>>, Why> {
    let search = Search {
        base: base.as_str().to_owned(),
        depth: Depth::Subtree,
        filter: Filter::class(NOTHING),
        attributes: vec!["entryUUID".to_owned()],
        entries_max: 0,
        seconds_max: 0,
    };
    let control = Control::sync_request(SyncMode::RefreshOnly, None);
    let (outcome, controls) = finished(session, &search, &[control]).await?;
    if is_not_for_us(&outcome) {
        return Ok(None);
    }
    if !outcome.is_success() {
        return Err(Why::answered(asked(&search), &outcome));
    }
    Ok(control::sync_done(&controls)?.cookie.filter(|cookie| !cookie.is_empty()))
}

/// How a search ends, whatever it finds.
async fn finished(
    session: &mut Session,
    search: &Search,
    controls: &[Control],
) -> Result<(Outcome, Vec<Control>), Why> {
    session.send(&Request::Search(search), controls).await?;
    let mut came = 0;
    loop {
        let message = session.receive().await?;
        came += 1;
        if came > ANSWERS_MAX {
            return Err(Malformed("answers without end to a search that finds nothing").into());
        }
        match message.body {
            Body::Done(outcome) => return Ok((outcome, message.controls)),
            Body::Entry(_) | Body::Reference(_) | Body::Intermediate { .. } => {}
            _ => return Err(Malformed("something else than the answer to a search").into()),
        }
    }
}
