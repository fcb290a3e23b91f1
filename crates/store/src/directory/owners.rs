//! Which source owns a user or group. Who has no row was made here.

use model::directory::group::GroupId;
use model::directory::owner::Owner;
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::counted::{Counted, counted};
use crate::directory::external_ids::Holder;
use crate::directory::rosters::{GroupNames, UserNames};
use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO owners (resource_id, kind, source, since, disabled_here_at) VALUES (?1, ?2, ?3, ?4, ?5)
              ON CONFLICT (resource_id) DO UPDATE SET source = excluded.source, since = excluded.since, disabled_here_at = excluded.disabled_here_at";
    FIND = "SELECT source, since, disabled_here_at FROM owners WHERE resource_id = ?1";
    SOLE = "SELECT o.resource_id FROM owners o WHERE o.resource_id = ?1 AND o.source = ?2
              AND NOT EXISTS (SELECT 1 FROM user_sources s WHERE s.user_id = ?1)";
    SET_DISABLED_HERE = "UPDATE owners SET disabled_here_at = ?2 WHERE resource_id = ?1";
    DELETE = "DELETE FROM owners WHERE resource_id = ?1";
    USERS_OF = "SELECT o.source, o.since, o.disabled_here_at, u.user_id, u.user_name, u.display_name, u.status FROM owners o CROSS JOIN users u
              WHERE o.source = ?1 AND o.kind = 'USER' AND o.resource_id > ?2 AND u.user_id = o.resource_id ORDER BY o.resource_id LIMIT ?3";
    GROUPS_OF = "SELECT o.source, o.since, o.disabled_here_at, g.group_id, g.display_name, g.description FROM owners o CROSS JOIN groups g
              WHERE o.source = ?1 AND o.kind = 'GROUP' AND o.resource_id > ?2 AND g.group_id = o.resource_id ORDER BY o.resource_id LIMIT ?3";
    COUNT = counted!("owners WHERE source = ?1 AND kind = ?2");
    DELETE_BY_SOURCE = "DELETE FROM owners WHERE source = ?1";
}

/// Makes it the owner of a user or group, whoever was before.
pub fn put(tx: &mut Tx<'_>, holder: Holder, resource_id: &str, owner: &Owner) -> Result<(), Fault> {
    let params = params![resource_id, holder.as_str(), &owner.source, owner.since, owner.disabled_here_at];
    tx.insert(&PUT, params)
}

/// The owner of a user or group.
pub fn find(rx: &mut Rx<'_>, resource_id: &str) -> Result<Option<Owner>, StoreError> {
    rx.first(&FIND, params![resource_id], owner)
}

/// Whether a source owns a user of whom it alone says anything.
pub fn is_sole(rx: &mut Rx<'_>, user_id: &str, source: &str) -> Result<bool, StoreError> {
    rx.exists(&SOLE, params![user_id, source])
}

fn owner(row: &Row<'_>) -> Result<Owner, StoreError> {
    Ok(Owner { source: row.text(0)?, since: row.time(1)?, disabled_here_at: row.opt_time(2)? })
}

/// The users that a source owns, by id.
pub fn users_of(
    rx: &mut Rx<'_>,
    source: &str,
    page: &PageRequest,
) -> Result<Vec<(Owner, UserNames)>, StoreError> {
    rx.all(&USERS_OF, params![source, page.after_or_start(), page.rows()], |row| {
        let names = UserNames {
            id: UserId::trusted(row.text(3)?),
            user_name: row.text(4)?,
            display_name: row.text(5)?,
            status: row.word(6, UserStatus::parse)?,
        };
        Ok((owner(row)?, names))
    })
}

/// The groups that a source owns, by id.
pub fn groups_of(
    rx: &mut Rx<'_>,
    source: &str,
    page: &PageRequest,
) -> Result<Vec<(Owner, GroupNames)>, StoreError> {
    rx.all(&GROUPS_OF, params![source, page.after_or_start(), page.rows()], |row| {
        let names = GroupNames {
            id: GroupId::trusted(row.text(3)?),
            display_name: row.text(4)?,
            description: row.opt_text(5)?,
        };
        Ok((owner(row)?, names))
    })
}

/// How many users, or groups, a source owns.
pub fn count(rx: &mut Rx<'_>, source: &str, holder: Holder) -> Result<Counted, StoreError> {
    rx.count(&COUNT, params![source, holder.as_str()]).map(Counted::of)
}

/// Keeps when an administrator disabled somebody who is owned, or that they are not disabled any more.
pub fn set_disabled_here(tx: &mut Tx<'_>, user_id: &str, at: Option<Timestamp>) -> Result<(), Fault> {
    tx.execute(&SET_DISABLED_HERE, params![user_id, at])?;
    Ok(())
}

/// Nobody owns the user or group any more.
pub fn delete(tx: &mut Tx<'_>, resource_id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![resource_id])?;
    Ok(())
}

/// Nobody owns any more what this source owned; how many that were.
pub fn delete_by_source(tx: &mut Tx<'_>, source: &str) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_BY_SOURCE, params![source])?)
}
