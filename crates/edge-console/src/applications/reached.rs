//! The applications that are assigned to a person or a group, by whatever group, as their pages show them.

use std::collections::HashMap;

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::applications::application::At;
use crate::desk::Desk;
use crate::names::{Named, Names};
use crate::thing::Thing;

/// Rows of a call: the most that there are. Few people have more applications.
const ROWS: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assigned {
    #[serde(default)]
    application_assignments: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    application_arn: String,
    principal_id: String,
    principal_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    applications: Vec<Called>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Called {
    application_arn: String,
    name: String,
}

/// An application.
pub(crate) struct Reached {
    pub(crate) place: String,
    pub(crate) name: String,
    /// The group by which it is theirs; nothing where it is their own.
    pub(crate) by: Option<Named>,
}

/// Those of a person or group; nothing where the role may not know.
pub(crate) async fn of(
    desk: &Desk,
    admin: &mut Administrator,
    whom: &Thing,
) -> Result<Option<Vec<Reached>>, Fault> {
    let input = json!({
        "InstanceArn": desk.instance_arn(), "PrincipalId": whom.id, "PrincipalType": whom.principal_type(),
        "MaxResults": ROWS,
    });
    let op = Op("sso-admin", "ListApplicationAssignmentsForPrincipal");
    let assigned: Option<Assigned> = admin.call_if_allowed(desk, op, input).await?;
    let Some(assigned) = assigned else { return Ok(None) };
    let rows = assigned.application_assignments;
    if rows.is_empty() {
        return Ok(Some(Vec::new()));
    }
    // Names in one call; one that is on no first page is shown by its id.
    let input = json!({ "InstanceArn": desk.instance_arn(), "MaxResults": ROWS });
    let listed: Option<Listed> =
        admin.call_if_allowed(desk, Op("sso-admin", "ListApplications"), input).await?;
    let called = listed.map(|listed| listed.applications).unwrap_or_default().into_iter();
    let called: HashMap<String, String> = called.map(|one| (one.application_arn, one.name)).collect();
    let by = |row: &Row| Thing::principal(&row.principal_type, &row.principal_id);
    let names = Names::of(desk, admin, rows.iter().map(by).filter(|thing| thing != whom)).await;
    let mut reached: Vec<Reached> = rows
        .iter()
        .filter_map(|row| {
            let (at, by) = (At::of(&row.application_arn)?, by(row));
            let id = row.application_arn.rsplit('/').next().unwrap_or_default();
            Some(Reached {
                place: at.below(""),
                name: called.get(&row.application_arn).map_or(id, String::as_str).to_owned(),
                by: (by != *whom).then(|| names.named(&by)),
            })
        })
        .collect();
    reached.sort_by_cached_key(|one| one.name.to_lowercase());
    Ok(Some(reached))
}
