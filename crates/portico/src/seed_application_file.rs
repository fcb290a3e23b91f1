//! What a seed says of applications: only its shape, as in `seed_file.rs`. Secrets are named, never written.

use std::path::PathBuf;

use model::applications::oidc_application::{ClaimMapping, ClientAuthentication, SigningAlgorithm};
use model::applications::saml_application::{AttributeFormat, NameIdFormat};
use serde::Deserialize;

use crate::seed_source_file::Reference;

const fn yes() -> bool {
    true
}

/// An application. The words are those of CreateApplication and of the operations that decide how it is spoken to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Application {
    pub(crate) name: String,
    /// The name of the catalog's entry; without it, a custom one of what it speaks.
    pub(crate) provider: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) start_url: Option<String>,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    #[serde(default = "yes")]
    pub(crate) visible: bool,
    #[serde(default = "yes")]
    pub(crate) assignment_required: bool,
    pub(crate) saml: Option<SamlApplication>,
    pub(crate) oidc: Option<OidcApplication>,
    #[serde(default)]
    pub(crate) users: Vec<String>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
}

/// How it is spoken to by SAML: by its metadata, or by its audience and the addresses that take assertions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SamlApplication {
    pub(crate) metadata_file: Option<PathBuf>,
    pub(crate) entity_id: Option<String>,
    pub(crate) audience: Option<String>,
    #[serde(default)]
    pub(crate) assertion_consumer_services: Vec<String>,
    pub(crate) subject: Option<Subject>,
    #[serde(default)]
    pub(crate) attribute_mappings: Vec<Attribute>,
    pub(crate) relay_state: Option<String>,
    pub(crate) session_duration_minutes: Option<u32>,
    #[serde(default)]
    pub(crate) sign_responses: bool,
}

/// Who a person is to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Subject {
    pub(crate) format: Option<NameIdFormat>,
    pub(crate) value: Option<String>,
}

/// What it is told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) format: Option<AttributeFormat>,
}

/// How it is spoken to by OpenID Connect.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OidcApplication {
    pub(crate) redirect_uris: Vec<String>,
    #[serde(default)]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) client_authentication: Option<ClientAuthentication>,
    pub(crate) key_set_file: Option<PathBuf>,
    #[serde(default = "yes")]
    pub(crate) require_pkce: bool,
    #[serde(default)]
    pub(crate) refresh_tokens: bool,
    pub(crate) scopes: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) claim_mappings: Vec<ClaimMapping>,
    pub(crate) signing_algorithm: Option<SigningAlgorithm>,
    pub(crate) access_token_minutes: Option<u32>,
    #[serde(default)]
    pub(crate) secrets: Vec<ClientSecret>,
}

/// A secret by which it proves itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClientSecret {
    pub(crate) name: Option<String>,
    pub(crate) validity_days: Option<u32>,
    pub(crate) secret: Reference,
}

/// Whose tokens applications may exchange.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TrustedTokenIssuer {
    pub(crate) name: String,
    pub(crate) issuer_url: String,
    pub(crate) claim_attribute_path: String,
    pub(crate) identity_store_attribute_path: String,
}
