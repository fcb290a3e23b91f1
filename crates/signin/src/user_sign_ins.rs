//! How it stands with a person's coming in: when they last did, and by what they can.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;
use store::db::Store;
use store::signin::{mfa_devices, passwords, user_sign_ins};

use crate::gate::{enter, on, require_user};

/// The script since which it is kept: see the migration of this name.
const KEPT_SINCE: &str = "_last_use";

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// When they last signed in, as far as that is known.
    pub signed_in_at: Option<Timestamp>,
    /// Since when it is known.
    pub tracked_since: Timestamp,
    /// Whether they have a password.
    pub has_password: bool,
    /// How many devices they have.
    pub mfa_devices: usize,
}

/// DescribeUserSignIn.
pub fn describe(store: &Store, cx: &Cx, (at, user): (&IdentityStoreRef, &UserId)) -> Result<SignIn, Fault> {
    store.read(|rx| {
        let instance = enter(on("portico:DescribeUserSignIn", user), rx, cx, at)?;
        require_user(rx, &instance, user)?;
        Ok(SignIn {
            signed_in_at: user_sign_ins::find(rx, user)?,
            tracked_since: store::migrate::ran_at(rx, KEPT_SINCE)?,
            has_password: passwords::find(rx, user)?.is_some(),
            mfa_devices: mfa_devices::list_by_user(rx, user)?.len(),
        })
    })
}
