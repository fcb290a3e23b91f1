//! What a person put first on their portal: accounts that they marked as favourites, and the roles that they took last. Few rows for each person.

use model::accounts::account::AccountId;
use model::accounts::portal_choice::{ChoiceKind, PortalChoice};
use model::directory::user::UserId;
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO portal_choices (user_id, kind, account_id, role_name, chosen_at) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT (user_id, kind, account_id, role_name) DO UPDATE SET chosen_at = excluded.chosen_at";
    LIST_BY_USER = "SELECT kind, account_id, role_name, chosen_at FROM portal_choices WHERE user_id = ?1
           ORDER BY chosen_at DESC, kind, account_id, role_name";
    DELETE = "DELETE FROM portal_choices WHERE user_id = ?1 AND kind = ?2 AND account_id = ?3 AND role_name = ?4";
    DELETE_BY_USER = "DELETE FROM portal_choices WHERE user_id = ?1";
}

/// Adds a choice, or says that it was made again.
pub fn put(tx: &mut Tx<'_>, user: &UserId, choice: &PortalChoice) -> Result<(), Fault> {
    tx.insert(
        &PUT,
        params![
            user.as_str(),
            choice.kind.as_str(),
            choice.account_id.as_str(),
            &choice.role_name,
            choice.chosen_at
        ],
    )
}

/// Every choice of a person, the latest first.
pub fn list_by_user(rx: &mut Rx<'_>, user: &UserId) -> Result<Vec<PortalChoice>, StoreError> {
    rx.all(&LIST_BY_USER, params![user.as_str()], |row| {
        Ok(PortalChoice {
            kind: row.word(0, ChoiceKind::parse)?,
            account_id: AccountId::trusted(row.text(1)?),
            role_name: row.text(2)?,
            chosen_at: row.time(3)?,
        })
    })
}

/// Takes a choice away; one that is not there is no error.
pub fn delete(tx: &mut Tx<'_>, user: &UserId, choice: &PortalChoice) -> Result<(), Fault> {
    tx.execute(
        &DELETE,
        params![user.as_str(), choice.kind.as_str(), choice.account_id.as_str(), &choice.role_name],
    )?;
    Ok(())
}

/// Takes every choice of a person away.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}
