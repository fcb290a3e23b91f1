//! The first day: what there must be before anybody can work with an account, in order, each with whether it is there. Looked at by lists of a few rows;
//! a company with more accounts than those is past its first day.

use edge_aws::inside::Op;
use model::fault::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;

/// Accounts that are looked at, with the management account.
const ACCOUNTS: usize = 4;

/// A step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) link: &'static str,
    pub(crate) done: bool,
}

/// The steps, while one of them is to be done; nothing afterwards, nor where the role may not see it.
pub(crate) async fn look(desk: &Desk, admin: &mut Administrator) -> Result<Option<Vec<Step>>, Fault> {
    match steps(desk, admin).await {
        Ok(steps) => Ok(steps.filter(|steps| steps.iter().any(|step| !step.done))),
        Err(why) if matches!(why.kind(), FaultKind::AccessDenied) => Ok(None),
        Err(why) => Err(why),
    }
}

async fn steps(desk: &Desk, admin: &mut Administrator) -> Result<Option<Vec<Step>>, Fault> {
    let instance = desk.instance_arn();
    let accounts: Value =
        admin.call(desk, Op("organizations", "ListAccounts"), json!({ "MaxResults": ACCOUNTS })).await?;
    if accounts.get("NextToken").is_some_and(Value::is_string) {
        return Ok(None);
    }
    let owner = desk.portal.instance.owner.as_str();
    let ids = accounts.get("Accounts").and_then(Value::as_array).into_iter().flatten();
    let ids = ids.filter_map(|account| account.get("Id")?.as_str());
    let others: Vec<&str> = ids.filter(|id| *id != owner).collect();
    let of_store = json!({ "IdentityStoreId": desk.identity_store_id(), "MaxResults": 2 });
    let people: Value = admin.call(desk, Op("identitystore", "ListUsers"), of_store).await?;
    let of_instance = json!({ "InstanceArn": instance, "MaxResults": 2 });
    let sets: Value = admin.call(desk, Op("sso-admin", "ListPermissionSets"), of_instance).await?;
    let several = |answer: &Value, member: &str| {
        answer.get(member).and_then(Value::as_array).is_some_and(|rows| rows.len() > 1)
    };
    let mut reached = false;
    for id in &others {
        let input = json!({ "InstanceArn": instance, "AccountId": id, "MaxResults": 1 });
        let access: Value = admin.call(desk, Op("portico", "ListEffectiveAccess"), input).await?;
        reached |=
            access.get("EffectiveAccess").and_then(Value::as_array).is_some_and(|rows| !rows.is_empty());
    }
    let step = |name, help, link, done| Step { name, help, link, done };
    Ok(Some(vec![
        step(
            "overview-step-people",
            "overview-step-people-help",
            "/console/people/new",
            several(&people, "Users"),
        ),
        step(
            "overview-step-accounts",
            "overview-step-accounts-help",
            "/console/accounts",
            !others.is_empty(),
        ),
        step(
            "overview-step-sets",
            "overview-step-sets-help",
            "/console/permission-sets/new",
            several(&sets, "PermissionSets"),
        ),
        step("overview-step-assign", "overview-step-assign-help", "/console/assignments/new", reached),
    ]))
}
