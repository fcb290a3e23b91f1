//! Groups that are members of groups. Who put which group where stands in one table; which group is within which, over however many others, is kept
//! beside it by whatever changes that, so that whoever asks what a person is in takes one step from the person's own groups and never walks.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::directory::group::GroupId;
use model::directory::member_group::{MemberGroup, NestingKey};
use model::fault::Fault;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;

use crate::directory::rosters::GroupNames;
use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO member_groups (group_id, member_group_id, identity_store_id, created_at, created_by)
              VALUES (?1, ?2, ?3, ?4, ?5)";
    FIND = "SELECT created_at FROM member_groups WHERE group_id = ?1 AND member_group_id = ?2";
    DELETE = "DELETE FROM member_groups WHERE group_id = ?1 AND member_group_id = ?2";
    DELETE_BY_GROUP = "DELETE FROM member_groups WHERE group_id = ?1 OR member_group_id = ?1";
    ABOVE = "SELECT member_group_id, group_id FROM member_groups WHERE member_group_id IN (SELECT value FROM json_each(?1))";
    WITHIN = "SELECT group_id FROM nested_groups WHERE outer_group_id = ?1 ORDER BY group_id";
    AROUND = "SELECT outer_group_id FROM nested_groups WHERE group_id = ?1 ORDER BY outer_group_id";
    IS_WITHIN = "SELECT group_id FROM nested_groups WHERE group_id = ?1 AND outer_group_id = ?2";
    NEST = "INSERT INTO nested_groups (group_id, outer_group_id, nesting_key, since) VALUES (?1, ?2, ?3, ?4)";
    // What began at this very moment leaves nothing behind.
    END = "INSERT INTO ended_nested_groups (group_id, outer_group_id, since, ended_at)
              SELECT group_id, outer_group_id, since, CAST(?3 AS BIGINT) FROM nested_groups
              WHERE since < ?3 AND group_id = ?1 AND outer_group_id = ?2 ON CONFLICT DO NOTHING";
    UNNEST = "DELETE FROM nested_groups WHERE group_id = ?1 AND outer_group_id = ?2";
    PAGE_WITHIN = "SELECT g.group_id, g.display_name, g.description, m.group_id FROM nested_groups n CROSS JOIN groups g
              LEFT JOIN member_groups m ON m.group_id = ?1 AND m.member_group_id = g.group_id
              WHERE n.outer_group_id = ?1 AND n.group_id > ?2 AND g.group_id = n.group_id ORDER BY n.group_id LIMIT ?3";
    PAGE_AROUND = "SELECT g.group_id, g.display_name, g.description, m.group_id FROM nested_groups n CROSS JOIN groups g
              LEFT JOIN member_groups m ON m.group_id = g.group_id AND m.member_group_id = ?1
              WHERE n.group_id = ?1 AND n.outer_group_id > ?2 AND g.group_id = n.outer_group_id ORDER BY n.outer_group_id LIMIT ?3";
    OF_GROUP = "SELECT member_group_id FROM member_groups WHERE group_id = ?1 ORDER BY member_group_id";
    GROUPS_OF = "SELECT group_id FROM member_groups WHERE member_group_id = ?1 ORDER BY group_id";
}

/// A group beside another, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested {
    /// Which.
    pub group: GroupNames,
    /// Whether it was put there itself; else it follows.
    pub is_direct: bool,
}

fn id(row: &Row<'_>) -> Result<GroupId, StoreError> {
    Ok(GroupId::trusted(row.text(0)?))
}

/// The groups within a group, over however many others, by id.
pub fn within(rx: &mut Rx<'_>, group: &GroupId) -> Result<Vec<GroupId>, StoreError> {
    rx.all(&WITHIN, params![group.as_str()], id)
}

/// The groups that a group is within, likewise.
pub fn around(rx: &mut Rx<'_>, group: &GroupId) -> Result<Vec<GroupId>, StoreError> {
    rx.all(&AROUND, params![group.as_str()], id)
}

/// Whether a group is within another.
pub fn is_within(rx: &mut Rx<'_>, group: &GroupId, outer: &GroupId) -> Result<bool, StoreError> {
    rx.exists(&IS_WITHIN, params![group.as_str(), outer.as_str()])
}

/// Whether a group is a member of another itself.
pub fn is_member(rx: &mut Rx<'_>, group: &GroupId, member: &GroupId) -> Result<bool, StoreError> {
    rx.exists(&FIND, params![group.as_str(), member.as_str()])
}

/// The groups that are members of a group themselves, by id.
pub fn of_group(rx: &mut Rx<'_>, group: &GroupId) -> Result<Vec<GroupId>, StoreError> {
    rx.all(&OF_GROUP, params![group.as_str()], id)
}

/// The groups that a group is a member of itself, by id.
pub fn groups_of(rx: &mut Rx<'_>, member: &GroupId) -> Result<Vec<GroupId>, StoreError> {
    rx.all(&GROUPS_OF, params![member.as_str()], id)
}

/// Of which groups each of these is a member itself: the member, and such a group.
pub fn groups_of_each<'g>(
    rx: &mut Rx<'_>,
    members: impl IntoIterator<Item = &'g GroupId>,
) -> Result<Vec<(GroupId, GroupId)>, StoreError> {
    let members = list(members.into_iter().map(GroupId::as_str));
    rx.all(&ABOVE, params![&members], |row| Ok((id(row)?, GroupId::trusted(row.text(1)?))))
}

/// The groups within a group, by name and in the order of their ids.
pub fn page_within(rx: &mut Rx<'_>, group: &GroupId, page: &PageRequest) -> Result<Page<Nested>, StoreError> {
    nested(rx, &PAGE_WITHIN, group, page)
}

/// The groups that a group is within, likewise.
pub fn page_around(rx: &mut Rx<'_>, group: &GroupId, page: &PageRequest) -> Result<Page<Nested>, StoreError> {
    nested(rx, &PAGE_AROUND, group, page)
}

fn nested(
    rx: &mut Rx<'_>,
    statement: &Statement,
    of: &GroupId,
    page: &PageRequest,
) -> Result<Page<Nested>, StoreError> {
    let rows = rx.all(statement, params![of.as_str(), page.after_or_start(), page.rows()], |row| {
        let group = GroupNames { id: id(row)?, display_name: row.text(1)?, description: row.opt_text(2)? };
        Ok(Nested { group, is_direct: row.opt_text(3)?.is_some() })
    })?;
    Ok(page.page(rows, |nested| nested.group.id.to_string()))
}

/// Which groups come to be within which when one becomes a member of another: each that is there or comes within it, by each that is there or around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concerned {
    /// The member and all within it.
    pub inner: Vec<GroupId>,
    /// The group and all around it.
    pub outer: Vec<GroupId>,
}

/// What is concerned when `member` comes into `group`, or leaves it.
pub fn concerned(rx: &mut Rx<'_>, group: &GroupId, member: &GroupId) -> Result<Concerned, StoreError> {
    let (mut inner, mut outer) = (within(rx, member)?, around(rx, group)?);
    inner.push(member.clone());
    outer.push(group.clone());
    Ok(Concerned { inner, outer })
}

/// Puts a group into another, which is not within it; `key` makes the keys of what follows.
pub fn insert(
    tx: &mut Tx<'_>,
    new: &MemberGroup,
    concerned: &Concerned,
    key: impl Fn() -> NestingKey,
) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.group_id.as_str(),
            new.member_group_id.as_str(),
            new.identity_store_id.as_str(),
            new.created_at,
            &new.created_by
        ],
    )?;
    for inner in &concerned.inner {
        let there: HashSet<GroupId> = around(tx, inner)?.into_iter().collect();
        for outer in concerned.outer.iter().filter(|outer| !there.contains(*outer)) {
            let key = key();
            tx.insert(&NEST, params![inner.as_str(), outer.as_str(), key.as_str(), new.created_at])?;
        }
    }
    Ok(())
}

/// Takes a group out of another, as of `at`. `false` where it was no member itself.
pub fn delete(tx: &mut Tx<'_>, group: &GroupId, member: &GroupId, at: Timestamp) -> Result<bool, Fault> {
    if tx.execute(&DELETE, params![group.as_str(), member.as_str()])? == 0 {
        return Ok(false);
    }
    let concerned = concerned(tx, group, member)?;
    end(tx, &concerned, at)?;
    Ok(true)
}

/// Takes a group out of all, and all out of it, as of `at`.
pub fn delete_by_group(tx: &mut Tx<'_>, group: &GroupId, at: Timestamp) -> Result<(), Fault> {
    if tx.execute(&DELETE_BY_GROUP, params![group.as_str()])? == 0 {
        return Ok(());
    }
    let concerned = concerned(tx, group, group)?;
    end(tx, &concerned, at)
}

/// Ends what does not follow any more of what stands.
fn end(tx: &mut Tx<'_>, concerned: &Concerned, at: Timestamp) -> Result<(), Fault> {
    let above = all_above(tx, &concerned.inner)?;
    for inner in &concerned.inner {
        let still = reached(&above, inner);
        let nested: HashSet<GroupId> = around(tx, inner)?.into_iter().collect();
        let ended = concerned.outer.iter().filter(|outer| nested.contains(*outer) && !still.contains(*outer));
        for outer in ended {
            tx.insert(&END, params![inner.as_str(), outer.as_str(), at])?;
            tx.execute_one(&UNNEST, params![inner.as_str(), outer.as_str()])?;
        }
    }
    Ok(())
}

/// Of which groups each is a member itself, of these and of all that are reached by it: a statement for each step outwards.
fn all_above(rx: &mut Rx<'_>, from: &[GroupId]) -> Result<HashMap<GroupId, Vec<GroupId>>, StoreError> {
    let mut above: HashMap<GroupId, Vec<GroupId>> = HashMap::new();
    let mut next: BTreeSet<GroupId> = from.iter().cloned().collect();
    while !next.is_empty() {
        let found = groups_of_each(rx, &next)?;
        for group in std::mem::take(&mut next) {
            above.entry(group).or_default();
        }
        for (member, group) in found {
            if !above.contains_key(&group) {
                next.insert(group.clone());
            }
            above.entry(member).or_default().push(group);
        }
    }
    Ok(above)
}

/// All that are reached from a group by steps outwards.
fn reached<'a>(above: &'a HashMap<GroupId, Vec<GroupId>>, from: &GroupId) -> HashSet<&'a GroupId> {
    let mut found = HashSet::new();
    let mut next: Vec<&GroupId> = above.get(from).into_iter().flatten().collect();
    while let Some(group) = next.pop() {
        if found.insert(group) {
            next.extend(above.get(group).into_iter().flatten());
        }
    }
    found
}
