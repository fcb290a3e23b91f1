//! Assignments as clients make them, one by one and in batches: asked for, and asked about until they are there.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::company;
use crate::http::Connection;
use crate::world::World;

/// How long to wait before asking again whether an assignment is there; then twice as long, and so on, as patient clients do.
const ASK_AGAIN: Duration = Duration::from_millis(1);
/// Assignments of a batch.
pub(crate) const BATCH: usize = 1_000;

/// A person's first assignment in an account: asked for, and asked about until it is there.
pub(crate) async fn assign(connection: &mut Connection, world: &World) -> anyhow::Result<()> {
    let (number, company) = (world.next_number(), &world.company);
    let person = (number / company.accounts() * 31 + number) % company.people();
    let mut body = assignment(world, number * 7_919 % company.accounts(), 1 + number % 9, person)?;
    body["InstanceArn"] = world.instance_arn.as_str().into();
    body["TargetType"] = "AWS_ACCOUNT".into();
    let request = world.key.call("sso", "SWBExternalService.CreateAccountAssignment", &body.to_string());
    let answer = connection.call(&request).await?.expect(200)?.json()?;
    let made = &answer["AccountAssignmentCreationStatus"]["RequestId"];
    let body = json!({"InstanceArn": world.instance_arn, "AccountAssignmentCreationRequestId": made});
    let target = "SWBExternalService.DescribeAccountAssignmentCreationStatus";
    until_done(connection, world, ("sso", target, body), |answer| {
        &answer["AccountAssignmentCreationStatus"]["Status"]
    })
    .await
}

/// A thousand first assignments by one call: a hundred people in each of ten accounts.
pub(crate) async fn assign_many(connection: &mut Connection, world: &World) -> anyhow::Result<()> {
    let (number, company) = (world.next_number(), &world.company);
    let rows: Vec<Value> = (0..BATCH)
        .map(|at| {
            let account = (number * 7_919 + at % 10) % company.accounts();
            let person = (number / company.accounts() * BATCH / 10 + at / 10 * 7) % company.people();
            assignment(world, account, 1 + number % 9, person)
        })
        .collect::<anyhow::Result<_>>()?;
    give(connection, world, &rows).await
}

/// A batch: asked for, and asked about until it is done.
pub(crate) async fn give(connection: &mut Connection, world: &World, rows: &[Value]) -> anyhow::Result<()> {
    let body = json!({"InstanceArn": world.instance_arn, "Assignments": rows}).to_string();
    let request = world.key.call("portico", "Portico.BatchCreateAccountAssignments", &body);
    let answer = connection.call(&request).await?.expect(200)?.json()?;
    let body = json!({"InstanceArn": world.instance_arn, "RequestId": answer["RequestId"]});
    until_done(connection, world, ("portico", "Portico.DescribeBatch", body), |answer| &answer["Status"])
        .await
}

/// A permission set in one account for each of the first groups, by batches.
pub(crate) async fn assign_groups(
    connection: &mut Connection,
    world: &World,
    account: usize,
    groups: usize,
) -> anyhow::Result<()> {
    let all: Vec<usize> = (0..groups).collect();
    for batch in all.chunks(BATCH) {
        let rows: Vec<Value> = batch
            .iter()
            .map(|group| {
                let mut row = assignment(world, account, 0, 0)?;
                row["PrincipalType"] = "GROUP".into();
                row["PrincipalId"] = company::group_id(*group).into();
                Ok(row)
            })
            .collect::<anyhow::Result<_>>()?;
        give(connection, world, &rows).await?;
    }
    Ok(())
}

/// An assignment of a person, as members of a call; never of one of those who are signed in, so that what these reach stays as it is.
fn assignment(world: &World, account: usize, set: usize, person: usize) -> anyhow::Result<Value> {
    let company = &world.company;
    let person = if world.is_signed_in(person) { (person + 1) % company.people() } else { person };
    let (_, instance) = world.instance_arn.rsplit_once('/').context("an instance ARN")?;
    let set = company::permission_set_id(set);
    Ok(json!({
        "TargetId": company::account_id(account), "PermissionSetArn": format!("arn:aws:sso:::permissionSet/{instance}/{set}"),
        "PrincipalType": "USER", "PrincipalId": company::user_id(person),
    }))
}

/// Asks how far something is until it is done.
async fn until_done(
    connection: &mut Connection,
    world: &World,
    (service, target, body): (&str, &str, Value),
    status: impl Fn(&Value) -> &Value,
) -> anyhow::Result<()> {
    let (body, mut wait) = (body.to_string(), ASK_AGAIN);
    loop {
        let answer = connection.call(&world.key.call(service, target, &body)).await?.expect(200)?.json()?;
        match status(&answer).as_str() {
            Some("SUCCEEDED") => return Ok(()),
            Some("IN_PROGRESS") => tokio::time::sleep(wait).await,
            _ => bail!("an assignment that fails: {answer}"),
        }
        wait *= 2;
    }
}
