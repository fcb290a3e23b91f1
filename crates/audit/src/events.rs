//! LookupEvents: the trail read newest first, narrowed by time and by one attribute, as CloudTrail's event history is.

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use model::record::AuditRecord;
use model::timestamp::Timestamp;
use policy::require::{Action, require};
use policy::resource;
use store::audit_records::{self, By};
use store::db::Store;

/// Rows read at a time while looking for what no index finds: whether records are of reads. Half of all are.
const SLICE: i64 = 250;
/// Slices looked at for one page at most; a page may then be short or empty while a token says that more may follow.
const SLICES_MAX: usize = 80;

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

    /// What of the records that the index found is meant: types and names of resources share one.
    fn matches(&self, record: &AuditRecord) -> bool {
        match self {
            Self::ResourceType(kind) => record.resources.iter().any(|(has, _)| has == kind),
            Self::ResourceName(name) => record.resources.iter().any(|(_, has)| has == name),
            _ => true,
        }
    }

    /// Which index finds it. An id is a stretch of the key.
    fn by(&self) -> By<'_> {
        match self {
            Self::EventId(_) | Self::ReadOnly(_) => By::Time,
            Self::EventName(name) => By::Name(name),
            Self::Username(name) => By::User(name),
            Self::ResourceType(resource) | Self::ResourceName(resource) => By::Resource(resource),
            Self::EventSource(source) => By::Source(source),
            Self::AccessKeyId(id) => By::AccessKey(id),
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
pub async fn look_up(
    store: &Store,
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
    let mut from = lookup.from.map(id_prefix).unwrap_or_default();
    // Ids are lower-case hexadecimal: "g" stands behind them all.
    let end = lookup.to.map_or_else(
        || "g".to_owned(),
        |to| id_prefix(Timestamp::from_seconds(to.seconds().saturating_add(1))),
    );
    let mut before = page.after.clone().unwrap_or(end);
    match lookup.attribute {
        Some(Attribute::ReadOnly(read_only)) => scan(store, read_only, (before, from), page).await,
        Some(Attribute::EventId(id)) => {
            from = from.max(id.clone());
            before = before.min(format!("{id} "));
            find(store, None, (before, from), page).await
        }
        other => find(store, other, (before, from), page).await,
    }
}

/// One page by an index.
async fn find(
    store: &Store,
    attribute: Option<Attribute>,
    (before, from): (String, String),
    page: PageRequest,
) -> Result<Page<AuditRecord>, Fault> {
    store
        .read_aside(move |rx| {
            let by = attribute.as_ref().map_or(By::Time, Attribute::by);
            let rows = audit_records::page_by(rx, by, (&before, &from), page.rows())?;
            let mut found = page.page(rows, |record| record.event_id.clone());
            found.items.retain(|record| attribute.as_ref().is_none_or(|attribute| attribute.matches(record)));
            Ok(found)
        })
        .await
}

/// One page of what no index finds. Between two slices others have their turn.
async fn scan(
    store: &Store,
    read_only: bool,
    (mut before, from): (String, String),
    page: PageRequest,
) -> Result<Page<AuditRecord>, Fault> {
    let mut found = Vec::new();
    for _ in 0..SLICES_MAX {
        let (below, not_below) = (before.clone(), from.clone());
        let slice = store
            .read_aside(move |rx| Ok(audit_records::page_backward(rx, &below, &not_below, SLICE)?))
            .await?;
        let Some(last) = slice.last() else { return Ok(Page { items: found, next: None }) };
        before.clone_from(&last.event_id);
        found.extend(slice.into_iter().filter(|record| record.read_only == read_only));
        if found.len() > page.limit {
            return Ok(page.page(found, |record| record.event_id.clone()));
        }
    }
    Ok(Page { items: found, next: Some(before) })
}

/// The start of the ids of records made at `at` (the milliseconds of a version 7 UUID).
pub(crate) fn id_prefix(at: Timestamp) -> String {
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
