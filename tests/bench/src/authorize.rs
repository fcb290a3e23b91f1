//! What a service asks of a request that it received: AuthorizeRequest, by a key of its own, about one that a role signed.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::company;
use crate::rows::{MADE, spread};
use crate::world::World;

/// A question about a request of the role's to a service called `things`, and about one action, which it may.
pub(crate) fn requests(world: &World) -> anyhow::Result<Vec<Vec<u8>>> {
    let role = world.role.as_ref().context("no role credentials")?;
    let request = |person: usize| {
        let signed = role.signed("things", "Things.Describe", "{}");
        let headers: Vec<Value> =
            signed.headers.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        let body = json!({
            "InstanceArn": world.instance_arn, "SigningName": "things", "Method": "POST", "Path": "/",
            "Headers": headers, "PayloadHash": signed.payload,
            "Actions": [{"ActionName": "identitystore:DescribeUser",
                         "ResourceName": format!("arn:aws:identitystore:::user/{}", company::user_id(person))}],
            "ContextEntries": [{"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["192.0.2.1"]}],
        });
        world.key.call("portico", "Portico.AuthorizeRequest", &body.to_string())
    };
    Ok(spread(MADE, world.company.people()).map(request).collect())
}
