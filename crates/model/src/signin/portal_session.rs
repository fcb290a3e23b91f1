//! A person's sign-in session at the AWS access portal: the root that browser cookies, codes and tokens hang on. When it ends, they end.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::caller::PortalUser;
use crate::directory::user::UserStatus;
use crate::signin::mfa::Proofs;
use crate::sources::arrival::ExternalSession;
use crate::timestamp::Timestamp;

/// A sign-in session, with what is known of its person now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalSession {
    /// The person and the session's id.
    pub user: PortalUser,
    /// The person's sign-in name.
    pub user_name: String,
    /// The person's display name.
    pub display_name: String,
    /// Whether the person may sign in, now.
    pub status: UserStatus,
    /// Where the person signed in from.
    pub source_ip: String,
    /// With what.
    pub user_agent: String,
    /// When.
    pub created_at: Timestamp,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
    /// By what the person proved who they are.
    pub proofs: Proofs,
    /// When they last did.
    pub verified_at: Timestamp,
    /// How long the session may lie idle.
    pub idle: Option<Duration>,
    /// What its person calls it; empty where they gave it no name.
    pub name: String,
    /// When a page was last opened in it or a token renewed, to about a minute; looked at where `idle` is some.
    pub seen_at: Timestamp,
    /// By which external identity provider it was begun, if by one.
    pub external: Option<ExternalSession>,
    /// What that said of its person, as session tags of the roles that they use.
    pub tags: BTreeMap<String, String>,
}

impl PortalSession {
    /// Whether the session may still be used: its person is enabled and its time is not over.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.status == UserStatus::Enabled && now < self.expires_at
    }

    /// Whether it has lain idle for longer than it may.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        self.idle.is_some_and(|idle| now.since(self.seen_at) > idle)
    }
}
