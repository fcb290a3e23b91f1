//! What a seed says of where people come from: only its shape, as in `seed_file.rs`. Secrets are named, never written.

use std::path::PathBuf;

use model::sources::directory::{DirectorySchema, DnsSecurity, Switch};
use model::sources::external_idp::{AttributeRule, ClientAuthentication, SubjectMatch, TagRule};
use serde::Deserialize;

/// A provider that writes people here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ProvisioningTenant {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) tokens: Vec<Token>,
}

/// A token that it calls with.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) name: Option<String>,
    pub(crate) validity_days: Option<u32>,
    pub(crate) secret: Reference,
}

/// Where a secret stands: exactly one of the two.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reference {
    pub(crate) environment: Option<String>,
    pub(crate) file: Option<PathBuf>,
}

/// An identity provider by which people sign in. The words are those of CreateExternalIdPConfigurationForDirectory.
#[expect(clippy::struct_excessive_bools, reason = "what an administrator says yes or no to")]
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExternalIdentityProvider {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    #[serde(default = "enabled")]
    pub(crate) enabled: bool,
    pub(crate) saml: Option<Saml>,
    pub(crate) oidc: Option<Oidc>,
    #[serde(default)]
    pub(crate) domains: Vec<String>,
    #[serde(default)]
    pub(crate) any_domain: bool,
    #[serde(default)]
    pub(crate) required_for_domains: bool,
    #[serde(default)]
    pub(crate) hidden: bool,
    pub(crate) subject: Option<SubjectMatch>,
    pub(crate) subject_from: Option<String>,
    #[serde(default)]
    pub(crate) trust_mfa: bool,
    #[serde(default)]
    pub(crate) arrivals: SeedArrivals,
    #[serde(default)]
    pub(crate) session_tags: Vec<TagRule>,
}

const fn enabled() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "what an administrator says yes or no to")]
pub(crate) struct Saml {
    pub(crate) metadata_url: Option<String>,
    pub(crate) metadata_file: Option<PathBuf>,
    pub(crate) entity_id: Option<String>,
    #[serde(default)]
    pub(crate) sign_requests: bool,
    #[serde(default)]
    pub(crate) allow_sha1: bool,
    #[serde(default)]
    pub(crate) allow_aes_cbc: bool,
    #[serde(default)]
    pub(crate) allow_unsolicited: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Oidc {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Reference>,
    pub(crate) client_authentication: Option<ClientAuthentication>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
}

/// What becomes of people who come; groups by their names in the seed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct SeedArrivals {
    pub(crate) create: bool,
    pub(crate) update: bool,
    pub(crate) attributes: Vec<AttributeRule>,
    pub(crate) groups_from: Option<String>,
    pub(crate) groups: Vec<SeedGroupRule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SeedGroupRule {
    pub(crate) value: String,
    pub(crate) group: String,
}

/// A directory from which people are read. The words are those of CreateDirectory; certificates stand in files.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Directory {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    #[serde(default = "enabled")]
    pub(crate) enabled: bool,
    pub(crate) schema: DirectorySchema,
    #[serde(default)]
    pub(crate) servers: Vec<String>,
    pub(crate) dns_domain: Option<String>,
    pub(crate) dns_security: Option<DnsSecurity>,
    pub(crate) bind_dn: Option<String>,
    pub(crate) bind_password: Option<Reference>,
    pub(crate) client_certificate_file: Option<PathBuf>,
    pub(crate) client_key: Option<Reference>,
    pub(crate) ca_certificates_file: Option<PathBuf>,
    #[serde(default)]
    pub(crate) pinned_certificates: Vec<String>,
    pub(crate) domain: Option<String>,
    pub(crate) user_bases: Vec<String>,
    #[serde(default)]
    pub(crate) group_bases: Vec<String>,
    pub(crate) user_filter: Option<String>,
    pub(crate) group_filter: Option<String>,
    pub(crate) user_name_from: Option<String>,
    #[serde(default)]
    pub(crate) attributes: Vec<AttributeRule>,
    pub(crate) incremental_seconds: Option<u32>,
    pub(crate) full_hours: Option<u32>,
    pub(crate) brake_percent: Option<u32>,
    pub(crate) remove_after_days: Option<u32>,
    pub(crate) lockout_attempts: Option<u32>,
    pub(crate) lockout_minutes: Option<u32>,
    #[serde(default)]
    pub(crate) watch: Switch,
    #[serde(default)]
    pub(crate) password_change: Switch,
}
