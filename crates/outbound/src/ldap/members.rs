//! Attributes with more values than one answer holds: Active Directory sends 1,500 and says which (`member;range=0-1499`, MS-ADTS §3.1.1.3.1.3.3), and
//! the others are asked for until there are no more.

use ldap::entry::{Attribute, Entry};
use ldap::malformed::Malformed;

use crate::ldap::asking;
use crate::ldap::failure::Why;
use crate::ldap::session::Session;

/// Values of one attribute at most.
const VALUES_MAX: usize = 5_000_000;
/// Bytes of an entry at most while its values are put together: five million members by names of eighty bytes.
const BYTES_MAX: usize = 512 * 1_024 * 1_024;

/// Whether an attribute has more values than came.
pub(crate) fn is_incomplete(entry: &Entry) -> bool {
    entry.attributes().iter().any(|attribute| next_of(attribute).is_some() && !attribute.values.is_empty())
}

/// The entry with all values; none where it has gone meanwhile.
pub(crate) async fn completed(session: &mut Session, mut entry: Entry) -> Result<Option<Entry>, Why> {
    let open =
        |entry: &Entry| {
            entry.attributes().iter().filter(|attribute| !attribute.values.is_empty()).find_map(|attribute| {
                Some((attribute.name.clone(), next_of(attribute)?, attribute.values.len()))
            })
        };
    let mut held = entry.size();
    while let Some((name, begins, so_far)) = open(&entry) {
        if usize::try_from(begins).ok() != Some(so_far) {
            return Err(Malformed("a range of values with a gap before it").into());
        }
        if so_far > VALUES_MAX {
            return Err(Why::TooMuch("a group has more than five million members"));
        }
        let wanted = format!("{name};range={begins}-*");
        let Some(more) = asking::entry(session, &entry.dn, &[&wanted]).await? else { return Ok(None) };
        let part = more.attribute(&name).cloned();
        let part = part.ok_or(Malformed("no values where a range said that there are more"))?;
        if part.range.is_none_or(|range| range.first != begins) {
            return Err(Malformed("another range of values than was asked for").into());
        }
        held = held.saturating_add(part.size());
        if held > BYTES_MAX {
            return Err(Why::TooMuch("a group has more than 512 MiB of members"));
        }
        entry.append(&name, part);
    }
    Ok(Some(entry))
}

fn next_of(attribute: &Attribute) -> Option<u32> {
    attribute.range.and_then(ldap::entry::Range::next)
}
