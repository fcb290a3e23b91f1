//! Small questions: one entry, or a few. What is large comes by `paging.rs`.

use ldap::attribute::AttributeName;
use ldap::control::Control;
use ldap::entry::Entry;
use ldap::filter::Filter;
use ldap::malformed::Malformed;
use ldap::message::Body;
use ldap::outcome::Code;
use ldap::request::{Depth, Request, Search};

use crate::ldap::failure::Why;
use crate::ldap::session::Session;

/// References to elsewhere, and what is said meanwhile, that come with the answer to a small question at most.
const ASIDES_MAX: usize = 1_000;

/// The attributes of one entry; none where there is no such entry, or it may not be seen.
pub(crate) async fn entry(
    session: &mut Session,
    base: &str,
    attributes: &[&str],
) -> Result<Option<Entry>, Why> {
    let search = Search {
        base: base.to_owned(),
        depth: Depth::Base,
        filter: Filter::anything(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        entries_max: 0,
        seconds_max: 0,
    };
    match few(session, &search, &[]).await {
        Ok(found) => Ok(found.into_iter().next()),
        Err(why) if why.is_answer(Code::NO_SUCH_OBJECT) => Ok(None),
        Err(why) => Err(why),
    }
}

/// The entries of a search that is known to find few: as many as it says at most. More is what it says that there is.
pub(crate) async fn few(
    session: &mut Session,
    search: &Search,
    controls: &[Control],
) -> Result<Vec<Entry>, Why> {
    // As a page too: Samba 4.17 does not look at the limit.
    let page = (search.entries_max > 0).then(|| Control::paged(search.entries_max, b""));
    let controls: Vec<Control> = controls.iter().cloned().chain(page).collect();
    session.send(&Request::Search(search), &controls).await?;
    let most = usize::try_from(search.entries_max).ok().filter(|most| *most > 0).unwrap_or(1_000);
    let (mut found, mut asides) = (Vec::new(), 0);
    loop {
        match session.receive().await?.body {
            Body::Entry(_) if found.len() >= most => {
                return Err(Malformed("more entries than were asked for").into());
            }
            Body::Entry(entry) => found.push(entry),
            Body::Reference(_) | Body::Intermediate { .. } if asides < ASIDES_MAX => asides += 1,
            Body::Reference(_) | Body::Intermediate { .. } => {
                return Err(Malformed("references to elsewhere without end").into());
            }
            Body::Done(outcome) if outcome.is_success() => return Ok(found),
            // It says so where more are there than were asked for, which then are enough.
            Body::Done(outcome) if outcome.code == Code::SIZE_LIMIT && !found.is_empty() => return Ok(found),
            Body::Done(outcome) => return Err(Why::answered(asked(search), &outcome)),
            _ => return Err(Malformed("something else than the answer to a search").into()),
        }
    }
}

/// What was asked, for messages: where, not for whom.
pub(crate) fn asked(search: &Search) -> String {
    if search.base.is_empty() {
        "the question what it is".to_owned()
    } else {
        format!("the search below {:?}", search.base)
    }
}

/// A name of an attribute that stands in the code.
pub(crate) fn name(text: &'static str) -> Result<AttributeName, Why> {
    AttributeName::parse(text).ok_or(Why::Malformed(Malformed("a name of an attribute that is none")))
}
