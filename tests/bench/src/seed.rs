//! Writes a company as a seed for `portico init --seed -`: JSON documents one after another, so that neither side holds much of it.

use std::io::Write;

use serde_json::{Value, json};

use crate::company::{self, Company, PASSWORD_HASH, PERMISSION_SETS};

/// Entries of one document.
const CHUNK: usize = 1_000;

/// Writes the seed of `company`.
pub(crate) fn write(company: &Company, out: &mut impl Write) -> anyhow::Result<()> {
    let sets: Vec<Value> = (0..PERMISSION_SETS).map(permission_set).collect();
    document(out, "permissionSets", &sets)?;
    chunks(out, "accounts", company.accounts(), |account| vec![self::account(account)])?;
    chunks(out, "users", company.people(), |person| vec![user(person)])?;
    chunks(out, "groups", company.groups(), |group| vec![self::group(company, group)])?;
    chunks(out, "assignments", company.groups(), |group| assignments(company, group))?;
    out.flush()?;
    Ok(())
}

fn chunks(
    out: &mut impl Write,
    kind: &str,
    count: usize,
    entries: impl Fn(usize) -> Vec<Value>,
) -> anyhow::Result<()> {
    for first in (0..count).step_by(CHUNK) {
        let some: Vec<Value> = (first..count.min(first + CHUNK)).flat_map(&entries).collect();
        document(out, kind, &some)?;
    }
    Ok(())
}

fn document(out: &mut impl Write, kind: &str, entries: &[Value]) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, &json!({ kind: entries }))?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The first is an administrator's; the others may read and do a little more, as most do.
fn permission_set(set: usize) -> Value {
    let policy = if set == 0 { "AdministratorAccess" } else { "job-function/ViewOnlyAccess" };
    json!({
        "id": company::permission_set_id(set),
        "name": company::permission_set_name(set),
        "description": "One of the company's roles",
        "sessionDuration": "PT4H",
        "managedPolicies": [format!("arn:aws:iam::aws:policy/{policy}")],
        "inlinePolicy": {
            "Version": "2012-10-17",
            "Statement": [
                { "Sid": "Buckets", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": format!("arn:aws:s3:::team-{set}*") },
                { "Sid": "Queues", "Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": { "StringEquals": { "aws:RequestedRegion": "us-east-1" } } },
                { "Sid": "NoUsers", "Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*" },
            ],
        },
    })
}

fn account(account: usize) -> Value {
    let name = company::account_name(account);
    json!({ "id": company::account_id(account), "email": format!("{name}@example.com"), "name": name })
}

fn user(person: usize) -> Value {
    json!({
        "id": company::user_id(person),
        "userName": company::user_name(person),
        "name": { "givenName": "Person", "familyName": format!("Number {person}") },
        "emails": [{ "value": company::email(person), "type": "work", "primary": true }],
        "password": { "argon2": PASSWORD_HASH },
    })
}

fn group(company: &Company, group: usize) -> Value {
    let members: Vec<String> = company.members(group).map(company::user_name).collect();
    json!({
        "id": company::group_id(group), "displayName": company::group_name(group), "description": "A team", "members": members,
    })
}

fn assignments(company: &Company, group: usize) -> Vec<Value> {
    let accounts: Vec<String> = company.accounts_of(group).into_iter().map(company::account_name).collect();
    company::sets_of(group)
        .into_iter()
        .map(|set| {
            json!({ "group": company::group_name(group), "permissionSet": company::permission_set_name(set), "accounts": accounts })
        })
        .collect()
}
