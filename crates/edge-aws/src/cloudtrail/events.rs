//! LookupEvents.

use audit::attribute::Attribute;
use audit::events::Lookup;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::PageScope;
use model::record::AuditRecord;
use model::timestamp::Timestamp;
use wire::generated::cloudtrail::shapes::{Event, LookupEventsRequest, LookupEventsResponse, Resource};
use wire::timestamp::EpochSeconds;

use crate::app::App;

/// Events of a page when MaxResults is not given, and at most.
const PAGE: usize = 50;

pub(crate) async fn look_up(
    app: App,
    cx: Cx,
    input: LookupEventsRequest,
) -> Result<LookupEventsResponse, Fault> {
    if input.event_category.is_some() {
        let message = "EventCategory insight is not served: there are no Insights events here";
        return Err(Fault::new(FaultKind::Service("InvalidEventCategoryException"), message));
    }
    let attribute = match input.lookup_attributes.as_deref() {
        None | Some([]) => None,
        Some([one]) => Some((one.attribute_key.as_str(), one.attribute_value.as_str())),
        Some(_) => {
            let message = "LookupAttributes must hold one attribute at most";
            return Err(Fault::new(FaultKind::Service("InvalidLookupAttributesException"), message));
        }
    };
    let (key, value) = attribute.unwrap_or_default();
    let from = input.start_time.map(time);
    let to = input.end_time.map(time);
    let bound = |at: Option<Timestamp>| at.map_or(String::new(), |at| at.micros().to_string());
    let scope = PageScope::new("LookupEvents", &[key, value, &bound(from), &bound(to)]);
    let page = scope
        .request(input.max_results, input.next_token.as_deref(), PAGE)
        .map_err(|fault| Fault::new(FaultKind::Service("InvalidNextTokenException"), fault.message()))?;
    let attribute = attribute.map(|(key, value)| Attribute::parse(key, value)).transpose()?;
    let found = audit::events::look_up(&app.recorder, &cx, Lookup { from, to, attribute }, page).await?;
    Ok(LookupEventsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        events: Some(found.items.into_iter().map(event).collect()),
    })
}

fn time(at: EpochSeconds) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "microseconds of any date fit; `as` saturates")]
    Timestamp::from_micros((at.0 * 1e6) as i64)
}

fn event(record: AuditRecord) -> Event {
    let resource =
        |(kind, name): (String, String)| Resource { resource_type: Some(kind), resource_name: Some(name) };
    Event {
        event_id: Some(record.event_id),
        event_name: Some(record.event_name.into_owned()),
        read_only: Some(record.read_only.to_string()),
        access_key_id: record.access_key_id,
        event_time: Some(EpochSeconds(record.event_time.epoch_seconds())),
        event_source: Some(record.event_source.into_owned()),
        username: record.user_name,
        resources: Some(record.resources.into_iter().map(resource).collect()),
        cloud_trail_event: Some(record.json),
    }
}
