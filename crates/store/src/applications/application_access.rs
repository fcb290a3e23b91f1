//! Who may use which application now: whoever is enabled and, where an application wants it, assigned, themselves or by a group or a group around that.
//! Every statement starts from the person's few principals and follows the assignments of those, so that its cost grows with what the person
//! reaches, not with how many applications and assignments there are; `CROSS JOIN` holds SQLite to the order of writing.

use model::applications::application::{Application, ApplicationId};
use model::directory::user::UserId;
use model::page::PageRequest;

use crate::applications::applications::{application, columns};
use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::Rx;

/// The person, their groups, and the groups that those are within.
macro_rules! principals {
    ($user:literal) => {
        concat!(
            "(SELECT CAST(",
            $user,
            " AS TEXT) AS principal_id
              UNION ALL SELECT m.group_id FROM memberships m WHERE m.user_id = ",
            $user,
            "
              UNION ALL SELECT n.outer_group_id FROM memberships m CROSS JOIN nested_groups n
                WHERE m.user_id = ",
            $user,
            " AND n.group_id = m.group_id)"
        )
    };
}

/// Of the instance `?1`, after a place: what the portal shows of applications that are in use.
macro_rules! shown {
    () => {
        " AND a.instance_id = ?1 AND a.status = 'ENABLED' AND a.visibility = 'ENABLED' AND (a.name, a.application_id) > (?2, ?3)
          ORDER BY a.name, a.application_id LIMIT ?4"
    };
}

statements! {
    MAY_USE = concat!("SELECT a.application_id FROM applications a CROSS JOIN users u CROSS JOIN instances i
        WHERE a.application_id = ?2 AND a.status = 'ENABLED' AND u.user_id = ?1 AND u.status = 'ENABLED'
          AND i.instance_id = a.instance_id AND i.identity_store_id = u.identity_store_id
          AND (a.assignment_required = 0 OR EXISTS (SELECT 1 FROM ", principals!("?1"), " r CROSS JOIN application_assignments s
            WHERE s.principal_id = r.principal_id AND s.application_id = ?2))");
    INSTANCE_OF = "SELECT i.instance_id FROM users u CROSS JOIN instances i
        WHERE u.user_id = ?1 AND u.status = 'ENABLED' AND i.identity_store_id = u.identity_store_id";
    OPEN = concat!("SELECT ", columns!(), " FROM applications a WHERE a.assignment_required = 0", shown!());
    ASSIGNED = concat!("SELECT ", columns!(), " FROM applications a WHERE a.application_id IN
        (SELECT s.application_id FROM ", principals!("?5"), " r CROSS JOIN application_assignments s
            WHERE s.principal_id = r.principal_id)", shown!());
}

/// Whether a person may use an application, which is enabled as they are.
pub fn may_use(rx: &mut Rx<'_>, user: &UserId, application: &ApplicationId) -> Result<bool, StoreError> {
    rx.exists(&MAY_USE, params![user.as_str(), application.as_str()])
}

/// What a person may use of what the portal shows, by name; [`key`] names a row's place.
pub fn page_for_person(
    rx: &mut Rx<'_>,
    user: &UserId,
    page: &PageRequest,
) -> Result<Vec<Application>, StoreError> {
    // The id is of a fixed length, and a name may hold anything.
    let after = page.after_or_start();
    let (id, name) = after.split_once(' ').unwrap_or_default();
    let Some(instance) = rx.first(&INSTANCE_OF, params![user.as_str()], |row| row.text(0))? else {
        return Ok(Vec::new());
    };
    let mut all = rx.all(&OPEN, params![&instance, name, id, page.rows()], application)?;
    all.extend(rx.all(&ASSIGNED, params![&instance, name, id, page.rows(), user.as_str()], application)?);
    all.sort_unstable_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    all.dedup_by(|one, other| one.id == other.id);
    all.truncate(usize::try_from(page.rows()).unwrap_or(usize::MAX));
    Ok(all)
}

/// The place of a row in [`page_for_person`].
pub fn key(row: &Application) -> String {
    format!("{} {}", row.id, row.name)
}
