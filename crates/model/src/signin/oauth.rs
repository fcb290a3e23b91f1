//! The words of OAuth as sso-oidc speaks them (RFC 6749, 7636, 8628), and what the store keeps of a flow.

use crate::directory::user::UserId;
use crate::id::{is_uuid, string_id};
use crate::timestamp::Timestamp;

/// A grant that CreateToken redeems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    /// `authorization_code`
    AuthorizationCode,
    /// `urn:ietf:params:oauth:grant-type:device_code`
    DeviceCode,
    /// `refresh_token`
    RefreshToken,
}

impl GrantType {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::AuthorizationCode, Self::DeviceCode, Self::RefreshToken]
            .into_iter()
            .find(|grant| grant.as_str() == value)
    }
}

/// The scope that opens the portal API: accounts, roles and role credentials.
pub const SCOPE_ACCOUNT_ACCESS: &str = "sso:account:access";

string_id!(
    /// The id of a registered client: base64url text.
    ClientId,
    "clientId",
    |value: &str| {
        (1..=256).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    }
);

string_id!(
    /// The id of everything that grew from one approval: its access and refresh tokens.
    FamilyId,
    "token family id",
    is_uuid
);

/// A registered client. Public: its secret proves only that it is the program that registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthClient {
    /// The id.
    pub id: ClientId,
    /// What the client calls itself. Never proof of anything.
    pub name: String,
    /// What it may ask for; empty for a legacy client.
    pub scopes: Vec<String>,
    /// The grants that it may redeem.
    pub grant_types: Vec<GrantType>,
    /// Where codes may be sent: loopback, without regard to the port.
    pub redirect_uris: Vec<String>,
    /// The start URL that it registered with, if it said.
    pub issuer_url: Option<String>,
    /// When registered.
    pub created_at: Timestamp,
    /// When the registration ends.
    pub expires_at: Timestamp,
}

impl OAuthClient {
    /// Whether the client may redeem `grant`.
    pub fn may(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }
}

/// How far a device authorization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceStatus {
    /// Nobody decided yet.
    Pending,
    /// A person approved.
    Approved,
    /// A person refused.
    Denied,
}

impl DeviceStatus {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Denied => "DENIED",
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Denied].into_iter().find(|status| status.as_str() == value)
    }
}

/// A device authorization (RFC 8628).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAuthorization {
    /// The client that started it and alone may redeem it.
    pub client_id: ClientId,
    /// Where the client asked from.
    pub source_ip: String,
    /// How far it is.
    pub status: DeviceStatus,
    /// The session that decided.
    pub session_id: Option<String>,
    /// Seconds that the client must leave between two polls.
    pub interval_seconds: i64,
    /// When it last polled, or the later turn that it took in advance.
    pub last_polled_at: Timestamp,
    /// When it started.
    pub created_at: Timestamp,
    /// When the codes lapse.
    pub expires_at: Timestamp,
}

/// An authorization code (RFC 6749 §4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// The client that alone may redeem it.
    pub client_id: ClientId,
    /// The redirect URI of the request, which the redemption must repeat.
    pub redirect_uri: String,
    /// The S256 challenge (RFC 7636).
    pub code_challenge: String,
    /// What was approved.
    pub scopes: Vec<String>,
    /// Who approved.
    pub user_id: UserId,
    /// In which session.
    pub session_id: String,
    /// What it was redeemed for; a second redemption ends that family.
    pub family_id: Option<FamilyId>,
    /// When made.
    pub created_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// A program that came in by a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClient {
    /// Its id.
    pub client_id: ClientId,
    /// What it calls itself; `None` when its registration is over.
    pub name: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was approved.
    pub created_at: Timestamp,
}

/// What one approval gave: the root of its access and refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFamily {
    /// The id.
    pub id: FamilyId,
    /// The client.
    pub client_id: ClientId,
    /// The person.
    pub user_id: UserId,
    /// The session; without it the tokens are dead.
    pub session_id: String,
    /// What was approved; empty for a legacy client.
    pub scopes: Vec<String>,
    /// When approved and redeemed.
    pub created_at: Timestamp,
    /// How often its refresh token was exchanged: also the number of the one in force.
    pub generation: i64,
    /// When the last exchanges were, newest first: as many as are remembered.
    pub exchanged_at: Vec<Timestamp>,
}
