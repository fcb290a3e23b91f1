//! Users with their groups, and groups with their members, many at a time: what those of a range are called, and the memberships of the same range,
//! each by one statement in the order of an index.

use model::directory::group::GroupId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::membership::MembershipId;
use model::directory::user::{UserId, UserStatus};
use model::page::{Page, PageRequest};

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::Rx;

statements! {
    USERS = "SELECT user_id, user_name, display_name, status FROM users WHERE identity_store_id = ?1 AND user_id >= ?2
              ORDER BY user_id LIMIT ?3";
    GROUPS = "SELECT group_id, display_name, description FROM groups WHERE identity_store_id = ?1 AND group_id >= ?2
              ORDER BY group_id LIMIT ?3";
    NAMED_USERS = "SELECT user_id, user_name, display_name, status FROM users WHERE identity_store_id = ?1
              AND user_id IN (SELECT value FROM json_each(?2)) ORDER BY user_id";
    NAMED_GROUPS = "SELECT group_id, display_name, description FROM groups WHERE identity_store_id = ?1
              AND group_id IN (SELECT value FROM json_each(?2)) ORDER BY group_id";
    MEMBERSHIPS_BY_USER = "SELECT m.membership_id, m.user_id, m.group_id, g.display_name FROM memberships m CROSS JOIN groups g
              WHERE (m.user_id, m.group_id) > (?2, ?3) AND m.user_id <= ?4 AND m.identity_store_id = ?1 AND g.group_id = m.group_id
              ORDER BY m.user_id, m.group_id LIMIT ?5";
    MEMBERSHIPS_BY_GROUP = "SELECT m.membership_id, m.group_id, m.user_id FROM memberships m
              WHERE (m.group_id, m.user_id) > (?2, ?3) AND m.group_id <= ?4 AND m.identity_store_id = ?1
              ORDER BY m.group_id, m.user_id LIMIT ?5";
    MEMBERS = "SELECT m.membership_id, u.user_id, u.user_name, u.display_name, u.status FROM memberships m CROSS JOIN users u
              WHERE m.group_id = ?1 AND m.user_id > ?2 AND u.user_id = m.user_id ORDER BY m.user_id LIMIT ?3";
    GROUPS_OF = "SELECT m.membership_id, m.user_id, m.group_id, g.display_name FROM memberships m CROSS JOIN groups g
              WHERE m.user_id = ?1 AND m.group_id > ?2 AND g.group_id = m.group_id ORDER BY m.group_id LIMIT ?3";
}

/// What a user is called, and whether it may do anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserNames {
    /// `UserId`
    pub id: UserId,
    /// `UserName`
    pub user_name: String,
    /// `DisplayName`
    pub display_name: String,
    /// `UserStatus`
    pub status: UserStatus,
}

/// What a group is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupNames {
    /// `GroupId`
    pub id: GroupId,
    /// `DisplayName`
    pub display_name: String,
    /// `Description`
    pub description: Option<String>,
}

/// A membership of a user, with the group's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InGroup {
    /// The membership.
    pub id: MembershipId,
    /// The user.
    pub user_id: UserId,
    /// The group.
    pub group_id: GroupId,
    /// The group's name.
    pub group_name: String,
}

/// A membership of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The membership.
    pub id: MembershipId,
    /// The group.
    pub group_id: GroupId,
    /// The user.
    pub user_id: UserId,
}

/// Memberships after a pair of ids, up to the last of those whose they are, so many at most.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    /// Whose, and which other.
    pub after: (&'a str, &'a str),
    /// Whose at last.
    pub upto: &'a str,
    /// How many.
    pub limit: i64,
}

/// A store's users from an id on.
pub fn users(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    (from, limit): (&str, i64),
) -> Result<Vec<UserNames>, StoreError> {
    rx.all(&USERS, params![store.as_str(), from, limit], user)
}

/// Those of these users that are there, by id.
pub fn users_named<'a>(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    ids: impl IntoIterator<Item = &'a UserId>,
) -> Result<Vec<UserNames>, StoreError> {
    let ids = list(ids.into_iter().map(UserId::as_str));
    rx.all(&NAMED_USERS, params![store.as_str(), &ids], user)
}

fn user(row: &Row<'_>) -> Result<UserNames, StoreError> {
    Ok(UserNames {
        id: UserId::trusted(row.text(0)?),
        user_name: row.text(1)?,
        display_name: row.text(2)?,
        status: row.word(3, UserStatus::parse)?,
    })
}

/// A store's groups from an id on.
pub fn groups(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    (from, limit): (&str, i64),
) -> Result<Vec<GroupNames>, StoreError> {
    rx.all(&GROUPS, params![store.as_str(), from, limit], group)
}

/// Those of these groups that are there, by id.
pub fn groups_named<'a>(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    ids: impl IntoIterator<Item = &'a GroupId>,
) -> Result<Vec<GroupNames>, StoreError> {
    let ids = list(ids.into_iter().map(GroupId::as_str));
    rx.all(&NAMED_GROUPS, params![store.as_str(), &ids], group)
}

fn group(row: &Row<'_>) -> Result<GroupNames, StoreError> {
    Ok(GroupNames {
        id: GroupId::trusted(row.text(0)?),
        display_name: row.text(1)?,
        description: row.opt_text(2)?,
    })
}

/// Memberships by user and group.
pub fn memberships_by_user(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    range: Range<'_>,
) -> Result<Vec<InGroup>, StoreError> {
    let params = params![store.as_str(), range.after.0, range.after.1, range.upto, range.limit];
    rx.all(&MEMBERSHIPS_BY_USER, params, in_group)
}

fn in_group(row: &Row<'_>) -> Result<InGroup, StoreError> {
    Ok(InGroup {
        id: MembershipId::trusted(row.text(0)?),
        user_id: UserId::trusted(row.text(1)?),
        group_id: GroupId::trusted(row.text(2)?),
        group_name: row.text(3)?,
    })
}

/// Memberships by group and user.
pub fn memberships_by_group(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    range: Range<'_>,
) -> Result<Vec<Member>, StoreError> {
    let params = params![store.as_str(), range.after.0, range.after.1, range.upto, range.limit];
    rx.all(&MEMBERSHIPS_BY_GROUP, params, |row| {
        Ok(Member {
            id: MembershipId::trusted(row.text(0)?),
            group_id: GroupId::trusted(row.text(1)?),
            user_id: UserId::trusted(row.text(2)?),
        })
    })
}

/// A group's members by name, after a user id.
pub fn members(
    rx: &mut Rx<'_>,
    group: &GroupId,
    page: &PageRequest,
) -> Result<Page<(MembershipId, UserNames)>, StoreError> {
    let rows = rx.all(&MEMBERS, params![group.as_str(), page.after_or_start(), page.rows()], |row| {
        let names = UserNames {
            id: UserId::trusted(row.text(1)?),
            user_name: row.text(2)?,
            display_name: row.text(3)?,
            status: row.word(4, UserStatus::parse)?,
        };
        Ok((MembershipId::trusted(row.text(0)?), names))
    })?;
    Ok(page.page(rows, |(_, names)| names.id.to_string()))
}

/// A user's groups by name, after a group id.
pub fn groups_of(rx: &mut Rx<'_>, user: &UserId, page: &PageRequest) -> Result<Page<InGroup>, StoreError> {
    let rows = rx.all(&GROUPS_OF, params![user.as_str(), page.after_or_start(), page.rows()], in_group)?;
    Ok(page.page(rows, |one| one.group_id.to_string()))
}
