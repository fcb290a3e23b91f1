//! What administrators decide for a directory, as it is kept: one document for each policy, the default while nobody decided.

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::signin::directory_settings;
use store::tx::{Rx, Tx};

/// A policy of a directory.
pub(crate) trait Setting: Default + Serialize + DeserializeOwned {
    /// The name of its document.
    const NAME: &'static str;
}

impl Setting for model::signin::password_policy::PasswordPolicy {
    const NAME: &'static str = "password_policy";
}

impl Setting for model::signin::mfa::MfaPolicy {
    const NAME: &'static str = "mfa_policy";
}

impl Setting for model::signin::session_settings::SessionSettings {
    const NAME: &'static str = directory_settings::SESSION_SETTINGS;
}

/// The policy in force.
pub(crate) fn find<S: Setting>(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<S, Fault> {
    let Some(text) = directory_settings::find(rx, store, S::NAME)? else { return Ok(S::default()) };
    serde_json::from_str(&text).map_err(Fault::internal)
}

/// Puts a policy in force.
pub(crate) fn put<S: Setting>(
    tx: &mut Tx<'_>,
    cx: &Cx,
    store: &IdentityStoreId,
    policy: &S,
) -> Result<(), Fault> {
    let text = serde_json::to_string(policy).map_err(Fault::internal)?;
    directory_settings::put(tx, store, (S::NAME, &text), cx.now)
}
