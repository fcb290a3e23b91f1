//! What a person does at the console, they do as one of their roles in the management account: a session of it for one request, that nobody gets the
//! keys of. Decided on rows as they are committed now, as credentials are.

use std::sync::Arc;

use model::accounts::account::AccountId;
use model::caller::Caller;
use model::cx::Cx;
use model::fault::Fault;
use store::db::Store;

use crate::access_uses::Use;
use crate::role_credentials::{Grants, new_session};
use crate::session_policies::authority;

impl Grants {
    /// The caller as the role that permission set `role_name` is in `account`: what they may do, and how records name them; and the use of it, to be noted.
    pub fn console_session(
        &self,
        store: &Store,
        cx: &Cx,
        account: &AccountId,
        role_name: &str,
    ) -> Result<(Caller, Arc<Use>), Fault> {
        let found = self.found(store, cx, account, role_name)?;
        let new = new_session(crate::effective_access::person(cx)?, &found);
        let role = new.role;
        let binding = store
            .read(|rx| Ok(store::accounts::roles::find_binding(rx, &role.account_id, role.name.as_str())?))?;
        let binding = binding.filter(|binding| binding.role_id == role.role_id).ok_or_else(|| {
            Fault::internal(format!("role {} of account {account} is reachable and not there", role.name))
        })?;
        let authority = authority(&binding, &[])?;
        Ok((Caller::role(new.without_keys(cx, &binding), authority), Arc::clone(&found.grant.used)))
    }
}
