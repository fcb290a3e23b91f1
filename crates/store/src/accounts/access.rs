//! Who reaches what, now or at a past moment: the steps from which lists are put together, each by one index and in the order of its key, so that
//! a page costs the same wherever it is. What granted anything then stands in its table, or has left its moments in the table of what ended; never
//! both, for one ends before the next begins. Of a user and a group of the same id, which nobody makes but by hand, neither is told from the other here, as
//! [`crate::accounts::effective_access`] does not.

use model::accounts::account::AccountId;
use model::accounts::permission_set::PermissionSetId;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::timestamp::Timestamp;

use crate::accounts::policy_attachments;
use crate::accounts::roles::RoleBinding;
use crate::error::StoreError;
use crate::row::{Param, Row, list, params};
use crate::statement::{Statement, statements};
use crate::tx::Rx;

/// The permission set of `a` stands in its account, which is active.
macro_rules! usable {
    () => {
        " AND EXISTS (SELECT 1 FROM provisioned_permission_sets p
            WHERE p.account_id = a.account_id AND p.permission_set_id = a.permission_set_id)
          AND EXISTS (SELECT 1 FROM accounts c WHERE c.account_id = a.account_id AND c.state = 'ACTIVE')"
    };
    ($at:literal) => {
        concat!(
        " AND (EXISTS (SELECT 1 FROM provisioned_permission_sets p
            WHERE p.account_id = a.account_id AND p.permission_set_id = a.permission_set_id AND p.since <= ", $at, ")
          OR EXISTS (SELECT 1 FROM ended_provisionings p WHERE p.account_id = a.account_id
            AND p.permission_set_id = a.permission_set_id AND p.since <= ", $at, " AND p.ended_at > ", $at, "))", active!("a", $at))
    };
}

/// The account of `a` is active.
macro_rules! active {
    ($of:literal) => {
        concat!(
            " AND EXISTS (SELECT 1 FROM accounts c WHERE c.account_id = ",
            $of,
            ".account_id AND c.state = 'ACTIVE')"
        )
    };
    ($of:literal, $at:literal) => {
        concat!(
            " AND (EXISTS (SELECT 1 FROM accounts c WHERE c.account_id = ",
            $of,
            ".account_id AND c.state = 'ACTIVE' AND c.active_since <= ",
            $at,
            ")
          OR EXISTS (SELECT 1 FROM ended_active_accounts c WHERE c.account_id = ",
            $of,
            ".account_id
            AND c.since <= ",
            $at,
            " AND c.ended_at > ",
            $at,
            "))"
        )
    };
}

/// The person in this column is enabled.
macro_rules! enabled {
    ($of:literal) => {
        concat!(" AND EXISTS (SELECT 1 FROM users u WHERE u.user_id = ", $of, " AND u.status = 'ENABLED')")
    };
    ($of:literal, $at:literal) => {
        concat!(
            " AND (EXISTS (SELECT 1 FROM users u WHERE u.user_id = ",
            $of,
            " AND u.status = 'ENABLED' AND u.enabled_since <= ",
            $at,
            ")
          OR EXISTS (SELECT 1 FROM ended_enabled_users u WHERE u.user_id = ",
            $of,
            "
            AND u.since <= ",
            $at,
            " AND u.ended_at > ",
            $at,
            "))"
        )
    };
}

/// What stood at a moment, of rows that stand, and of rows that ended.
macro_rules! stood {
    ($since:literal, $at:literal) => {
        concat!(" AND ", $since, " <= ", $at)
    };
    (ended $of:literal, $at:literal) => {
        concat!(" AND ", $of, ".since <= ", $at, " AND ", $of, ".ended_at > ", $at)
    };
}

macro_rules! of_principal {
    ($from:literal) => {
        concat!("SELECT a.account_id, a.permission_set_id FROM ", $from, " a WHERE a.principal_id = ?1
              AND (a.account_id, a.permission_set_id) > (?2, ?3) AND (a.account_id, a.permission_set_id) <= (?4, ?5)")
    };
    () => {
        " ORDER BY a.account_id, a.permission_set_id LIMIT ?6"
    };
}

macro_rules! members {
    ($from:literal) => {
        concat!(
            "SELECT m.user_id FROM ",
            $from,
            " m WHERE m.group_id = ?1 AND m.user_id > ?2 AND m.user_id <= ?3"
        )
    };
    () => {
        " ORDER BY m.user_id LIMIT ?4"
    };
}

macro_rules! direct {
    ($from:literal) => {
        concat!(
            "SELECT a.principal_id FROM ",
            $from,
            " a WHERE a.account_id = ?1 AND a.permission_set_id = ?2
              AND a.principal_type = 'USER' AND a.principal_id > ?3 AND a.principal_id <= ?4"
        )
    };
    () => {
        " ORDER BY a.principal_id LIMIT ?5"
    };
}

macro_rules! groups {
    ($from:literal) => {
        concat!(
            "SELECT a.principal_id FROM ",
            $from,
            " a WHERE a.account_id = ?1 AND a.permission_set_id = ?2 AND a.principal_type = 'GROUP'"
        )
    };
}

macro_rules! among {
    ($from:literal) => {
        concat!("SELECT a.principal_id FROM ", $from, " a WHERE a.account_id = ?1 AND a.permission_set_id = ?2
              AND a.principal_type IN ('GROUP', 'USER') AND a.principal_id IN (SELECT value FROM json_each(?3))")
    };
}

macro_rules! sets_in {
    ($from:literal) => {
        concat!(
            "SELECT p.permission_set_id FROM ",
            $from,
            " p WHERE p.account_id = ?1 AND p.permission_set_id >= ?2"
        )
    };
    () => {
        " ORDER BY p.permission_set_id LIMIT ?3"
    };
}

macro_rules! holders {
    ($from:literal) => {
        concat!(
            "SELECT p.account_id FROM ",
            $from,
            " p WHERE p.permission_set_id = ?1 AND p.account_id >= ?2"
        )
    };
    () => {
        " ORDER BY p.account_id LIMIT ?3"
    };
}

macro_rules! role {
    ($from:literal, "stands") => {
        concat!(
            "SELECT r.managed_policies, r.inline_policies, r.permissions_boundary, r.role_id, r.path, r.role_name FROM ",
            $from,
            " p LEFT JOIN roles r ON r.account_id = p.account_id AND r.role_name_key = lower(p.role_name)
              WHERE p.account_id = ?1 AND p.permission_set_id = ?2"
        )
    };
    ($from:literal, "ended") => {
        concat!(
            "SELECT f.managed_policies, f.inline_policies, f.permissions_boundary, '', '', CAST(NULL AS TEXT) FROM ",
            $from,
            " p LEFT JOIN former_role_policies f ON f.permission_set_id = p.permission_set_id AND f.revision = p.revision
              WHERE p.account_id = ?1 AND p.permission_set_id = ?2"
        )
    };
}

macro_rules! around {
    ($from:literal) => {
        concat!(
            "SELECT n.outer_group_id FROM ",
            $from,
            " n WHERE n.group_id IN (SELECT value FROM json_each(?1))"
        )
    };
}

macro_rules! nestings {
    ($from:literal) => {
        concat!(
            "SELECT n.group_id, n.outer_group_id FROM ",
            $from,
            " n WHERE n.group_id IN (SELECT value FROM json_each(?1))"
        )
    };
}

macro_rules! nesting {
    ($from:literal) => {
        concat!(
            "SELECT DISTINCT n.outer_group_id FROM ",
            $from,
            " n WHERE n.outer_group_id IN (SELECT value FROM json_each(?1))"
        )
    };
}

macro_rules! within {
    ($from:literal) => {
        concat!("SELECT n.group_id FROM ", $from, " n WHERE n.outer_group_id = ?1")
    };
}

statements! {
    OF_PRINCIPAL = concat!(of_principal!("account_assignments"), usable!(), of_principal!());
    OF_PRINCIPAL_THEN = concat!(of_principal!("account_assignments"), stood!("a.created_at", "?7"), usable!("?7"), of_principal!());
    OF_PRINCIPAL_ENDED = concat!(of_principal!("ended_assignments"), stood!(ended "a", "?7"), usable!("?7"), of_principal!());
    MEMBERS = concat!(members!("memberships"), enabled!("m.user_id"), members!());
    MEMBERS_THEN = concat!(members!("memberships"), stood!("m.created_at", "?5"), enabled!("m.user_id", "?5"), members!());
    MEMBERS_ENDED = concat!(members!("ended_memberships"), stood!(ended "m", "?5"), enabled!("m.user_id", "?5"), members!());
    DIRECT = concat!(direct!("account_assignments"), enabled!("a.principal_id"), direct!());
    DIRECT_THEN = concat!(direct!("account_assignments"), stood!("a.created_at", "?6"), enabled!("a.principal_id", "?6"), direct!());
    DIRECT_ENDED = concat!(direct!("ended_assignments"), stood!(ended "a", "?6"), enabled!("a.principal_id", "?6"), direct!());
    GROUPS = groups!("account_assignments");
    GROUPS_THEN = concat!(groups!("account_assignments"), stood!("a.created_at", "?3"));
    GROUPS_ENDED = concat!(groups!("ended_assignments"), stood!(ended "a", "?3"));
    AMONG = among!("account_assignments");
    AMONG_THEN = concat!(among!("account_assignments"), stood!("a.created_at", "?4"));
    AMONG_ENDED = concat!(among!("ended_assignments"), stood!(ended "a", "?4"));
    SETS_IN = concat!(sets_in!("provisioned_permission_sets"), active!("p"), sets_in!());
    SETS_IN_THEN = concat!(sets_in!("provisioned_permission_sets"), stood!("p.since", "?4"), active!("p", "?4"), sets_in!());
    SETS_IN_ENDED = concat!(sets_in!("ended_provisionings"), stood!(ended "p", "?4"), active!("p", "?4"), sets_in!());
    HOLDERS = concat!(holders!("provisioned_permission_sets"), active!("p"), holders!());
    HOLDERS_THEN = concat!(holders!("provisioned_permission_sets"), stood!("p.since", "?4"), active!("p", "?4"), holders!());
    HOLDERS_ENDED = concat!(holders!("ended_provisionings"), stood!(ended "p", "?4"), active!("p", "?4"), holders!());
    ROLE = concat!(role!("provisioned_permission_sets", "stands"), active!("p"));
    ROLE_THEN = concat!(role!("provisioned_permission_sets", "stands"), stood!("p.since", "?3"), active!("p", "?3"));
    ROLE_ENDED = concat!(role!("ended_provisionings", "ended"), stood!(ended "p", "?3"), active!("p", "?3"));
    GROUPS_OF = "SELECT m.group_id FROM memberships m WHERE m.user_id = ?1";
    GROUPS_OF_THEN = concat!("SELECT m.group_id FROM memberships m WHERE m.user_id = ?1", stood!("m.created_at", "?2"));
    GROUPS_OF_ENDED = concat!("SELECT m.group_id FROM ended_memberships m WHERE m.user_id = ?1", stood!(ended "m", "?2"));
    AROUND = around!("nested_groups");
    AROUND_THEN = concat!(around!("nested_groups"), stood!("n.since", "?2"));
    AROUND_ENDED = concat!(around!("ended_nested_groups"), stood!(ended "n", "?2"));
    NESTINGS = nestings!("nested_groups");
    NESTINGS_THEN = concat!(nestings!("nested_groups"), stood!("n.since", "?2"));
    NESTINGS_ENDED = concat!(nestings!("ended_nested_groups"), stood!(ended "n", "?2"));
    NESTING = nesting!("nested_groups");
    NESTING_THEN = concat!(nesting!("nested_groups"), stood!("n.since", "?2"));
    NESTING_ENDED = concat!(nesting!("ended_nested_groups"), stood!(ended "n", "?2"));
    WITHIN = within!("nested_groups");
    WITHIN_THEN = concat!(within!("nested_groups"), stood!("n.since", "?2"));
    WITHIN_ENDED = concat!(within!("ended_nested_groups"), stood!(ended "n", "?2"));
    ENABLED = "SELECT u.user_id FROM users u WHERE u.user_id = ?1 AND u.status = 'ENABLED'";
    ENABLED_THEN = concat!("SELECT u.user_id FROM users u WHERE u.user_id = ?1 AND u.status = 'ENABLED'", stood!("u.enabled_since", "?2"));
    ENABLED_ENDED = concat!("SELECT u.user_id FROM ended_enabled_users u WHERE u.user_id = ?1", stood!(ended "u", "?2"));
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Now.
    Now,
    /// At this moment, which is past.
    At(Timestamp),
}

/// After which key rows are wanted, up to which one at most, and how many.
#[derive(Debug)]
pub struct Span<'a, K: ?Sized> {
    /// Rows after it.
    pub after: &'a K,
    /// None after it, if there is one.
    pub upto: Option<&'a K>,
    /// At most so many.
    pub limit: i64,
}

/// Behind every id.
const LAST: &str = "~";

/// A permission set in an account.
pub type Place = (AccountId, PermissionSetId);

/// What the statements find: the first of now, or the other two of then, in which order ever.
fn found<T>(
    rx: &mut Rx<'_>,
    moment: Moment,
    [now, then, ended]: [&Statement; 3],
    params: &[Param<'_>],
    map: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let Moment::At(at) = moment else { return rx.all(now, params, map) };
    let params: Vec<Param<'_>> = params.iter().copied().chain([at.into()]).collect();
    let mut rows = rx.all(then, &params, &map)?;
    rows.extend(rx.all(ended, &params, &map)?);
    Ok(rows)
}

fn user(row: &Row<'_>) -> Result<UserId, StoreError> {
    Ok(UserId::trusted(row.text(0)?))
}

fn group(row: &Row<'_>) -> Result<GroupId, StoreError> {
    Ok(GroupId::trusted(row.text(0)?))
}

/// Where a principal, a user or a group, is assigned a permission set itself that can be used there.
pub fn of_principal(
    rx: &mut Rx<'_>,
    moment: Moment,
    principal: &str,
    span: &Span<'_, (&str, &str)>,
) -> Result<Vec<Place>, StoreError> {
    let (account, set) = span.after;
    let (upto_account, upto_set) = span.upto.unwrap_or(&(LAST, LAST));
    let params = params![principal, *account, *set, *upto_account, *upto_set, span.limit];
    found(rx, moment, [&OF_PRINCIPAL, &OF_PRINCIPAL_THEN, &OF_PRINCIPAL_ENDED], params, |row| {
        Ok((AccountId::trusted(row.text(0)?), PermissionSetId::trusted(row.text(1)?)))
    })
}

/// Members of a group who are enabled, by id: its own, and those of the groups within it.
pub fn members(
    rx: &mut Rx<'_>,
    moment: Moment,
    of: &GroupId,
    span: &Span<'_, str>,
) -> Result<Vec<UserId>, StoreError> {
    let within = found(rx, moment, [&WITHIN, &WITHIN_THEN, &WITHIN_ENDED], params![of.as_str()], group)?;
    let mut members = Vec::new();
    for group in std::iter::once(of).chain(&within) {
        let params = params![group.as_str(), span.after, span.upto.unwrap_or(LAST), span.limit];
        members.extend(found(rx, moment, [&MEMBERS, &MEMBERS_THEN, &MEMBERS_ENDED], params, user)?);
    }
    members.sort_unstable();
    members.dedup();
    // Each source was read up to a limit of its own: behind the limit of all there may be gaps.
    members.truncate(usize::try_from(span.limit).unwrap_or(usize::MAX));
    Ok(members)
}

/// People who are enabled and assigned a permission set in an account themselves.
pub fn direct(
    rx: &mut Rx<'_>,
    moment: Moment,
    (account, set): &Place,
    span: &Span<'_, str>,
) -> Result<Vec<UserId>, StoreError> {
    let upto = span.upto.unwrap_or(LAST);
    let params = params![account.as_str(), set.as_str(), span.after, upto, span.limit];
    found(rx, moment, [&DIRECT, &DIRECT_THEN, &DIRECT_ENDED], params, user)
}

/// Groups that are assigned a permission set in an account.
pub fn groups(rx: &mut Rx<'_>, moment: Moment, (account, set): &Place) -> Result<Vec<GroupId>, StoreError> {
    let params = params![account.as_str(), set.as_str()];
    found(rx, moment, [&GROUPS, &GROUPS_THEN, &GROUPS_ENDED], params, group)
}

/// Which of these principals are assigned a permission set in an account.
pub fn among<'p>(
    rx: &mut Rx<'_>,
    moment: Moment,
    (account, set): &Place,
    principals: impl IntoIterator<Item = &'p str>,
) -> Result<Vec<String>, StoreError> {
    let principals = list(principals);
    let params = params![account.as_str(), set.as_str(), &principals];
    found(rx, moment, [&AMONG, &AMONG_THEN, &AMONG_ENDED], params, |row| row.text(0))
}

/// Permission sets from `from` on that can be used in an account.
pub fn sets_in(
    rx: &mut Rx<'_>,
    moment: Moment,
    account: &AccountId,
    (from, limit): (&str, i64),
) -> Result<Vec<PermissionSetId>, StoreError> {
    let params = params![account.as_str(), from, limit];
    found(rx, moment, [&SETS_IN, &SETS_IN_THEN, &SETS_IN_ENDED], params, |row| {
        Ok(PermissionSetId::trusted(row.text(0)?))
    })
}

/// Accounts from `from` on in which a permission set can be used.
pub fn holders(
    rx: &mut Rx<'_>,
    moment: Moment,
    set: &PermissionSetId,
    (from, limit): (&str, i64),
) -> Result<Vec<AccountId>, StoreError> {
    let params = params![set.as_str(), from, limit];
    found(rx, moment, [&HOLDERS, &HOLDERS_THEN, &HOLDERS_ENDED], params, |row| {
        Ok(AccountId::trusted(row.text(0)?))
    })
}

/// The role that a permission set is in an active account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingRole {
    /// What binds its sessions; id and path are empty where the name is not known. Where the account lies is as of now.
    pub binding: RoleBinding,
    /// Its name; not known of one that has ended since, or that has another revision of the permission set.
    pub name: Option<String>,
}

/// The role that a permission set is in an account, if it can be used there.
pub fn role(
    rx: &mut Rx<'_>,
    moment: Moment,
    (account, set): &Place,
) -> Result<Option<StandingRole>, StoreError> {
    let params = params![account.as_str(), set.as_str()];
    let found = found(rx, moment, [&ROLE, &ROLE_THEN, &ROLE_ENDED], params, |row| {
        let binding = RoleBinding {
            role_id: row.text(3)?,
            path: row.text(4)?,
            managed_policies: row.text(0)?,
            inline_policies: row.text(1)?,
            permissions_boundary: row.opt_text(2)?,
            ..RoleBinding::default()
        };
        Ok(StandingRole { binding, name: row.opt_text(5)? })
    })?;
    let Some(mut role) = found.into_iter().next() else { return Ok(None) };
    role.binding.account_path = crate::accounts::accounts::path_of(rx, account)?;
    // What the account's own policies and the organization's said at a past moment is not kept.
    if moment == Moment::Now {
        role.binding.service_controls = policy_attachments::bounds(rx, account)?;
        role.binding = role.binding.with_customer_policies(rx, account)?;
    }
    role.binding.is_delegated = crate::accounts::accounts::is_delegated(rx, account)?;
    Ok(Some(role))
}

/// The groups that a person is in themselves.
pub fn own_groups_of(rx: &mut Rx<'_>, moment: Moment, of: &UserId) -> Result<Vec<GroupId>, StoreError> {
    let own = [&GROUPS_OF, &GROUPS_OF_THEN, &GROUPS_OF_ENDED];
    found(rx, moment, own, params![of.as_str()], group)
}

/// Which of these groups have others within.
pub fn nesting<'g>(
    rx: &mut Rx<'_>,
    moment: Moment,
    groups: impl IntoIterator<Item = &'g GroupId>,
) -> Result<Vec<GroupId>, StoreError> {
    let groups = list(groups.into_iter().map(GroupId::as_str));
    found(rx, moment, [&NESTING, &NESTING_THEN, &NESTING_ENDED], params![&groups], group)
}

/// What each of these groups is within, over however many others: the group, and one that it is within.
pub fn nestings<'g>(
    rx: &mut Rx<'_>,
    moment: Moment,
    groups: impl IntoIterator<Item = &'g GroupId>,
) -> Result<Vec<(GroupId, GroupId)>, StoreError> {
    let groups = list(groups.into_iter().map(GroupId::as_str));
    found(rx, moment, [&NESTINGS, &NESTINGS_THEN, &NESTINGS_ENDED], params![&groups], |row| {
        Ok((group(row)?, GroupId::trusted(row.text(1)?)))
    })
}

/// The groups that a person is in, by itself or by a group within it, by id.
pub fn groups_of(rx: &mut Rx<'_>, moment: Moment, of: &UserId) -> Result<Vec<GroupId>, StoreError> {
    let mut groups = own_groups_of(rx, moment, of)?;
    if !groups.is_empty() {
        let own = list(groups.iter().map(GroupId::as_str));
        groups.extend(found(rx, moment, [&AROUND, &AROUND_THEN, &AROUND_ENDED], params![&own], group)?);
    }
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

/// Whether a person is enabled.
pub fn is_enabled(rx: &mut Rx<'_>, moment: Moment, id: &UserId) -> Result<bool, StoreError> {
    let statements = [&ENABLED, &ENABLED_THEN, &ENABLED_ENDED];
    Ok(!found(rx, moment, statements, params![id.as_str()], user)?.is_empty())
}
