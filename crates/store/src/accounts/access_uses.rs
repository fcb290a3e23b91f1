//! When a person last took a role that they may use: the first time of its latest day (UTC). Rows go with their person and their permission set;
//! accounts are never removed. And the steps by which unused access is looked for, each by one index in the order of its key: [`super::access`] has those of who
//! reaches what, without since when.

use model::accounts::account::AccountId;
use model::accounts::permission_set::PermissionSetId;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::accounts::access::Place;
use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    // Of what is there alone: whoever is removed at the same moment leaves nothing behind.
    NOTE = "INSERT INTO access_uses (user_id, account_id, permission_set_id, used_at)
              SELECT u.user_id, c.account_id, s.permission_set_id, CAST(?4 AS BIGINT) FROM users u CROSS JOIN accounts c CROSS JOIN permission_sets s
              WHERE u.user_id = ?1 AND c.account_id = ?2 AND s.permission_set_id = ?3
            ON CONFLICT (user_id, account_id, permission_set_id) DO UPDATE SET used_at = excluded.used_at WHERE access_uses.used_at < ?5";
    AMONG = "SELECT user_id, account_id, permission_set_id, used_at FROM access_uses
             WHERE user_id IN (SELECT value FROM json_each(?1)) AND account_id IN (SELECT value FROM json_each(?2))";
    SPAN = "SELECT account_id, permission_set_id, used_at FROM access_uses WHERE user_id = ?1
              AND (account_id, permission_set_id) >= (?2, ?3) AND (account_id, permission_set_id) <= (?4, ?5)";
    GRANTED = "SELECT a.account_id, a.permission_set_id, a.created_at FROM account_assignments a
             WHERE a.principal_id = ?1 AND (a.account_id, a.permission_set_id) > (?2, ?3)
               AND EXISTS (SELECT 1 FROM provisioned_permission_sets p
                 WHERE p.account_id = a.account_id AND p.permission_set_id = a.permission_set_id)
               AND EXISTS (SELECT 1 FROM accounts c WHERE c.account_id = a.account_id AND c.state = 'ACTIVE')
             ORDER BY a.account_id, a.permission_set_id LIMIT ?4";
    JOINED = "SELECT m.group_id, m.created_at AS since FROM memberships m WHERE m.user_id = ?1
             UNION ALL SELECT n.outer_group_id, CASE WHEN n.since > m.created_at THEN n.since ELSE m.created_at END
               FROM memberships m CROSS JOIN nested_groups n WHERE m.user_id = ?1 AND n.group_id = m.group_id
             ORDER BY group_id, since";
    DELETE_BY_USER = "DELETE FROM access_uses WHERE user_id = ?1";
    DELETE_BY_PERMISSION_SET = "DELETE FROM access_uses WHERE permission_set_id = ?1";
}

/// A permission set in an account, and a moment.
pub type Dated = (Place, Timestamp);

/// Writes that a person took a role, unless that is known since `day` began.
pub fn note(
    tx: &mut Tx<'_>,
    user: &UserId,
    (account, set): &Place,
    (now, day): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    tx.execute(&NOTE, params![user.as_str(), account.as_str(), set.as_str(), now, day])?;
    Ok(())
}

/// When these people last used what they have in these accounts: whatever they used there, or may use.
pub fn among<'a>(
    rx: &mut Rx<'_>,
    users: impl IntoIterator<Item = &'a UserId>,
    accounts: impl IntoIterator<Item = &'a AccountId>,
) -> Result<Vec<(UserId, Dated)>, StoreError> {
    let users = list(users.into_iter().map(UserId::as_str));
    let accounts = list(accounts.into_iter().map(AccountId::as_str));
    rx.all(&AMONG, params![&users, &accounts], |row| Ok((UserId::trusted(row.text(0)?), dated(row, 1)?)))
}

/// When a person last used what lies from one place to another.
pub fn span(
    rx: &mut Rx<'_>,
    user: &UserId,
    (from, upto): (&Place, &Place),
) -> Result<Vec<Dated>, StoreError> {
    let params = params![user.as_str(), from.0.as_str(), from.1.as_str(), upto.0.as_str(), upto.1.as_str()];
    rx.all(&SPAN, params, |row| dated(row, 0))
}

/// What a principal, a user or a group, is assigned itself and can use, after a place, with since when it is assigned.
pub fn granted(
    rx: &mut Rx<'_>,
    principal: &str,
    (account, set): (&str, &str),
    limit: i64,
) -> Result<Vec<Dated>, StoreError> {
    rx.all(&GRANTED, params![principal, account, set, limit], |row| dated(row, 0))
}

/// The groups that a person is in, by itself or by a group within it, with since when, by id.
pub fn joined(rx: &mut Rx<'_>, user: &UserId) -> Result<Vec<(GroupId, Timestamp)>, StoreError> {
    let mut found =
        rx.all(&JOINED, params![user.as_str()], |row| Ok((GroupId::trusted(row.text(0)?), row.time(1)?)))?;
    found.dedup_by(|later, first| later.0 == first.0);
    Ok(found)
}

/// Forgets what a person used.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Forgets who used a permission set.
pub(crate) fn delete_by_permission_set(tx: &mut Tx<'_>, set: &PermissionSetId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_PERMISSION_SET, params![set.as_str()])?;
    Ok(())
}

fn dated(row: &Row<'_>, at: usize) -> Result<Dated, StoreError> {
    let place = (AccountId::trusted(row.text(at)?), PermissionSetId::trusted(row.text(at + 1)?));
    Ok((place, row.time(at + 2)?))
}
