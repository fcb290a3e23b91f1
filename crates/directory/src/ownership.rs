//! Whose a user or group is, within a transaction, and who may change it. What a source brought is changed by that source alone, and a source changes
//! nothing else: an administrator hands over, explicitly ([`crate::owners`]). In strict mode it is kept and shown, and holds nobody back: AWS has
//! nothing of it.

use model::caller::Identity;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::owner::Owner;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::Mode;
use model::sources::directory::DirectoryId;
use model::sources::external_idp::ExternalIdpId;
use model::sources::provisioning_tenant::TenantId;
use model::timestamp::Timestamp;
use store::directory::external_ids::Holder;
use store::directory::owners;
use store::sources::{directories, external_idps, provisioning_tenants};
use store::tx::{Rx, Tx};

/// Where a change comes from: a source, by what its external ids have as their issuer, or from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source(pub(crate) Option<String>);

impl Source {
    /// Of whoever calls.
    pub(crate) fn of(cx: &Cx) -> Self {
        Self(match cx.caller.identity() {
            Identity::Provisioner(provisioner) => Some(provisioner.tenant_id.issuer(cx.home_region())),
            Identity::Synchronizer(synchronizer) => Some(synchronizer.directory_id.issuer()),
            _ => None,
        })
    }
}

/// An owner as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// It.
    pub owner: Owner,
    /// The tenant that it is, if it is one.
    pub tenant: Option<TenantId>,
    /// The identity provider that it is, if it is one and is connected.
    pub idp: Option<ExternalIdpId>,
    /// The directory that it is, if it is one.
    pub directory: Option<DirectoryId>,
    /// What people call it.
    pub name: Option<String>,
    /// When it deleted the person, who is gone and would come back disabled.
    pub deleted_at: Option<Timestamp>,
}

pub(crate) fn named(rx: &mut Rx<'_>, store_id: &IdentityStoreId, owner: Owner) -> Result<Named, Fault> {
    let (tenant, directory) = (owner.tenant(), DirectoryId::of_issuer(&owner.source));
    let (name, idp) = if let Some(id) = &tenant {
        (provisioning_tenants::find(rx, store_id, id)?.and_then(|tenant| tenant.name), None)
    } else if let Some(id) = &directory {
        (directories::find_in(rx, store_id, id)?.map(|directory| directory.settings.name), None)
    } else {
        let idp = external_idps::find_by_issuer(rx, store_id, &owner.source)?;
        idp.map_or((None, None), |idp| (Some(idp.settings.name), Some(idp.id)))
    };
    Ok(Named { owner, tenant, idp, directory, name, deleted_at: None })
}

impl Named {
    /// As sentences name it.
    pub(crate) fn said(&self) -> String {
        if let Some(id) = &self.directory {
            return match &self.name {
                Some(name) => format!("the directory {name} ({id})"),
                None => format!("the directory {id}"),
            };
        }
        match (&self.tenant, &self.name) {
            (Some(tenant), Some(name)) => format!("the provisioning tenant {name} ({tenant})"),
            (Some(tenant), None) => format!("the provisioning tenant {tenant}"),
            (None, Some(name)) => format!("the identity provider {name} ({})", self.owner.source),
            (None, None) => self.owner.source.clone(),
        }
    }
}

/// A user or group that somebody wants to change.
#[derive(Clone, Copy)]
pub(crate) struct Whose<'a> {
    pub(crate) holder: Holder,
    pub(crate) store_id: &'a IdentityStoreId,
    pub(crate) id: &'a str,
}

/// The source owns whom it has just made.
pub(crate) fn own_in(tx: &mut Tx<'_>, cx: &Cx, whose: Whose<'_>, source: &str) -> Result<(), Fault> {
    let owner = Owner { source: source.to_owned(), since: cx.now, disabled_here_at: None };
    owners::put(tx, whose.holder, whose.id, &owner)
}

/// Refuses a change that does not come from where changes of this one must come from.
pub(crate) fn require_in(rx: &mut Rx<'_>, cx: &Cx, whose: Whose<'_>, by: &Source) -> Result<(), Fault> {
    if cx.mode == Mode::Strict {
        return Ok(());
    }
    let owner = owners::find(rx, whose.id)?;
    if owner.as_ref().map(|owner| &owner.source) == by.0.as_ref() {
        return Ok(());
    }
    let owner = owner.map(|owner| named(rx, whose.store_id, owner)).transpose()?;
    Err(refused(whose, owner.as_ref(), by))
}

/// Whether a source alone speaks of a user, as is usual: it owns them, and nobody else says anything.
pub(crate) fn is_sole_in(rx: &mut Rx<'_>, cx: &Cx, id: &UserId, source: &str) -> Result<bool, Fault> {
    Ok(cx.mode == Mode::Strict || owners::is_sole(rx, id.as_str(), source)?)
}

/// Whether a source may change this one: it is its own, or nobody's.
pub(crate) fn is_open_in(rx: &mut Rx<'_>, cx: &Cx, id: &str, source: &str) -> Result<bool, Fault> {
    if cx.mode == Mode::Strict {
        return Ok(true);
    }
    Ok(owners::find(rx, id)?.is_none_or(|owner| owner.source == source))
}

/// Why somebody does not change what is not theirs, and what to do.
fn refused(whose: Whose<'_>, owner: Option<&Named>, by: &Source) -> Fault {
    let (what, ids, stop) = match whose.holder {
        Holder::User => ("user", "UserIds", " To keep somebody out at once, use DisableUser."),
        Holder::Group => ("group", "GroupIds", ""),
    };
    let id = whose.id;
    let whose = owner.map_or_else(|| "no source: it was made here".to_owned(), Named::said);
    match &by.0 {
        Some(_) => Fault::access_denied(format!(
            "The {what} {id} is owned by {whose}. This source reads it and does not change it; an administrator hands it over by \
             TakeOwnership of the service portico, with its id among {ids} and the TenantId or DirectoryId of this source"
        )),
        None => Fault::conflict(format!(
            "The {what} {id} is owned by {whose}. Change it there, or release it first by TakeOwnership of the service portico, with its \
             id among {ids} and no TenantId or DirectoryId.{stop}"
        )),
    }
}

/// Refuses to let somebody in again, for their source, whom an administrator disabled here.
pub(crate) fn let_in_again_in(tx: &mut Tx<'_>, cx: &Cx, id: &UserId) -> Result<(), Fault> {
    let at = owners::find(tx, id.as_str())?.and_then(|owner| owner.disabled_here_at);
    match (at, cx.mode) {
        (None, _) => Ok(()),
        (Some(_), Mode::Strict) => owners::set_disabled_here(tx, id.as_str(), None),
        (Some(at), Mode::Relaxed) => Err(Fault::access_denied(format!(
            "The user {id} was disabled here at {}: an administrator lets them in again, by EnableUser of the service portico. Until then send \
             active as false, or leave it out",
            at.rfc3339()
        ))),
    }
}
