//! Identity stores: each is the directory of one instance, and is made and deleted with it. Here they are found, described and listed.
//!
//! A network configuration (VPC endpoints, source addresses) is not supported. It is a security control, so one that would restrict
//! anything is refused and never accepted without effect.

use model::accounts::account::AccountId;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use policy::require::{Action, require};
use serde_json::json;
use store::db::Store;

use crate::gate::enter;
use model::directory::identity_store_ref::IdentityStoreRef;
use policy::gate::Gate;

/// An identity store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityStore {
    /// Its id.
    pub id: IdentityStoreId,
    /// The account that owns its instance.
    pub owner: AccountId,
}

impl IdentityStore {
    /// The ARN.
    pub fn arn(&self) -> String {
        self.id.arn(&self.owner)
    }
}

/// DescribeIdentityStore.
pub fn describe(store: &Store, cx: &Cx, at: &IdentityStoreRef) -> Result<IdentityStore, Fault> {
    let gate = Gate::own("identitystore:DescribeIdentityStore", vec![]);
    let instance = store.glance(|rx| enter(gate, rx, cx, at))?;
    Ok(IdentityStore { id: instance.identity_store_id, owner: instance.owner })
}

/// ListIdentityStores: the organization's and that of the caller's account, by id.
pub fn list(store: &Store, cx: &Cx, page: &PageRequest) -> Result<Page<IdentityStore>, Fault> {
    require(cx, Action("identitystore:ListIdentityStores"), &[])?;
    let own = cx.caller.account_id().unwrap_or(&cx.owner);
    let stores = store
        .read(|rx| Ok(store::instances::instances::list_visible(rx, (own, &cx.owner))?))?
        .into_iter()
        .map(|instance| IdentityStore { id: instance.identity_store_id, owner: instance.owner })
        .collect();
    Ok(page.page_of(stores, |found| found.id.to_string()))
}

/// UpdateIdentityStore, which replaces the network configuration. Without one it is cleared, which it always is. `restricted` says
/// that the caller gives one that would restrict access: refused.
pub async fn update(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    restricted: bool,
) -> Result<IdentityStore, Fault> {
    let gate = Gate::own("identitystore:UpdateIdentityStore", vec![]);
    let instance = store.glance(|rx| enter(gate, rx, cx, at))?;
    if restricted {
        return Err(Fault::validation(
            "NetworkConfiguration is not supported: VpceAccessRequired must be false, and ApiRestrictSourceVpcs, \
             ApiAllowSourceIps and ScimAllowSourceIps must not be given. Nothing was changed.",
        ));
    }
    let found = IdentityStore { id: instance.identity_store_id, owner: instance.owner };
    let arn = found.arn();
    let id = found.id.to_string();
    store
        .write(cx, move |_, cx| {
            cx.event().touch("AWS::IdentityStore::IdentityStore", &arn);
            cx.event().respond(json!({"identityStoreId": id, "identityStoreArn": arn}));
            Ok(())
        })
        .await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_named_by_id_or_arn() {
        let owner = AccountId::trusted("111122223333");
        let other = AccountId::trusted("444455556666");
        let bare = IdentityStoreRef::parse("d-1234567890").unwrap();
        assert!(bare.is_of(&owner) && bare.is_of(&other));
        let full = IdentityStoreRef::parse("arn:aws:identitystore::111122223333:identitystore/d-1234567890")
            .unwrap();
        assert_eq!(full.id(), bare.id());
        assert!(full.is_of(&owner) && !full.is_of(&other));
        for bad in [
            "arn:aws-cn:identitystore::111122223333:identitystore/d-1234567890",
            "d-123",
            "arn:aws:sso:::x",
            "",
        ] {
            assert!(IdentityStoreRef::parse(bad).is_err(), "{bad}");
        }
    }
}
