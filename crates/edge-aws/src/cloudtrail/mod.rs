//! The part of CloudTrail that reads the trail: LookupEvents.

pub(crate) mod events;
pub(crate) mod routes;
