//! ListAssignments.

use accounts::assignments::{self, Place};
use model::accounts::account::AccountId;
use model::accounts::account_assignment::AccountAssignment;
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::portico::shapes::{BatchAssignment, ListAssignmentsRequest, ListAssignmentsResponse};

use crate::app::App;
use crate::sso_admin::ids;

/// The one place that is asked about.
fn place(input: &ListAssignmentsRequest) -> Result<Place, Fault> {
    match (input.account_id.as_deref(), input.permission_set_arn.as_deref()) {
        (Some(id), None) => AccountId::parse(id).map(Place::Account),
        (None, Some(arn)) => ids::permission_set(arn).map(Place::PermissionSet),
        (given, _) => {
            let given = if given.is_some() { "both were" } else { "none was" };
            Err(Fault::validation(format!(
                "Give exactly one of AccountId and PermissionSetArn: {given} given"
            )))
        }
    }
}

fn shape(row: AccountAssignment, instance: &InstanceId) -> BatchAssignment {
    let arn = PermissionSetArn { instance_id: instance.clone(), id: row.permission_set_id };
    BatchAssignment {
        target_id: row.account_id.into(),
        permission_set_arn: arn.to_string(),
        principal_type: row.principal.kind().to_owned(),
        principal_id: row.principal.id().to_owned(),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListAssignmentsRequest,
) -> Result<ListAssignmentsResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let place = place(&input)?;
    let asked = match &place {
        Place::Account(id) => id.to_string(),
        Place::PermissionSet(arn) => arn.to_string(),
    };
    let scope = PageScope::new("ListAssignments", &[&input.instance_arn, &asked]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = assignments::list(&app.store, &cx, (&instance, &place), &page)?;
    Ok(ListAssignmentsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        assignments: found.items.into_iter().map(|row| shape(row, &instance)).collect(),
    })
}
