//! An audit record as it is kept: the columns that are looked up, and the whole as CloudTrail-shaped JSON.

use crate::timestamp::Timestamp;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// A UUID (version 7): sorts by time.
    pub event_id: String,
    /// When.
    pub event_time: Timestamp,
    /// `sso.amazonaws.com` and the like.
    pub event_source: String,
    /// The operation.
    pub event_name: String,
    /// Whether it changed nothing.
    pub read_only: bool,
    /// Whether it may go after a while: it tells of a look, a refusal or a stranger's call. What changed something, or handed a secret to
    /// somebody who was known, stays.
    pub passing: bool,
    /// The user or session name, when there is one.
    pub user_name: Option<String>,
    /// The access key id, when there is one.
    pub access_key_id: Option<String>,
    /// `type` and `name` of the resources touched.
    pub resources: Vec<(String, String)>,
    /// The record as JSON text.
    pub json: String,
}
