//! What every operation is given: who calls from where, and what the request says besides its body.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::limits::Mode;
use scim::error::{Error, ScimType};
use scim::listing::Given;
use scim::projection::Projection;
use scim::schema::ResourceType;

use crate::asked::Kind;
use crate::state::Scim;

/// Operations of a bulk request at most.
pub(crate) const BULK_MAX: usize = 1_000;

/// An operation under way.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    pub(crate) scim: Scim,
    pub(crate) cx: Cx,
    /// Where the tenant writes.
    pub(crate) at: IdentityStoreRef,
    /// What its external ids have as their issuer.
    pub(crate) issuer: String,
    /// The tenant's address.
    pub(crate) base: String,
    /// The parameters of the URL.
    pub(crate) given: Given,
    /// `If-Match` and `If-None-Match`.
    pub(crate) versions: Versions,
}

/// The versions that a request names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Versions {
    pub(crate) wanted: Option<String>,
    pub(crate) unwanted: Option<String>,
}

/// A revision as an entity tag: weak, since the same one is written in more than one way.
pub(crate) fn tag(revision: i64) -> String {
    format!("W/\"{revision}\"")
}

impl Op {
    pub(crate) fn is_strict(&self) -> bool {
        self.cx.mode == Mode::Strict
    }

    /// What a kind of resource is described by.
    pub(crate) fn resource_type(&self, kind: Kind) -> &'static ResourceType {
        kind.resource_type(self.cx.mode)
    }

    /// The address of a resource.
    pub(crate) fn location(&self, kind: Kind, id: &str) -> String {
        format!("{}{}/{id}", self.base, kind.endpoint())
    }

    /// Its version; none in strict mode, where AWS has none.
    pub(crate) fn version(&self, revision: i64) -> Option<String> {
        (!self.is_strict()).then(|| tag(revision))
    }

    /// What is answered of a resource. AWS passes these parameters over.
    pub(crate) fn projection(&self, kind: Kind) -> Result<Projection, Error> {
        if self.is_strict() {
            return Ok(Projection::Usual);
        }
        self.given.allow(&["attributes", "excludedAttributes"])?;
        self.given.projection(self.resource_type(kind))
    }

    /// The revision that a resource must have: that of the one tag that `If-Match` names.
    pub(crate) fn revision(&self) -> Result<Option<String>, Error> {
        match self.versions.wanted.as_deref().map(str::trim) {
            _ if self.is_strict() => Ok(None),
            None | Some("*") => Ok(None),
            Some(tag) => {
                let revision = tag
                    .strip_prefix("W/")
                    .unwrap_or(tag)
                    .strip_prefix('"')
                    .and_then(|tag| tag.strip_suffix('"'));
                let revision = revision.filter(|revision| !revision.is_empty() && !revision.contains('"'));
                revision.map(|revision| Some(revision.to_owned())).ok_or_else(|| {
                    Error::bad(ScimType::InvalidVers, "If-Match must be one entity tag such as W/\"3\", or *")
                })
            }
        }
    }

    /// Whether the caller has this version already.
    pub(crate) fn is_known(&self, revision: i64) -> bool {
        let known = |given: &str| {
            let plain = |text: &str| text.trim().trim_start_matches("W/").to_owned();
            given.trim() == "*" || given.split(',').any(|given| plain(given) == plain(&tag(revision)))
        };
        !self.is_strict() && self.versions.unwanted.as_deref().is_some_and(known)
    }
}
