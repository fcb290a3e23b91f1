//! Role credentials for a person at the portal: decided on one snapshot of what is committed now, so that an assignment removed, a person
//! disabled or a session ended a moment ago counts. Nothing is changed; whoever asked gets them once the record of the call is durable.

use std::collections::BTreeMap;
use std::time::Duration;

use model::account::AccountId;
use model::caller::OnBehalfOf;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instance::Instance;
use model::minted::Minted;
use store::db::Store;
use store::tx::Rx;

use crate::effective_access::{person, unknown_session};
use crate::role_sessions::{Credentials, NewSession, credentials, session_name};

/// Credentials of the role that permission set `role_name` is in `account`, for the caller.
pub fn issue(
    store: &Store,
    cx: &Cx,
    account: &AccountId,
    role_name: &str,
) -> Result<Minted<Credentials>, Fault> {
    person(cx)?;
    cx.event().detail("role_name", role_name);
    cx.event().detail("account_id", account.as_str());
    store.read(|rx| decide(rx, cx, account, role_name)).map(Minted::new)
}

fn decide(rx: &mut Rx<'_>, cx: &Cx, account: &AccountId, role_name: &str) -> Result<Credentials, Fault> {
    let user = person(cx)?;
    let denied = || Fault::new(FaultKind::Forbidden, "No access");
    // Let in by a session, perhaps some time ago; only what is live in this transaction gets keys.
    let session = store::portal_sessions::find(rx, &user.session_id)?
        .filter(|session| session.is_live(cx.now) && session.user.user_id == user.user_id)
        .ok_or_else(unknown_session)?;
    let reachable =
        store::effective_access::role_named(rx, &user.user_id, account, role_name)?.ok_or_else(denied)?;
    let role = store::roles::find_reference(rx, account, &reachable.role_name)?.ok_or_else(|| {
        Fault::internal(format!(
            "role {} of account {account} is provisioned and not there",
            reachable.role_name
        ))
    })?;
    cx.event().touch("AWS::IAM::Role", role.arn());
    let instances = store::instances::list(rx)?;
    let of_store = |instance: &&Instance| instance.identity_store_id == user.identity_store_id;
    let provider = |instance: &Instance| broker::local::saml_provider_arn(account, &instance.id);
    let new = NewSession {
        role: &role,
        session_name: session_name(&session.user_name),
        lifetime: Duration::from_secs(u64::try_from(reachable.session_seconds).unwrap_or(3_600)),
        tags: BTreeMap::new(),
        on_behalf_of: Some(OnBehalfOf {
            user_id: user.user_id.clone(),
            identity_store_id: user.identity_store_id.clone(),
        }),
        federated_provider: instances.iter().find(of_store).map(provider),
        policies: Vec::new(),
    };
    credentials(rx, cx, &new)
}
