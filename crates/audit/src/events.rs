//! LookupEvents: the trail read newest first, narrowed by time and by one attribute, as CloudTrail's event history is. Where a record is does not
//! show: see [`crate::search`].

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use model::record::AuditRecord;
use model::timestamp::Timestamp;
use policy::require::{Action, require};
use policy::resource;
use uuid::Uuid;

use crate::attribute::Attribute;
use crate::piece::EVERYTHING;
use crate::recorder::Recorder;
use crate::search::{Sought, search};

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
    /// Only these.
    pub attribute: Option<Attribute>,
}

/// The page of matching records, newest first.
pub async fn look_up(
    recorder: &Recorder,
    cx: &Cx,
    lookup: Lookup,
    page: PageRequest,
) -> Result<Page<AuditRecord>, Fault> {
    // The trail is the management account's: it tells of every account, so no other account's policies can open it.
    require(cx, Action("cloudtrail:LookupEvents"), &[resource::owned("*", &cx.owner)])?;
    if let (Some(from), Some(to)) = (lookup.from, lookup.to)
        && from > to
    {
        let message = "StartTime must not be after EndTime";
        return Err(Fault::new(FaultKind::Service("InvalidTimeRangeException"), message));
    }
    let nothing = Page { items: Vec::new(), next: None };
    let mut from = lookup.from.map_or(0, first_id);
    let mut before =
        lookup.to.map_or(u128::MAX, |to| first_id(Timestamp::from_seconds(to.seconds().saturating_add(1))));
    if let Some(after) = &page.after {
        let Ok(last) = Uuid::parse_str(after) else { return Ok(nothing) };
        before = before.min(last.as_u128());
    }
    if let Some(Attribute::EventId(id)) = &lookup.attribute {
        let Ok(id) = Uuid::parse_str(id) else { return Ok(nothing) };
        from = from.max(id.as_u128());
        before = before.min(id.as_u128().saturating_add(1));
    }
    let term = lookup.attribute.as_ref().map_or_else(|| Some(EVERYTHING.to_owned()), Attribute::term);
    let sought = Sought { attribute: lookup.attribute, term, from, before, wanted: page.limit };
    search(recorder, sought).await
}

/// The smallest id of records made at `at`: their first 48 bits are its milliseconds (RFC 9562, version 7).
pub(crate) fn first_id(at: Timestamp) -> u128 {
    u128::from(at.millis().max(0).unsigned_abs()) << 80
}

#[cfg(test)]
mod tests {
    use model::entropy::{SeededEntropy, uuid_by_time};

    use super::*;

    #[test]
    fn the_first_id_bounds_the_ids_of_its_moment() {
        let at = Timestamp::from_micros(1_795_507_200_123_456);
        let id = uuid_by_time(&SeededEntropy::new(3), at).as_u128();
        assert!(id >= first_id(at) && id < first_id(Timestamp::from_micros(at.micros() + 1_000)));
    }
}
