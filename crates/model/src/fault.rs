//! The one error of the domain, free of transport: a kind, a sentence the caller may read and, apart from it, a context only
//! the log may read. Each edge maps it to its wire in one exhaustive `match`.

use std::fmt;

use crate::denial::Denial;
use crate::saying::Saying;

/// Why a call was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The caller may not do this (IAM said no), or may not know that the thing exists.
    AccessDenied,
    /// The portal's answer to a role that the user does not have: 403 `ForbiddenException`, unmodelled but relied on.
    Forbidden,
    /// The bearer token or browser session is missing, unknown, expired or revoked.
    Unauthorized,
    /// The change contradicts what is there.
    Conflict(ConflictReason),
    /// There is no such thing.
    NotFound(ResourceType),
    /// The input breaks a rule; the sentence names the field, the limit and the value.
    Validation,
    /// A quota would be exceeded; the sentence names it and its value.
    QuotaExceeded,
    /// Too many calls; try again after so many seconds.
    Throttled(u32),
    /// An OAuth refusal (RFC 6749, 8628).
    OAuth(OAuthError),
    /// An error code of a neighbouring service (organizations, iam, sts) that has no twin above, in that service's own
    /// words: `MalformedPolicyDocument`, `NoSuchEntity`, `ExpiredTokenException`, …
    Service(&'static str),
    /// A dependency (the database) does not answer now; nothing was changed.
    Unavailable,
    /// Our own failure.
    Internal,
}

/// What a conflict is about: the identity store's `Reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictReason {
    /// Another resource has that value already: `UNIQUENESS_CONSTRAINT_VIOLATION`.
    Uniqueness,
    /// The `Revision` that the caller saw is no longer the newest: `CONCURRENT_MODIFICATION`.
    ConcurrentModification,
    /// Any other.
    State,
}

/// What was not found: the identity store's `ResourceType` where it has a word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// `USER`
    User,
    /// `GROUP`
    Group,
    /// `GROUP_MEMBERSHIP`
    GroupMembership,
    /// `IDENTITY_STORE`
    IdentityStore,
    /// Anything that the identity store has no word for.
    Other,
}

impl ResourceType {
    /// The wire word, where there is one.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::User => Some("USER"),
            Self::Group => Some("GROUP"),
            Self::GroupMembership => Some("GROUP_MEMBERSHIP"),
            Self::IdentityStore => Some("IDENTITY_STORE"),
            Self::Other => None,
        }
    }
}

/// OAuth errors as sso-oidc models them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthError {
    /// `access_denied`
    AccessDenied,
    /// `authorization_pending`
    AuthorizationPending,
    /// `expired_token`
    ExpiredToken,
    /// `invalid_client`
    InvalidClient,
    /// `invalid_client_metadata`
    InvalidClientMetadata,
    /// `invalid_dpop_proof` (RFC 9449 §12.2)
    InvalidDpopProof,
    /// `invalid_grant`
    InvalidGrant,
    /// `invalid_redirect_uri`
    InvalidRedirectUri,
    /// `invalid_request`
    InvalidRequest,
    /// `invalid_scope`
    InvalidScope,
    /// `slow_down`
    SlowDown,
    /// `unauthorized_client`
    UnauthorizedClient,
    /// `unsupported_grant_type`
    UnsupportedGrantType,
}

/// A refusal or failure of the domain.
#[derive(Debug, Clone)]
pub struct Fault(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: FaultKind,
    message: String,
    saying: Option<Saying>,
    resource_id: Option<String>,
    reason: Option<&'static str>,
    context: Option<String>,
    denial: Option<Box<Denial>>,
}

impl FaultKind {
    /// After how many seconds it may be tried again, where the reason is one that passes by itself.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Throttled(seconds) => Some(*seconds),
            Self::Unavailable => Some(1),
            _ => None,
        }
    }
}

impl Fault {
    /// A fault of `kind` with a sentence that the caller may read.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            saying: None,
            resource_id: None,
            reason: None,
            context: None,
            denial: None,
        }))
    }

    /// A fault of `kind` with a sentence that pages say in the language of whoever reads them.
    pub fn say(kind: FaultKind, saying: Saying) -> Self {
        let mut fault = Self::new(kind, saying.to_string());
        fault.0.saying = Some(saying);
        fault
    }

    /// [`FaultKind::Validation`] that pages say.
    pub fn invalid(saying: Saying) -> Self {
        Self::say(FaultKind::Validation, saying)
    }

    /// [`FaultKind::Validation`].
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Validation, message)
    }

    /// [`FaultKind::AccessDenied`].
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new(FaultKind::AccessDenied, message)
    }

    /// [`FaultKind::Conflict`] about the state of things.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict(ConflictReason::State), message)
    }

    /// [`FaultKind::NotFound`] for a thing that the identity store has no word for.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(FaultKind::NotFound(ResourceType::Other), message)
    }

    /// [`FaultKind::QuotaExceeded`].
    pub fn quota(message: impl Into<String>) -> Self {
        Self::new(FaultKind::QuotaExceeded, message)
    }

    /// [`FaultKind::OAuth`]; the sentence becomes `error_description`.
    pub fn oauth(error: OAuthError, message: impl Into<String>) -> Self {
        Self::new(FaultKind::OAuth(error), message)
    }

    /// [`FaultKind::Internal`]; `context` goes to the log only.
    pub fn internal(context: impl fmt::Display) -> Self {
        Self::say(FaultKind::Internal, Saying::Internal).with_context(context)
    }

    /// Names the resource that the fault is about (`ResourceId`).
    #[must_use]
    pub fn with_resource_id(mut self, id: impl Into<String>) -> Self {
        self.0.resource_id = Some(id.into());
        self
    }

    /// Says why in the word that the service's model has for it (`Reason`).
    #[must_use]
    pub fn with_reason(mut self, word: &'static str) -> Self {
        self.0.reason = Some(word);
        self
    }

    /// Adds what only the log may read.
    #[must_use]
    pub fn with_context(mut self, context: impl fmt::Display) -> Self {
        self.0.context = Some(context.to_string());
        self
    }

    /// Adds why policies refused, which only who administers the caller may read.
    #[must_use]
    pub fn with_denial(mut self, denial: Denial) -> Self {
        self.0.denial = Some(Box::new(denial));
        self
    }

    /// The same with another sentence for the caller.
    #[must_use]
    pub fn saying_instead(mut self, message: impl Into<String>) -> Self {
        (self.0.message, self.0.saying) = (message.into(), None);
        self
    }

    /// Why policies refused.
    pub fn denial(&self) -> Option<&Denial> {
        self.0.denial.as_deref()
    }

    /// The model's word for why, if there is one.
    pub fn reason(&self) -> Option<&'static str> {
        self.0.reason
    }

    /// Why.
    pub fn kind(&self) -> &FaultKind {
        &self.0.kind
    }

    /// The sentence for the caller.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The sentence as a value, if it is one that pages say.
    pub fn saying(&self) -> Option<&Saying> {
        self.0.saying.as_ref()
    }

    /// The resource that the fault is about.
    pub fn resource_id(&self) -> Option<&str> {
        self.0.resource_id.as_deref()
    }

    /// What only the log may read.
    pub fn context(&self) -> Option<&str> {
        self.0.context.as_deref()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}: {}", self.0.kind, self.0.message)
    }
}

impl std::error::Error for Fault {}
