//! A source as callers name it: a provisioning tenant, an identity provider outside, or a directory.

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::owner::Owner;
use model::fault::Fault;
use model::sources::directory::DirectoryId;
use model::sources::external_idp::ExternalIdpId;
use model::sources::provisioning_tenant::TenantId;
use model::timestamp::Timestamp;
use store::sources::{directories, external_idps, provisioning_tenants};
use store::tx::Rx;

/// A source whose users and groups are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceId {
    /// A provisioning tenant.
    Tenant(TenantId),
    /// An identity provider outside.
    Idp(ExternalIdpId),
    /// A directory.
    Directory(DirectoryId),
}

impl SourceId {
    /// Its id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tenant(id) => id.as_str(),
            Self::Idp(id) => id.as_str(),
            Self::Directory(id) => id.as_str(),
        }
    }

    /// The source that owners name so, if it is there.
    pub(crate) fn of_source_in(
        rx: &mut Rx<'_>,
        store_id: &IdentityStoreId,
        source: &str,
    ) -> Result<Option<Self>, Fault> {
        let owner =
            Owner { source: source.to_owned(), since: Timestamp::from_micros(0), disabled_here_at: None };
        if let Some(id) = owner.tenant() {
            return Ok(Some(Self::Tenant(id)));
        }
        if let Some(id) = DirectoryId::of_issuer(source) {
            return Ok(Some(Self::Directory(id)));
        }
        Ok(external_idps::find_by_issuer(rx, store_id, source)?.map(|idp| Self::Idp(idp.id)))
    }

    /// What owners have of it, if it is there.
    pub(crate) fn source_in(
        &self,
        rx: &mut Rx<'_>,
        cx: &Cx,
        store_id: &IdentityStoreId,
    ) -> Result<String, Fault> {
        match self {
            Self::Tenant(id) => {
                require_tenant(rx, store_id, id)?;
                Ok(id.issuer(cx.home_region()))
            }
            Self::Idp(id) => {
                let there = external_idps::find_in(rx, store_id, id)?;
                let there = there.ok_or_else(|| {
                    Fault::not_found(format!("There is no identity provider configuration {id}"))
                })?;
                Ok(there.issuer)
            }
            Self::Directory(id) => match directories::find_in(rx, store_id, id)? {
                Some(_) => Ok(id.issuer()),
                None => Err(Fault::not_found(format!("There is no directory {id}"))),
            },
        }
    }
}

/// Refuses a tenant that is not there.
pub(crate) fn require_tenant(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    id: &TenantId,
) -> Result<(), Fault> {
    match provisioning_tenants::find(rx, store_id, id)? {
        Some(_) => Ok(()),
        None => Err(Fault::not_found(format!("There is no provisioning tenant {id}"))),
    }
}
