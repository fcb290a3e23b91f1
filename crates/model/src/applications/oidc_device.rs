//! A sign-in at a device that shows a code (RFC 8628), for an application that speaks OpenID Connect.

use crate::applications::application::ApplicationId;
use crate::signin::oauth::DeviceStatus;
use crate::timestamp::Timestamp;

/// What waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcDevice {
    /// For which application.
    pub application_id: ApplicationId,
    /// What it asks for.
    pub scopes: Vec<String>,
    /// Where it asked from.
    pub source_ip: String,
    /// How far it is.
    pub status: DeviceStatus,
    /// The session of whoever approved.
    pub session_id: Option<String>,
    /// Seconds between polls from now on.
    pub interval_seconds: i64,
    /// The turn that the last poll took.
    pub last_polled_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
}
