//! The list of fuzz targets. A target's corpus is in `fuzz/corpus/NAME`.

use crate::{
    directories, identifiers, json, key_sets, policies, proofs, providers, provisioning, query,
    saml_encrypted, saml_messages, saml_metadata, saml_redirect, seed, signatures, tokens,
};

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name and its corpus's.
    pub name: &'static str,
    /// What it holds against any bytes.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "json", run: json::run },
    Target { name: "query", run: query::run },
    Target { name: "sigv4", run: signatures::run },
    Target { name: "policy", run: policies::run },
    Target { name: "dpop", run: proofs::run },
    Target { name: "jwt", run: tokens::run },
    Target { name: "jwks", run: key_sets::run },
    Target { name: "openid_discovery", run: providers::run },
    Target { name: "saml", run: saml_messages::run },
    Target { name: "saml_encrypted", run: saml_encrypted::run },
    Target { name: "saml_metadata", run: saml_metadata::run },
    Target { name: "saml_redirect", run: saml_redirect::run },
    Target { name: "scim_filter", run: provisioning::filter },
    Target { name: "scim_patch", run: provisioning::patch },
    Target { name: "ldap", run: directories::message },
    Target { name: "ldap_dn", run: directories::name },
    Target { name: "ldap_filter", run: directories::filter },
    Target { name: "seed", run: seed::run },
    Target { name: "ids", run: identifiers::run },
];
