//! LookupEvents: the trail read newest first, narrowed by time and by one attribute, as CloudTrail's event history is.

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use model::record::AuditRecord;
use model::timestamp::Timestamp;
use policy::require::{Action, require};
use policy::resource;
use store::db::Store;

/// Rows read at a time while looking for matches.
const CHUNK: i64 = 500;
/// Rows looked at for one page at most; a page may then be short or empty while a token says that more may follow.
const SCANNED_MAX: usize = 20_000;

/// The attribute that a look-up may narrow by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// `EventId`
    EventId(String),
    /// `EventName`
    EventName(String),
    /// `ReadOnly`
    ReadOnly(bool),
    /// `Username`
    Username(String),
    /// `ResourceType`
    ResourceType(String),
    /// `ResourceName`
    ResourceName(String),
    /// `EventSource`
    EventSource(String),
    /// `AccessKeyId`
    AccessKeyId(String),
}

impl Attribute {
    /// From the wire's key and value.
    pub fn parse(key: &str, value: &str) -> Result<Self, Fault> {
        let text = value.to_owned();
        Ok(match key {
            "EventId" => Self::EventId(text),
            "EventName" => Self::EventName(text),
            "ReadOnly" => Self::ReadOnly(match value {
                "true" => true,
                "false" => false,
                _ => return Err(invalid("ReadOnly must be true or false")),
            }),
            "Username" => Self::Username(text),
            "ResourceType" => Self::ResourceType(text),
            "ResourceName" => Self::ResourceName(text),
            "EventSource" => Self::EventSource(text),
            "AccessKeyId" => Self::AccessKeyId(text),
            _ => return Err(invalid("the attribute key is not one that can be looked up")),
        })
    }

    fn matches(&self, record: &AuditRecord) -> bool {
        match self {
            Self::EventId(id) => record.event_id == *id,
            Self::EventName(name) => record.event_name == *name,
            Self::ReadOnly(read_only) => record.read_only == *read_only,
            Self::Username(name) => record.user_name.as_deref() == Some(name),
            Self::ResourceType(kind) => record.resources.iter().any(|(has, _)| has == kind),
            Self::ResourceName(name) => record.resources.iter().any(|(_, has)| has == name),
            Self::EventSource(source) => record.event_source == *source,
            Self::AccessKeyId(id) => record.access_key_id.as_deref() == Some(id),
        }
    }
}

fn invalid(message: &str) -> Fault {
    Fault::new(FaultKind::Service("InvalidLookupAttributesException"), message)
}

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
pub fn look_up(
    store: &Store,
    cx: &Cx,
    lookup: &Lookup,
    page: &PageRequest,
) -> Result<Page<AuditRecord>, Fault> {
    // The trail is the management account's: it tells of every account, so no other account's policies can open it.
    require(cx, Action("cloudtrail:LookupEvents"), &[resource::owned("*", &cx.owner)])?;
    if let (Some(from), Some(to)) = (lookup.from, lookup.to)
        && from > to
    {
        let message = "StartTime must not be after EndTime";
        return Err(Fault::new(FaultKind::Service("InvalidTimeRangeException"), message));
    }
    let from = lookup.from.map(id_prefix).unwrap_or_default();
    // Ids are lower-case hexadecimal: "g" stands behind them all.
    let end = lookup.to.map_or_else(
        || "g".to_owned(),
        |to| id_prefix(Timestamp::from_seconds(to.seconds().saturating_add(1))),
    );
    let mut before = page.after.clone().unwrap_or(end);
    store.read(|rx| {
        let mut found = Vec::new();
        for _ in 0..SCANNED_MAX / usize::try_from(CHUNK).unwrap_or(1) {
            let chunk = store::audit_records::page_backward(rx, &before, &from, CHUNK)?;
            let last = chunk.last().map(|record| record.event_id.clone());
            let wanted = |record: &AuditRecord| {
                lookup.attribute.as_ref().is_none_or(|attribute| attribute.matches(record))
            };
            found.extend(chunk.into_iter().filter(wanted));
            if found.len() > page.limit {
                return Ok(page.page(found, |record| record.event_id.clone()));
            }
            match last {
                Some(last) => before = last,
                None => return Ok(Page { items: found, next: None }),
            }
        }
        Ok(Page { items: found, next: Some(before) })
    })
}

/// The start of the ids of records made at `at` (the milliseconds of a version 7 UUID).
fn id_prefix(at: Timestamp) -> String {
    let millis = format!("{:012x}", at.millis().max(0));
    let (high, low) = millis.split_at(8);
    format!("{high}-{low}")
}

#[cfg(test)]
mod tests {
    use model::entropy::{SeededEntropy, uuid_by_time};

    use super::*;

    #[test]
    fn the_prefix_bounds_the_ids_of_its_moment() {
        let at = Timestamp::from_micros(1_795_507_200_123_456);
        let id = uuid_by_time(&SeededEntropy::new(3), at).to_string();
        assert!(id.starts_with(&id_prefix(at)));
        assert!(id.as_str() < id_prefix(Timestamp::from_micros(at.micros() + 1_000)).as_str());
    }
}
