//! People who could come in by a password alone, for administrators.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use policy::gate::{ALL_USERS, Gate};
use store::db::Store;
use store::signin::users_without_mfa_device::{self, Unguarded};

use crate::gate::enter;

/// ListUsersWithoutMfaDevice: by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    page: &PageRequest,
) -> Result<Page<Unguarded>, Fault> {
    let gate = Gate::own("portico:ListUsersWithoutMfaDevice", vec![ALL_USERS.to_owned()]);
    store.read(|rx| {
        let instance = enter(gate, rx, cx, at)?;
        let rows = users_without_mfa_device::page(rx, &instance.identity_store_id, page)?;
        Ok(page.page(rows, |user| user.id.to_string()))
    })
}
