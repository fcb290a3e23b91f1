//! Memberships of users in groups: the largest table. Pages of a group's members read neighbouring rows; pages of a user's groups
//! read an index and then a row for each group. Of a group within another the members are the other's too: memberships that follow have no rows, and
//! are put together of the one of the inner group and of [`crate::directory::member_groups`]. A pair has one membership: its own row, or else the one
//! that follows of the inner group with the smallest id.

use std::collections::{BTreeMap, HashSet};

use model::directory::group::GroupId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::member_group::NestingKey;
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::directory::member_groups;
use crate::error::StoreError;
use crate::row::{Param, Row, list, params};
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

/// Groups that one [`among`] asks about at most.
pub const AMONG_MAX: usize = 100;

/// Leaves behind that memberships ended, in the statement before they do.
macro_rules! end {
    ($at:literal) => {
        concat!(
            "INSERT INTO ended_memberships (group_id, user_id, since, ended_at)
              SELECT group_id, user_id, created_at, CAST(",
            $at,
            " AS BIGINT) FROM memberships WHERE created_at < ",
            $at
        )
    };
    () => {
        " ON CONFLICT DO NOTHING"
    };
}

/// The columns that [`membership`] reads.
macro_rules! columns {
    () => {
        "membership_id, identity_store_id, group_id, user_id, created_at, created_by"
    };
}

/// The columns that [`following`] reads.
macro_rules! following {
    () => {
        "m.membership_id, m.identity_store_id, n.outer_group_id, m.user_id, CASE WHEN n.since > m.created_at THEN n.since ELSE m.created_at END,
              m.created_by, n.nesting_key"
    };
}

statements! {
    INSERT = "INSERT INTO memberships (membership_id, identity_store_id, group_id, user_id, created_at, created_by)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND = concat!("SELECT ", columns!(), " FROM memberships WHERE membership_id = ?1 AND identity_store_id = ?2");
    FIND_BY_PAIR = concat!("SELECT ", columns!(), " FROM memberships WHERE group_id = ?1 AND user_id = ?2");
    PAGE_BY_GROUP = concat!("SELECT ", columns!(), " FROM memberships WHERE group_id = ?1 AND user_id > ?2 ORDER BY user_id LIMIT ?3");
    PAGE_BY_USER = concat!("SELECT ", columns!(), " FROM memberships WHERE user_id = ?1 AND group_id > ?2 ORDER BY group_id LIMIT ?3");
    FOLLOWING = concat!("SELECT ", following!(), " FROM memberships m CROSS JOIN nested_groups n WHERE m.membership_id = ?1 AND m.identity_store_id = ?3 AND n.group_id = m.group_id
              AND n.nesting_key = ?2");
    FOLLOWING_BY_PAIR = concat!("SELECT ", following!(), " FROM nested_groups n CROSS JOIN memberships m WHERE n.outer_group_id = ?1 AND m.group_id = n.group_id AND m.user_id = ?2
              ORDER BY m.group_id LIMIT 1");
    FOLLOWING_BY_USER = concat!("SELECT ", following!(), " FROM memberships m CROSS JOIN nested_groups n WHERE m.user_id = ?1 AND n.group_id = m.group_id AND n.outer_group_id > ?2
              ORDER BY n.outer_group_id, m.group_id");
    FOLLOWING_BY_GROUP = concat!("SELECT ", following!(), " FROM nested_groups n CROSS JOIN memberships m WHERE n.outer_group_id = ?1 AND n.group_id = ?2 AND m.group_id = n.group_id
              AND m.user_id > ?3 ORDER BY m.user_id LIMIT ?4");
    GROUPS = "SELECT group_id FROM memberships WHERE user_id = ?1
              UNION SELECT n.outer_group_id FROM memberships m CROSS JOIN nested_groups n WHERE m.user_id = ?1 AND n.group_id = m.group_id";
    OWN_GROUPS = "SELECT group_id FROM memberships WHERE user_id = ?1";
    MEMBERS_AMONG = "SELECT user_id FROM memberships WHERE group_id = ?1 AND user_id IN (SELECT value FROM json_each(?2))";
    AMONG = "SELECT g.group_id, m.user_id FROM groups g LEFT JOIN memberships m ON m.group_id = g.group_id AND m.user_id = ?2
              WHERE g.identity_store_id = ?1 AND g.group_id IN (?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,
              ?21,?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35,?36,?37,?38,?39,?40,?41,?42,?43,?44,?45,?46,?47,?48,?49,
              ?50,?51,?52,?53,?54,?55,?56,?57,?58,?59,?60,?61,?62,?63,?64,?65,?66,?67,?68,?69,?70,?71,?72,?73,?74,?75,?76,?77,?78,
              ?79,?80,?81,?82,?83,?84,?85,?86,?87,?88,?89,?90,?91,?92,?93,?94,?95,?96,?97,?98,?99,?100,?101,?102)";
    END = concat!(end!("?3"), " AND group_id = ?1 AND user_id = ?2", end!());
    END_BY_GROUP = concat!(end!("?2"), " AND group_id = ?1", end!());
    END_BY_USER = concat!(end!("?2"), " AND user_id = ?1", end!());
    DELETE = "DELETE FROM memberships WHERE group_id = ?1 AND user_id = ?2";
    DELETE_BY_GROUP = "DELETE FROM memberships WHERE group_id = ?1";
    DELETE_BY_USER = "DELETE FROM memberships WHERE user_id = ?1";
}

/// Every group that the user is in, by itself or by a group within it.
pub fn groups(rx: &mut Rx<'_>, user: &UserId) -> Result<Vec<GroupId>, StoreError> {
    rx.all(&GROUPS, params![user.as_str()], |row| Ok(GroupId::trusted(row.text(0)?)))
}

/// Every group that the user is in by itself.
pub fn own_groups(rx: &mut Rx<'_>, user: &UserId) -> Result<Vec<GroupId>, StoreError> {
    rx.all(&OWN_GROUPS, params![user.as_str()], |row| Ok(GroupId::trusted(row.text(0)?)))
}

/// Which of these users are in the group by themselves.
pub fn members_among<'a>(
    rx: &mut Rx<'_>,
    group: &GroupId,
    users: impl IntoIterator<Item = &'a UserId>,
) -> Result<HashSet<UserId>, StoreError> {
    let ids = list(users.into_iter().map(UserId::as_str));
    let found =
        rx.all(&MEMBERS_AMONG, params![group.as_str(), &ids], |row| Ok(UserId::trusted(row.text(0)?)))?;
    Ok(found.into_iter().collect())
}

fn membership(row: &Row<'_>) -> Result<Membership, StoreError> {
    Ok(Membership {
        id: MembershipId::trusted(row.text(0)?),
        identity_store_id: IdentityStoreId::trusted(row.text(1)?),
        group_id: GroupId::trusted(row.text(2)?),
        user_id: UserId::trusted(row.text(3)?),
        created_at: row.time(4)?,
        created_by: row.text(5)?,
    })
}

/// A membership that follows.
fn following(row: &Row<'_>) -> Result<Membership, StoreError> {
    let direct = membership(row)?;
    Ok(Membership { id: MembershipId::following(&NestingKey::trusted(row.text(6)?), &direct.id), ..direct })
}

/// Adds a membership.
pub fn insert(tx: &mut Tx<'_>, new: &Membership) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.identity_store_id.as_str(),
            new.group_id.as_str(),
            new.user_id.as_str(),
            new.created_at,
            &new.created_by
        ],
    )
}

/// The membership with this id.
pub fn find(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    id: &MembershipId,
) -> Result<Option<Membership>, StoreError> {
    match id.follows() {
        None => rx.first(&FIND, params![id.as_str(), store.as_str()], membership),
        Some((key, direct)) => {
            rx.first(&FOLLOWING, params![direct.as_str(), key.as_str(), store.as_str()], following)
        }
    }
}

/// The membership of this user in this group, by itself or by a group within it.
pub fn find_by_pair(
    rx: &mut Rx<'_>,
    group: &GroupId,
    user: &UserId,
) -> Result<Option<Membership>, StoreError> {
    match find_own_by_pair(rx, group, user)? {
        Some(own) => Ok(Some(own)),
        None => rx.first(&FOLLOWING_BY_PAIR, params![group.as_str(), user.as_str()], following),
    }
}

/// The membership of this user in this group by itself.
pub fn find_own_by_pair(
    rx: &mut Rx<'_>,
    group: &GroupId,
    user: &UserId,
) -> Result<Option<Membership>, StoreError> {
    rx.first(&FIND_BY_PAIR, params![group.as_str(), user.as_str()], membership)
}

/// A membership where its row lies: of lists, which hold many.
#[derive(Debug, Clone, Copy)]
pub struct MembershipRow<'r> {
    /// The id.
    pub id: &'r str,
    /// The store.
    pub identity_store_id: &'r str,
    /// The group.
    pub group_id: &'r str,
    /// The member.
    pub user_id: &'r str,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: &'r str,
}

impl<'r> MembershipRow<'r> {
    /// Whether somebody made it; else it follows of groups within groups.
    pub fn is_own(&self) -> bool {
        !MembershipId::is_following(self.id)
    }

    fn of(row: &'r Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text_ref(0)?,
            identity_store_id: row.text_ref(1)?,
            group_id: row.text_ref(2)?,
            user_id: row.text_ref(3)?,
            created_at: row.time(4)?,
            created_by: row.text_ref(5)?,
        })
    }

    fn lying(membership: &'r Membership) -> Self {
        Self {
            id: membership.id.as_str(),
            identity_store_id: membership.identity_store_id.as_str(),
            group_id: membership.group_id.as_str(),
            user_id: membership.user_id.as_str(),
            created_at: membership.created_at,
            created_by: &membership.created_by,
        }
    }
}

/// Which memberships a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that somebody made.
    Own,
    /// Those too that follow of groups within groups.
    All,
}

/// A group's memberships by user id, each given to `with`; the key to continue after, when there are more.
pub fn page_by_group(
    rx: &mut Rx<'_>,
    (group, which): (&GroupId, Which),
    request: &PageRequest,
    with: impl FnMut(MembershipRow<'_>),
) -> Result<Option<String>, StoreError> {
    let params = params![group.as_str(), request.after_or_start(), request.rows()];
    let within = match which {
        Which::All => member_groups::within(rx, group)?,
        Which::Own => Vec::new(),
    };
    if within.is_empty() {
        return page(rx, (&PAGE_BY_GROUP, params), request, (|row| row.user_id, with));
    }
    let mut found = Merged::of(rx.all(&PAGE_BY_GROUP, params, membership)?, by_user);
    for inner in within {
        let params = params![group.as_str(), inner.as_str(), request.after_or_start(), request.rows()];
        found.add(rx.all(&FOLLOWING_BY_GROUP, params, following)?);
    }
    Ok(found.page(request, with))
}

/// A user's memberships by group id, likewise.
pub fn page_by_user(
    rx: &mut Rx<'_>,
    (user, which): (&UserId, Which),
    request: &PageRequest,
    with: impl FnMut(MembershipRow<'_>),
) -> Result<Option<String>, StoreError> {
    let following = match which {
        Which::All => {
            rx.all(&FOLLOWING_BY_USER, params![user.as_str(), request.after_or_start()], following)?
        }
        Which::Own => Vec::new(),
    };
    let params = params![user.as_str(), request.after_or_start(), request.rows()];
    if following.is_empty() {
        return page(rx, (&PAGE_BY_USER, params), request, (|row| row.group_id, with));
    }
    let mut found = Merged::of(rx.all(&PAGE_BY_USER, params, membership)?, by_group);
    found.add(following);
    Ok(found.page(request, with))
}

/// A page of rows as they lie.
fn page(
    rx: &mut Rx<'_>,
    (statement, params): (&Statement, &[Param<'_>]),
    request: &PageRequest,
    (key, mut with): (impl for<'r> Fn(&MembershipRow<'r>) -> &'r str, impl FnMut(MembershipRow<'_>)),
) -> Result<Option<String>, StoreError> {
    let mut cut = request.cut();
    rx.all(statement, params, |row| {
        let row = MembershipRow::of(row)?;
        if cut.takes(key(&row)) {
            with(row);
        }
        Ok(())
    })?;
    Ok(cut.next())
}

fn by_user(membership: &Membership) -> String {
    membership.user_id.to_string()
}

fn by_group(membership: &Membership) -> String {
    membership.group_id.to_string()
}

/// Memberships of several sources in the order of their keys, of each pair the first that came.
struct Merged {
    found: BTreeMap<String, Membership>,
    key: fn(&Membership) -> String,
}

impl Merged {
    fn of(own: Vec<Membership>, key: fn(&Membership) -> String) -> Self {
        let mut merged = Self { found: BTreeMap::new(), key };
        merged.add(own);
        merged
    }

    fn add(&mut self, more: Vec<Membership>) {
        for membership in more {
            self.found.entry((self.key)(&membership)).or_insert(membership);
        }
    }

    fn page(&self, request: &PageRequest, mut with: impl FnMut(MembershipRow<'_>)) -> Option<String> {
        let mut cut = request.cut();
        for (key, membership) in &self.found {
            if cut.takes(key) {
                with(MembershipRow::lying(membership));
            }
        }
        cut.next()
    }
}

/// Which of `groups` (at most [`AMONG_MAX`]) exist in the store, each with whether the user is in it by itself.
pub fn among(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    user: &UserId,
    groups: &[GroupId],
) -> Result<Vec<(GroupId, bool)>, StoreError> {
    let wanted = groups.iter().map(GroupId::as_str).chain(std::iter::repeat("")).take(AMONG_MAX);
    let params: Vec<Param<'_>> =
        [store.as_str(), user.as_str()].into_iter().chain(wanted).map(Param::Text).collect();
    rx.all(&AMONG, &params, |row| Ok((GroupId::trusted(row.text(0)?), row.opt_text(1)?.is_some())))
}

/// Removes a membership, which ends at `at`.
pub fn delete(tx: &mut Tx<'_>, group: &GroupId, user: &UserId, at: Timestamp) -> Result<(), Fault> {
    tx.insert(&END, params![group.as_str(), user.as_str(), at])?;
    tx.execute_one(&DELETE, params![group.as_str(), user.as_str()])
}

/// Removes every membership of a group, as of `at`; how many.
pub fn delete_by_group(tx: &mut Tx<'_>, group: &GroupId, at: Timestamp) -> Result<u64, Fault> {
    tx.insert(&END_BY_GROUP, params![group.as_str(), at])?;
    Ok(tx.execute(&DELETE_BY_GROUP, params![group.as_str()])?)
}

/// Removes every membership of a user, as of `at`; how many.
pub fn delete_by_user(tx: &mut Tx<'_>, user: &UserId, at: Timestamp) -> Result<u64, Fault> {
    tx.insert(&END_BY_USER, params![user.as_str(), at])?;
    Ok(tx.execute(&DELETE_BY_USER, params![user.as_str()])?)
}
