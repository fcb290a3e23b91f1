//! UnlockUser: whoever has to wait because of wrong attempts in their name, their own or others', may try again at once. Nothing else of them changes.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::fault::Fault;
use store::db::Store;

use crate::gate::{enter, on, require_user};

/// Counts wrong passwords and wrong second factors of a user anew. Addresses that guessed at many people go on waiting.
pub async fn unlock(store: &Store, cx: &Cx, (at, user): (&IdentityStoreRef, &UserId)) -> Result<(), Fault> {
    let (at, user) = (at.clone(), user.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(on("portico:UnlockUser", &user), tx, cx, &at)?;
            require_user(tx, &instance, &user)?;
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            store::signin::unlocks::add(tx, &user, cx.now)
        })
        .await
}
