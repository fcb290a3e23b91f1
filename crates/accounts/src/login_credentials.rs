//! Role credentials for `aws login`: those of the portal, shorter, and for roles only whose policies do not forbid it. At AWS a role may use
//! `aws login` if its policies allow two actions by name; here that holds in strict mode, and otherwise whatever is not forbidden is allowed: the
//! person gets the same credentials at the portal. Never learns of codes, tokens and keys.

use std::sync::Arc;

use model::access::Resource;
use model::accounts::account::AccountId;
use model::caller::Caller;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::{LOGIN_CREDENTIALS, Mode};
use model::minted::Minted;
use model::signin::console_login::{ChosenRole, LoginClient};
use policy::managed;
use policy::require::{Action, require, require_not_forbidden};
use policy::resource::owned;
use store::accounts::roles::RoleBinding;
use store::db::Store;

use crate::access_uses::Use;
use crate::effective_access::person;
use crate::role_credentials::{Grants, new_session, require_here};
use crate::role_sessions::{Credentials, NewSession, credentials};
use crate::session_policies::authority;

/// Credentials for `aws login`.
#[derive(Debug)]
pub struct LoginCredentials {
    /// They.
    pub minted: Minted<Credentials>,
    /// Whose they are: `arn:aws:sts::<account>:assumed-role/<role>/<session>`.
    pub subject: String,
    /// The use of the role, to be noted once they are handed out.
    pub used: Arc<Use>,
}

impl Grants {
    /// Refuses unless the caller may use the role, and by this program.
    pub fn allow_login(
        &self,
        store: &Store,
        cx: &Cx,
        chosen: &ChosenRole,
        client: LoginClient,
    ) -> Result<(), Fault> {
        let found = self.found(store, cx, &chosen.account_id, &chosen.role_name)?;
        require_here(&found.grant)?;
        let new = new_session(person(cx)?, &found);
        may(store, cx, &new, (client, Action("signin:AuthorizeOAuth2Access"))).map(|_| ())
    }

    /// Credentials of the role for the caller, by this program.
    pub fn issue_for_login(
        &self,
        store: &Store,
        cx: &Cx,
        chosen: &ChosenRole,
        client: LoginClient,
    ) -> Result<LoginCredentials, Fault> {
        let found = self.found(store, cx, &chosen.account_id, &chosen.role_name)?;
        require_here(&found.grant)?;
        let mut new = new_session(person(cx)?, &found);
        new.lifetime = new.lifetime.min(LOGIN_CREDENTIALS);
        let subject = may(store, cx, &new, (client, Action("signin:CreateOAuth2Token")))?;
        let minted = Minted::new(credentials(store.keyring(), cx, &new)?);
        Ok(LoginCredentials { minted, subject, used: Arc::clone(&found.grant.used) })
    }
}

/// Whether a session of the role may do what it stands for; its ARN.
fn may(
    store: &Store,
    cx: &Cx,
    new: &NewSession<'_>,
    (client, action): (LoginClient, Action),
) -> Result<String, Fault> {
    let (account, name) = (&new.role.account_id, new.role.name.as_str());
    let binding = store.read(|rx| Ok(store::accounts::roles::find_binding(rx, account, name)?))?;
    let binding = binding.filter(|binding| binding.role_id == new.role.role_id).ok_or_else(|| {
        Fault::internal(format!("role {name} of account {account} is reachable and not there"))
    })?;
    let session = new.without_keys(cx, &binding);
    let arn = session.arn();
    let resource = resource(cx, client, account);
    let asks = |binding: &RoleBinding| {
        Ok::<_, Fault>(cx.clone().with_caller(Caller::role(session, authority(binding, &[])?)))
    };
    match cx.mode {
        Mode::Strict => require(&asks(&binding)?, action, &[resource])?,
        Mode::Relaxed => require_not_forbidden(&asks(&known(binding)?)?, action, &resource)?,
    }
    Ok(arn)
}

fn resource(cx: &Cx, client: LoginClient, account: &AccountId) -> Resource {
    owned(client.arn(&cx.region, account), account)
}

/// Without the policies that nothing is known of, which forbid everything else: what they forbid is for AWS to say.
fn known(mut binding: RoleBinding) -> Result<RoleBinding, Fault> {
    let own: Vec<String> = binding.customer_policies.iter().map(|(arn, _)| arn.clone()).collect();
    let is_known = |arn: &String| managed::lookup(arn).is_ok() || own.contains(arn);
    let managed: Vec<String> = serde_json::from_str(&binding.managed_policies).map_err(Fault::internal)?;
    let managed: Vec<String> = managed.into_iter().filter(is_known).collect();
    binding.managed_policies = serde_json::to_string(&managed).map_err(Fault::internal)?;
    binding.permissions_boundary = binding.permissions_boundary.filter(is_known);
    Ok(binding)
}
