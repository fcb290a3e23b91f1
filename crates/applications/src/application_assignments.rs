//! Application assignments: create, describe, delete, list; and whether an application wants one of whoever uses it. An assignment is done when the call is
//! answered. Those of users and groups that are no more stay, as account assignments do, until somebody deletes them, and give nobody anything.

use model::accounts::account_assignment::Principal;
use model::applications::application::ApplicationArn;
use model::applications::application_assignment::ApplicationAssignment;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::limits::GROUPS_PER_APPLICATION_MAX;
use model::page::{Page, PageRequest};
use policy::require::{Action, require, unseen};
use policy::resource;
use store::applications::application_assignments as rows;
use store::db::Store;
use store::tx::Tx;

use crate::applications::{KIND, change};
use crate::gate::{guarded, instance, is_member};

/// Assigns a principal. Whom an application has already is a conflict.
pub async fn create(store: &Store, cx: &Cx, new: ApplicationAssignment) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let action = Action("sso:CreateApplicationAssignment");
            let (instance, application) = guarded(tx, cx, action, &new.application)?;
            store::directory::principals::require(tx, &instance.identity_store_id, &new.principal)?;
            if matches!(new.principal, Principal::Group(_)) {
                check_quota(tx, cx, &new)?;
            }
            if !rows::insert(tx, &application.id, &new.principal, cx.now)? {
                return Err(Fault::conflict(format!(
                    "{} {} is already assigned to application {}",
                    new.principal.kind(),
                    new.principal.id(),
                    new.application
                )));
            }
            cx.event().touch(KIND, new.application.to_string());
            Ok(())
        })
        .await
}

fn check_quota(tx: &mut Tx<'_>, cx: &Cx, new: &ApplicationAssignment) -> Result<(), Fault> {
    let quota = cx.mode.quota(GROUPS_PER_APPLICATION_MAX);
    if quota != u64::MAX && rows::count_groups(tx, &new.application.id)? >= quota {
        return Err(Fault::quota(format!(
            "You have exceeded the number of groups of an application: {quota}"
        )));
    }
    Ok(())
}

/// Whether an assignment is there; else that it is not.
pub fn describe(store: &Store, cx: &Cx, it: &ApplicationAssignment) -> Result<(), Fault> {
    store.read(|rx| {
        let action = Action("sso:DescribeApplicationAssignment");
        let (_, application) = guarded(rx, cx, action, &it.application)?;
        if rows::exists(rx, &application.id, &it.principal)? { Ok(()) } else { Err(not_there(it)) }
    })
}

/// Ends an assignment.
pub async fn delete(store: &Store, cx: &Cx, old: ApplicationAssignment) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let action = Action("sso:DeleteApplicationAssignment");
            let (_, application) = guarded(tx, cx, action, &old.application)?;
            if !rows::delete(tx, &application.id, &old.principal)? {
                return Err(not_there(&old));
            }
            cx.event().touch(KIND, old.application.to_string());
            Ok(())
        })
        .await
}

fn not_there(it: &ApplicationAssignment) -> Fault {
    let (principal, arn) = (&it.principal, &it.application);
    Fault::not_found(format!("{} {} is not assigned to application {arn}", principal.kind(), principal.id()))
        .with_resource_id(arn.to_string())
}

/// Who is assigned to an application, groups before users.
pub fn list(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    page: &PageRequest,
) -> Result<Page<Principal>, Fault> {
    store.read(|rx| {
        let (_, application) = guarded(rx, cx, Action("sso:ListApplicationAssignments"), arn)?;
        let found = rows::page(rx, &application.id, page)?;
        Ok(page.page(found, rows::key))
    })
}

/// To what a principal is assigned; for a user the assignments of their groups too, each naming the group. An account that does not own the instance asks
/// about one of its own applications ("You must provide a filter when calling this action from a member account", API reference).
pub fn list_for_principal(
    store: &Store,
    cx: &Cx,
    (instance_id, principal): (&InstanceId, &Principal),
    application: Option<&ApplicationArn>,
    page: &PageRequest,
) -> Result<Page<ApplicationAssignment>, Fault> {
    store.read(|rx| {
        let action = Action("sso:ListApplicationAssignmentsForPrincipal");
        let instance = instance(rx, cx, action, instance_id)?;
        let own = cx.caller.account_id();
        let tags = store::instances::tags::all_of(rx, &instance_id.arn())?;
        let mut whole = resource::instance(&instance, tags);
        if let (Some(own), Some(application)) = (own, application)
            && *own == application.account_id
        {
            whole.owner_path = store::accounts::accounts::path_of(rx, &instance.owner)?;
            whole.shared_with_organization = instance.owner == cx.owner && is_member(rx, own)?;
        }
        require(cx, action, &[whole])?;
        let found = match application {
            None => rows::page_by_principal(rx, (instance_id, principal), page)?,
            Some(arn) if arn.instance_id != *instance_id => return Err(unseen(cx, action, &arn.to_string())),
            Some(arn) => {
                let known = store::applications::applications::find(rx, &arn.id)?;
                match known.filter(|known| known.arn() == *arn) {
                    Some(_) => rows::of_principal_to(rx, principal, arn)?,
                    None => Vec::new(),
                }
            }
        };
        Ok(match application {
            None => page.page(found, rows::principal_key),
            Some(_) => page.page_of(found, rows::principal_key),
        })
    })
}

/// Says whether only those may use an application who are assigned; who is assigned stays so either way.
pub async fn put_configuration(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    assignment_required: bool,
) -> Result<(), Fault> {
    change(store, cx, (Action("sso:PutApplicationAssignmentConfiguration"), arn), move |application| {
        application.assignment_required = assignment_required;
        Ok(())
    })
    .await
}

/// Whether only those may use an application who are assigned.
pub fn get_configuration(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<bool, Fault> {
    store.read(|rx| {
        let action = Action("sso:GetApplicationAssignmentConfiguration");
        Ok(guarded(rx, cx, action, arn)?.1.assignment_required)
    })
}
