//! How long sessions live, and what hangs on them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::limits::{ACCESS_TOKEN, BACKGROUND_SESSION, PORTAL_SESSION};

/// Minutes of a session: AWS's range, 15 minutes to 90 days.
pub const SESSION_MINUTES: std::ops::RangeInclusive<u64> = 15..=129_600;
/// Minutes of an access token.
pub const TOKEN_MINUTES: std::ops::RangeInclusive<u64> = 15..=720;

/// How long sessions live, in minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// From a sign-in on.
    pub session_minutes: u64,
    /// Without a page opened or a token renewed; none: as long as the session.
    pub idle_minutes: Option<u64>,
    /// An access token of a program.
    pub access_token_minutes: u64,
    /// How long a program may renew its tokens after a person approved it; none: as long as the session.
    pub refresh_token_minutes: Option<u64>,
    /// A session that goes on in the background after its person has signed out, of an application that may have such.
    pub background_session_minutes: u64,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            session_minutes: PORTAL_SESSION.as_secs() / 60,
            idle_minutes: None,
            access_token_minutes: ACCESS_TOKEN.as_secs() / 60,
            refresh_token_minutes: None,
            background_session_minutes: BACKGROUND_SESSION.as_secs() / 60,
        }
    }
}

impl SessionSettings {
    /// Refuses what is out of range.
    pub fn checked(self) -> Result<Self, Fault> {
        for (name, given, range) in [
            ("SessionMinutes", Some(self.session_minutes), SESSION_MINUTES),
            ("IdleMinutes", self.idle_minutes, SESSION_MINUTES),
            ("AccessTokenMinutes", Some(self.access_token_minutes), TOKEN_MINUTES),
            ("RefreshTokenMinutes", self.refresh_token_minutes, SESSION_MINUTES),
            ("BackgroundSessionMinutes", Some(self.background_session_minutes), SESSION_MINUTES),
        ] {
            if let Some(given) = given.filter(|given| !range.contains(given)) {
                let (low, high) = (range.start(), range.end());
                return Err(Fault::validation(format!("{name} must be {low} to {high}, not {given}")));
            }
        }
        Ok(self)
    }

    /// How long a session lives.
    pub fn session(&self) -> Duration {
        Duration::from_secs(self.session_minutes * 60)
    }

    /// How long an access token lives.
    pub fn access_token(&self) -> Duration {
        Duration::from_secs(self.access_token_minutes * 60)
    }

    /// How long a session goes on in the background.
    pub fn background_session(&self) -> Duration {
        Duration::from_secs(self.background_session_minutes * 60)
    }

    /// How long tokens may be renewed.
    pub fn refresh_token(&self) -> Option<Duration> {
        self.refresh_token_minutes.map(|minutes| Duration::from_secs(minutes * 60))
    }

    /// How long it may lie idle.
    pub fn idle(&self) -> Option<Duration> {
        self.idle_minutes.map(|minutes| Duration::from_secs(minutes * 60))
    }
}
