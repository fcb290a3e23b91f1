//! What each source says of somebody of whom several speak.

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserStatus};
use model::directory::user_source::UserSource;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::counted::{Counted, counted};
use crate::directory::rosters::UserNames;
use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO user_sources (user_id, source, identity_store_id, linked_at, said) VALUES (?1, ?2, ?3, ?4, ?5)
              ON CONFLICT (user_id, source) DO UPDATE SET said = excluded.said";
    ALL_OF = "SELECT source, linked_at, said FROM user_sources WHERE user_id = ?1 ORDER BY linked_at, source";
    FIRST_OF = "SELECT source FROM user_sources WHERE user_id = ?1 LIMIT 1";
    BY_SOURCE = "SELECT user_id FROM user_sources WHERE source = ?1 LIMIT 1";
    PAGE = "SELECT DISTINCT user_id FROM user_sources WHERE identity_store_id = ?1 AND user_id > ?2 ORDER BY user_id LIMIT ?3";
    USERS_OF = "SELECT s.linked_at, o.source, u.user_id, u.user_name, u.display_name, u.status FROM user_sources s CROSS JOIN users u
              LEFT JOIN owners o ON o.resource_id = u.user_id
              WHERE s.source = ?1 AND s.user_id > ?2 AND u.user_id = s.user_id ORDER BY s.user_id LIMIT ?3";
    COUNT = counted!("user_sources WHERE source = ?1");
    DELETE = "DELETE FROM user_sources WHERE user_id = ?1 AND source = ?2";
    DELETE_BY_USER = "DELETE FROM user_sources WHERE user_id = ?1";
}

fn user_source(row: &Row<'_>) -> Result<UserSource, StoreError> {
    Ok(UserSource { source: row.text(0)?, linked_at: row.time(1)?, said: row.json(2)? })
}

/// Writes what a source says of a user.
pub fn put(
    tx: &mut Tx<'_>,
    (store_id, user_id): (&IdentityStoreId, &UserId),
    of: &UserSource,
) -> Result<(), Fault> {
    let said = serde_json::to_string(&of.said).map_err(Fault::internal)?;
    tx.insert(&PUT, params![user_id.as_str(), &of.source, store_id.as_str(), of.linked_at, &said])
}

/// All sources of a user, as they were linked; none of somebody who has one alone.
pub fn all_of(rx: &mut Rx<'_>, user_id: &UserId) -> Result<Vec<UserSource>, StoreError> {
    rx.all(&ALL_OF, params![user_id.as_str()], user_source)
}

/// Whether several sources speak of a user.
pub fn are_several(rx: &mut Rx<'_>, user_id: &UserId) -> Result<bool, StoreError> {
    rx.exists(&FIRST_OF, params![user_id.as_str()])
}

/// Whether a source is one of several of anybody.
pub fn is_source(rx: &mut Rx<'_>, source: &str) -> Result<bool, StoreError> {
    rx.exists(&BY_SOURCE, params![source])
}

/// Somebody of whom a source speaks among several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedUser {
    /// Who.
    pub names: UserNames,
    /// Since when it speaks of them.
    pub linked_at: Timestamp,
    /// Whether they are its own.
    pub is_owned: bool,
}

/// The users of whom a source speaks among several, by id.
pub fn users_of(rx: &mut Rx<'_>, source: &str, page: &PageRequest) -> Result<Vec<LinkedUser>, StoreError> {
    rx.all(&USERS_OF, params![source, page.after_or_start(), page.rows()], |row| {
        let names = UserNames {
            id: UserId::trusted(row.text(2)?),
            user_name: row.text(3)?,
            display_name: row.text(4)?,
            status: row.word(5, UserStatus::parse)?,
        };
        let is_owned = row.opt_text(1)?.as_deref() == Some(source);
        Ok(LinkedUser { names, linked_at: row.time(0)?, is_owned })
    })
}

/// How many users there are of whom a source speaks among several.
pub fn count(rx: &mut Rx<'_>, source: &str) -> Result<Counted, StoreError> {
    rx.count(&COUNT, params![source]).map(Counted::of)
}

/// Users behind `after` of whom several sources speak, by id.
pub fn page(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    (after, limit): (&str, usize),
) -> Result<Vec<UserId>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rx.all(&PAGE, params![store_id.as_str(), after, limit], |row| Ok(UserId::trusted(row.text(0)?)))
}

/// A source says nothing of a user any more.
pub fn delete(tx: &mut Tx<'_>, user_id: &UserId, source: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![user_id.as_str(), source])?;
    Ok(())
}

/// A user is gone, or has one source alone.
pub fn delete_by_user(tx: &mut Tx<'_>, user_id: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user_id.as_str()])?;
    Ok(())
}
