//! Application assignments.

use model::accounts::account::AccountId;
use model::accounts::account_assignment::Principal;
use model::applications::application::{ApplicationArn, ApplicationId};
use model::applications::application_assignment::ApplicationAssignment;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::directory::memberships;
use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO application_assignments (application_id, principal_type, principal_id, created_at) VALUES (?1, ?2, ?3, ?4)
              ON CONFLICT DO NOTHING";
    EXISTS = "SELECT application_id FROM application_assignments
              WHERE application_id = ?1 AND principal_type = ?2 AND principal_id = ?3";
    DELETE = "DELETE FROM application_assignments WHERE application_id = ?1 AND principal_type = ?2 AND principal_id = ?3";
    DELETE_BY_APPLICATION = "DELETE FROM application_assignments WHERE application_id = ?1";
    COUNT_GROUPS = "SELECT COUNT(*) FROM application_assignments WHERE application_id = ?1 AND principal_type = 'GROUP'";
    PAGE = "SELECT principal_type, principal_id FROM application_assignments
            WHERE application_id = ?1 AND (principal_type, principal_id) > (?2, ?3) ORDER BY principal_type, principal_id LIMIT ?4";
    // The assignments of one principal, each with its application, in the order of the index.
    PAGE_BY_PRINCIPAL = "SELECT s.principal_type, s.principal_id, a.account_id, a.instance_id, a.application_id
            FROM application_assignments s CROSS JOIN applications a
            WHERE s.principal_id = ?1 AND s.principal_type = ?2 AND (s.application_id, s.principal_id) > (?3, ?4)
              AND a.application_id = s.application_id AND a.instance_id = ?6 ORDER BY s.application_id LIMIT ?5";
}

/// Adds an assignment; `false` when it was there.
pub fn insert(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    principal: &Principal,
    at: Timestamp,
) -> Result<bool, Fault> {
    let params = params![application.as_str(), principal.kind(), principal.id(), at];
    Ok(tx.execute(&INSERT, params)? == 1)
}

/// Whether an assignment is there.
pub fn exists(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    principal: &Principal,
) -> Result<bool, StoreError> {
    rx.exists(&EXISTS, params![application.as_str(), principal.kind(), principal.id()])
}

/// Removes an assignment; `false` when it was not there.
pub fn delete(tx: &mut Tx<'_>, application: &ApplicationId, principal: &Principal) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![application.as_str(), principal.kind(), principal.id()])? == 1)
}

/// Removes every assignment of an application.
pub fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// How many groups are assigned to an application.
pub fn count_groups(rx: &mut Rx<'_>, application: &ApplicationId) -> Result<u64, StoreError> {
    rx.count(&COUNT_GROUPS, params![application.as_str()])
}

/// Who is assigned to an application, groups before users; [`key`] names a row's place.
pub fn page(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    page: &PageRequest,
) -> Result<Vec<Principal>, StoreError> {
    let (kind, id) = page.after_or_start().split_once(' ').unwrap_or_default();
    rx.all(&PAGE, params![application.as_str(), kind, id, page.rows()], principal)
}

/// The place of a row in [`page`].
pub fn key(row: &Principal) -> String {
    format!("{} {}", row.kind(), row.id())
}

/// To what of an instance a principal is assigned; for a user the assignments of their groups too, each naming the group. [`principal_key`] names a row's place. Each
/// principal's rows are read in the order of the index and no more of them than the page holds, then merged.
pub fn page_by_principal(
    rx: &mut Rx<'_>,
    (instance, principal): (&InstanceId, &Principal),
    page: &PageRequest,
) -> Result<Vec<ApplicationAssignment>, StoreError> {
    let mut rows = of_principal(rx, (instance, principal), page)?;
    if let Principal::User(user) = principal {
        for group in memberships::groups(rx, user)? {
            rows.extend(of_principal(rx, (instance, &Principal::Group(group)), page)?);
        }
    }
    rows.sort_unstable_by(|left, right| place(left).cmp(&place(right)));
    rows.truncate(usize::try_from(page.rows()).unwrap_or(usize::MAX));
    Ok(rows)
}

/// Of a principal and, for a user, their groups: who of them is assigned to one application, each as [`page_by_principal`] has them.
pub fn of_principal_to(
    rx: &mut Rx<'_>,
    who: &Principal,
    application: &ApplicationArn,
) -> Result<Vec<ApplicationAssignment>, StoreError> {
    let mut all = vec![who.clone()];
    if let Principal::User(user) = who {
        all.extend(memberships::groups(rx, user)?.into_iter().map(Principal::Group));
    }
    let mut found = Vec::new();
    for principal in all {
        if exists(rx, &application.id, &principal)? {
            found.push(ApplicationAssignment { application: application.clone(), principal });
        }
    }
    found.sort_unstable_by(|left, right| place(left).cmp(&place(right)));
    Ok(found)
}

fn of_principal(
    rx: &mut Rx<'_>,
    (instance, who): (&InstanceId, &Principal),
    page: &PageRequest,
) -> Result<Vec<ApplicationAssignment>, StoreError> {
    let (application, id) = page.after_or_start().split_once(' ').unwrap_or_default();
    let params = params![who.id(), who.kind(), application, id, page.rows(), instance.as_str()];
    rx.all(&PAGE_BY_PRINCIPAL, params, |row| {
        Ok(ApplicationAssignment {
            principal: principal(row)?,
            application: ApplicationArn {
                account_id: AccountId::trusted(row.text(2)?),
                instance_id: InstanceId::trusted(row.text(3)?),
                id: ApplicationId::trusted(row.text(4)?),
            },
        })
    })
}

fn place(row: &ApplicationAssignment) -> (&str, &str) {
    (row.application.id.as_str(), row.principal.id())
}

/// The place of a row in [`page_by_principal`].
pub fn principal_key(row: &ApplicationAssignment) -> String {
    let (application, principal) = place(row);
    format!("{application} {principal}")
}

fn principal(row: &Row<'_>) -> Result<Principal, StoreError> {
    let id = row.text(1)?;
    row.word(0, |kind| match kind {
        "USER" => Some(Principal::User(UserId::trusted(id.clone()))),
        "GROUP" => Some(Principal::Group(GroupId::trusted(id.clone()))),
        _ => None,
    })
}
