//! Limits and defaults, named. Where AWS's limit or quirk annoys people, [`Mode`] chooses: `relaxed` (the default) lifts it,
//! `strict` keeps it for those who test against AWS's behaviour.

use std::time::Duration;

/// Whether AWS's arbitrary limits hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Limits that only annoy are lifted. Everything that a client depends on stays.
    #[default]
    Relaxed,
    /// AWS's published quotas hold.
    Strict,
}

impl Mode {
    /// From its word in the configuration.
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "relaxed" => Some(Self::Relaxed),
            "strict" => Some(Self::Strict),
            _ => None,
        }
    }

    /// `quota` in strict mode, no bound otherwise.
    pub const fn quota(self, quota: u64) -> u64 {
        match self {
            Self::Relaxed => u64::MAX,
            Self::Strict => quota,
        }
    }
}

/// Rows of a list when MaxResults is not given (all services but organizations).
pub const PAGE_DEFAULT: usize = 100;
/// Rows of an organizations list at most, and when MaxResults is not given.
pub const ORGANIZATIONS_PAGE_MAX: usize = 20;
/// Permission sets of an instance (quota, adjustable at AWS).
pub const PERMISSION_SETS_MAX: u64 = 3_500;
/// Applications of an instance (quota, adjustable at AWS).
pub const APPLICATIONS_MAX: u64 = 7_000;
/// Groups that are assigned to one application (quota).
pub const GROUPS_PER_APPLICATION_MAX: u64 = 100;
/// Permission sets provisioned in one account (quota).
pub const PERMISSION_SETS_PER_ACCOUNT_MAX: u64 = 500;
/// Managed and customer managed policies of a permission set together (quota).
pub const POLICIES_PER_PERMISSION_SET_MAX: usize = 25;
/// Bytes of an inline policy that are not white space (not adjustable).
pub const INLINE_POLICY_BYTES_MAX: usize = 10_240;
/// Policies of an account's own (IAM quotas: adjustable at AWS).
pub const POLICIES_PER_ACCOUNT_MAX: u64 = 1_500;
/// Characters of such a policy that are not white space (IAM quotas: not adjustable).
pub const POLICY_CHARACTERS_MAX: usize = 6_144;
/// Versions of such a policy (IAM quotas: not adjustable).
pub const POLICY_VERSIONS_MAX: usize = 5;
/// Roles of an account (IAM quotas: adjustable at AWS).
pub const ROLES_PER_ACCOUNT_MAX: u64 = 1_000;
/// Managed policies of a role that an account made (IAM quotas: as AWS has them, and as far as it raises them).
pub const POLICIES_PER_ROLE_MAX: (usize, usize) = (10, 20);
/// Characters of a role's inline policies together that are not white space (IAM quotas: not adjustable).
pub const ROLE_INLINE_CHARACTERS_MAX: usize = 10_240;
/// Users of an account (IAM quotas: not adjustable).
pub const USERS_PER_ACCOUNT_MAX: u64 = 5_000;
/// Managed policies of a user (IAM quotas: as AWS has them, and as far as it raises them).
pub const POLICIES_PER_USER_MAX: (usize, usize) = (10, 20);
/// Characters of a user's inline policies together that are not white space (IAM quotas: not adjustable).
pub const USER_INLINE_CHARACTERS_MAX: usize = 2_048;
/// Groups of an account (IAM quotas: adjustable at AWS).
pub const IAM_GROUPS_PER_ACCOUNT_MAX: u64 = 300;
/// Groups that a user is in (IAM quotas: not adjustable).
pub const GROUPS_PER_USER_MAX: u64 = 10;
/// Managed policies of a group (IAM quotas), and twice as many.
pub const POLICIES_PER_GROUP_MAX: (usize, usize) = (10, 20);
/// Characters of a group's inline policies together that are not white space (IAM quotas: not adjustable).
pub const GROUP_INLINE_CHARACTERS_MAX: usize = 5_120;
/// OpenID Connect providers of an account (IAM quotas: adjustable at AWS).
pub const OIDC_PROVIDERS_PER_ACCOUNT_MAX: u64 = 100;
/// Client ids of an OpenID Connect provider (IAM quotas: not adjustable).
pub const OIDC_CLIENT_IDS_MAX: usize = 100;
/// Thumbprints of an OpenID Connect provider (IAM API reference, CreateOpenIDConnectProvider).
pub const OIDC_THUMBPRINTS_MAX: usize = 5;
/// Characters of a trust policy that are not white space (IAM quotas: adjustable at AWS).
pub const TRUST_POLICY_CHARACTERS_MAX: usize = 2_048;
/// Tags of a role or policy (IAM quotas: not adjustable).
pub const IAM_TAGS_MAX: usize = 50;
/// Trusted token issuers of an instance (quota, not adjustable at AWS).
pub const TRUSTED_TOKEN_ISSUERS_MAX: u64 = 10;
/// Users of an identity store (quota).
pub const USERS_MAX: u64 = 200_000;
/// Groups of an identity store (quota).
pub const GROUPS_MAX: u64 = 100_000;
/// Outstanding asynchronous assignment calls (quota).
pub const ASSIGNMENT_CALLS_OUTSTANDING_MAX: u64 = 15;
/// Assignments of one batch: some 250 bytes each, so that the largest is a quarter of [`BODY_BYTES_MAX`].
pub const BATCH_ASSIGNMENTS_MAX: usize = 1_000;
/// Concurrent ProvisionPermissionSet calls for all accounts (quota).
pub const PROVISION_ALL_CALLS_MAX: u64 = 3;
/// Organizational units of an organization (Organizations user guide, quotas: adjustable at AWS).
pub const ORGANIZATIONAL_UNITS_MAX: u64 = 2_000;
/// Units within one another below the root (Organizations user guide, quotas: not adjustable).
pub const ORGANIZATIONAL_UNIT_DEPTH_MAX: usize = 5;
/// Characters of a unit's name.
pub const ORGANIZATIONAL_UNIT_NAME_MAX: usize = 128;
/// Service control policies of an organization, AWS's own among them (Organizations user guide, quotas).
pub const SERVICE_CONTROL_POLICIES_MAX: u64 = 10_000;
/// Characters of a service control policy (Organizations user guide, quotas: not adjustable).
pub const SERVICE_CONTROL_POLICY_CHARACTERS_MAX: usize = 5_120;
/// Service control policies of one root, unit or account (Organizations user guide, quotas: not adjustable).
pub const SERVICE_CONTROL_POLICIES_PER_TARGET_MAX: u64 = 5;
/// Tags of an account, a unit, a policy or a root (Organizations user guide, quotas).
pub const ORGANIZATION_TAGS_MAX: usize = 50;
/// Accounts that a person marks as favourites.
pub const FAVOURITES_MAX: usize = 50;
/// Roles that a person's portal remembers as taken lately.
pub const RECENT_ROLES_MAX: usize = 8;
/// Characters of what a person searches for.
pub const SEARCH_MAX: usize = 256;
/// Tags of a resource.
pub const TAGS_MAX: usize = 75;
/// Shortest session of a permission set.
pub const SESSION_DURATION_MIN: Duration = Duration::from_secs(3_600);
/// Longest session of a permission set.
pub const SESSION_DURATION_MAX: Duration = Duration::from_secs(12 * 3_600);
/// Browser session at the portal.
pub const PORTAL_SESSION: Duration = Duration::from_secs(8 * 3_600);
/// Session that goes on in the background (user guide, user background sessions: 7 days, 15 minutes to 90 days).
pub const BACKGROUND_SESSION: Duration = Duration::from_secs(7 * 86_400);
/// Access token of sso-oidc, at most; never beyond its session.
pub const ACCESS_TOKEN: Duration = Duration::from_secs(8 * 3_600);
/// A client registration.
pub const CLIENT_REGISTRATION: Duration = Duration::from_secs(90 * 86_400);
/// How long a browser is remembered as one that a person signed in with.
pub const KNOWN_BROWSER: Duration = Duration::from_secs(180 * 86_400);
/// How old an access key may grow before the summary of an instance counts it (AWS's guidance: rotate after 90 days).
pub const ACCESS_KEY_OLD: Duration = Duration::from_secs(90 * 86_400);
/// How long a failed request for an assignment or provisioning is counted there.
pub const FAILURE_RECENT: Duration = Duration::from_secs(7 * 86_400);
/// A device code (RFC 8628 `expires_in`).
pub const DEVICE_CODE: Duration = Duration::from_secs(600);
/// The polling interval of the device flow, seconds: AWS's.
pub const DEVICE_POLL_INTERVAL_SECONDS: u32 = 1;
/// An authorization code (RFC 6749 §4.1.2 advises ten minutes at most; RFC 9700 short-lived).
pub const AUTHORIZATION_CODE: Duration = Duration::from_secs(60);
/// A code of `aws login --remote`, which a person carries from one machine to another.
pub const LOGIN_CODE_CARRIED: Duration = Duration::from_secs(300);
/// Role credentials of `aws login` (botocore 1.44.8, service `signin`: at most 900 seconds), renewed for as long as the sign-in session lives.
pub const LOGIN_CREDENTIALS: Duration = Duration::from_secs(900);
/// Scopes of one client registration, and of one application.
pub const SCOPES_PER_CLIENT_MAX: usize = 25;
/// A request body at most: well above the largest input of any operation served.
pub const BODY_BYTES_MAX: usize = 1_048_576;
/// A request body at most of whoever names no key that there is: registrations and tokens are of a few kilobytes.
pub const ANONYMOUS_BODY_BYTES_MAX: usize = 65_536;
/// A form of the Query protocol at most, whoever sends it: a SAML assertion of 100,000 characters, each of which may be escaped by three.
pub const FORM_BYTES_MAX: usize = 327_680;
/// How far a signature's date may lie from ours, either way.
pub const CLOCK_SKEW: Duration = Duration::from_secs(300);
/// The same for STS, which is called first by machines whose clock nobody has set yet. It is also how long a presigned call of STS holds: AWS
/// does not look at what the URL says.
pub const STS_CLOCK_SKEW: Duration = Duration::from_secs(900);
