//! What a person puts first on their portal: accounts that they mark, roles that they took last. Nobody else sees it, and it opens nothing: what is
//! shown of it is looked up in what they reach now.

use model::accounts::account::AccountId;
use model::accounts::portal_choice::{ChoiceKind, PortalChoice};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::limits::{FAVOURITES_MAX, RECENT_ROLES_MAX};
use model::saying::Saying;
use store::accounts::portal_choices;
use store::db::Store;

use crate::effective_access::person;
use crate::own_access::OwnAccess;

/// The choices of the caller, the latest first.
pub fn list_own(store: &Store, cx: &Cx) -> Result<Vec<PortalChoice>, Fault> {
    let user = &person(cx)?.user_id;
    store.read(|rx| Ok(portal_choices::list_by_user(rx, user)?))
}

/// Marks an account that the caller reaches, or takes the mark away.
pub async fn mark(
    store: &Store,
    cx: &Cx,
    (own, account): (&OwnAccess, &AccountId),
    marked: bool,
) -> Result<(), Fault> {
    let user = person(cx)?.user_id.clone();
    // A mark on what went out of reach can be taken away.
    if marked && own.find(account.as_str()).is_none() {
        return Err(Fault::say(FaultKind::Forbidden, Saying::NoSuchRole));
    }
    let account_id = account.clone();
    store
        .write(cx, move |tx, cx| {
            cx.event().detail("account_id", account_id.as_str());
            cx.event().detail("favourite", if marked { "true" } else { "false" });
            let choice = PortalChoice {
                kind: ChoiceKind::Favourite,
                account_id: account_id.clone(),
                role_name: String::new(),
                chosen_at: cx.now,
            };
            if !marked {
                return portal_choices::delete(tx, &user, &choice);
            }
            let others = portal_choices::list_by_user(tx, &user)?.into_iter();
            let others = others.filter(|other| other.kind == choice.kind && other.account_id != account_id);
            if others.count() >= FAVOURITES_MAX {
                let saying = Saying::TooManyFavourites { most: FAVOURITES_MAX };
                return Err(Fault::say(FaultKind::QuotaExceeded, saying));
            }
            portal_choices::put(tx, &user, &choice)
        })
        .await
}

/// Remembers that the caller took a role, in place of what they took longest ago. No event: the taking is one.
pub async fn took(store: &Store, cx: &Cx, account: &AccountId, role_name: &str) -> Result<(), Fault> {
    let user = person(cx)?.user_id.clone();
    let (account_id, role_name) = (account.clone(), role_name.to_owned());
    store
        .maintain(cx, move |tx, cx| {
            let choice = PortalChoice {
                kind: ChoiceKind::Recent,
                account_id: account_id.clone(),
                role_name: role_name.clone(),
                chosen_at: cx.now,
            };
            let is_other = |other: &PortalChoice| {
                other.kind == ChoiceKind::Recent
                    && (&other.account_id, &other.role_name) != (&account_id, &role_name)
            };
            let others = portal_choices::list_by_user(tx, &user)?.into_iter().filter(is_other);
            for old in others.skip(RECENT_ROLES_MAX - 1) {
                portal_choices::delete(tx, &user, &old)?;
            }
            portal_choices::put(tx, &user, &choice)
        })
        .await
}
