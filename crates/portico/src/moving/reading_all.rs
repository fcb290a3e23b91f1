//! Reads an identity center through its public API, part after part, into a sink. What the other side refuses for good is said to be lacking;
//! anything else that fails ends the reading, since nobody could tell how much is missing.

use anyhow::{anyhow, bail};
use model::instances::tag::Tags;

use crate::moving::conversions;
use crate::moving::gathered::{Entry, Sink};
use crate::moving::reading::Reading;
use crate::moving::reading_organization::Accounts;
use crate::moving::remote::{Refused, Remote};
use crate::moving::shortfalls::Shortfalls;
use crate::moving::{reading_access, reading_organization, reading_people};
use crate::seed_organization_file::{Instance, ManagementAccount, Organization};

/// An instance as the other side lists it.
#[derive(Debug)]
struct Found {
    arn: String,
    store_id: String,
    name: Option<String>,
    owner: Option<String>,
}

/// Reads the instance of this ARN, or the only one there is.
pub(crate) async fn read(
    remote: Remote,
    instance: Option<&str>,
    sink: &mut (impl Sink + Send),
) -> anyhow::Result<Reading> {
    let found = find(&remote, instance).await?;
    let reading = Reading {
        remote,
        instance_arn: found.arn.clone(),
        store_id: found.store_id.clone(),
        shortfalls: Shortfalls::default(),
    };
    let (organization, accounts) = reading_organization::read(&reading).await?;
    let head = (reading.instance(&found).await?, owned(organization, found.owner));
    sink.take(Entry::Head(Box::new(head)))?;
    let Accounts { units, accounts, left_out } = accounts;
    units.into_iter().try_for_each(|unit| sink.take(Entry::Unit(unit)))?;
    accounts.into_iter().try_for_each(|account| sink.take(Entry::Account(account)))?;
    let known = reading_people::read(&reading, sink).await?;
    reading_access::read(&reading, (&known, &left_out), sink).await?;
    Ok(reading)
}

/// The management account is told by the instance where the organization is not.
fn owned(mut organization: Organization, owner: Option<String>) -> Organization {
    if organization.management_account.is_none() {
        let named = |id| ManagementAccount { id, name: None, email: None, tags: Tags::new() };
        organization.management_account = owner.map(named);
    }
    organization
}

async fn find(remote: &Remote, wanted: Option<&str>) -> anyhow::Result<Found> {
    let mut pages = remote.admin.list_instances().into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Refused::of("sso:ListInstances", error))?;
        all.extend(page.instances.unwrap_or_default());
    }
    let arns: Vec<String> = all.iter().filter_map(|one| one.instance_arn.clone()).collect();
    let is_it = |arn: Option<&str>| wanted.is_none_or(|wanted| arn == Some(wanted));
    let mut fitting = all.into_iter().filter(|one| is_it(one.instance_arn.as_deref()));
    let Some(one) = fitting.next() else {
        match wanted {
            Some(wanted) => bail!("no instance {wanted} is in this Region; there are: {}", arns.join(", ")),
            None => bail!("no instance of IAM Identity Center is in this Region that these credentials see"),
        }
    };
    if fitting.next().is_some() {
        bail!("there are several instances: say with --instance-arn which of {}", arns.join(", "));
    }
    let unnamed = || anyhow!("sso:ListInstances answered an instance without ARN or identity store");
    Ok(Found {
        arn: one.instance_arn.ok_or_else(unnamed)?,
        store_id: one.identity_store_id.ok_or_else(unnamed)?,
        name: one.name.filter(|name| !name.is_empty()),
        owner: one.owner_account_id,
    })
}

impl Reading {
    async fn instance(&self, found: &Found) -> anyhow::Result<Instance> {
        let asked = self.remote.admin.describe_instance_access_control_attribute_configuration();
        let answer = asked.instance_arn(&self.instance_arn).send().await;
        let action = "sso:DescribeInstanceAccessControlAttributeConfiguration";
        let attributes = match answer.map_err(|error| Refused::of(action, error)) {
            Err(refused) if refused.is_nothing() => None,
            answer => self.shortfalls.unless_refused("attributes for access control", answer)?,
        };
        let attributes = attributes.and_then(|answer| answer.instance_access_control_attribute_configuration);
        let attributes = attributes.map(|configuration| {
            let each = configuration.access_control_attributes.into_iter();
            each.filter_map(|one| Some((one.key, one.value?.source.into_iter().next()?))).collect()
        });
        Ok(Instance {
            id: Some(conversions::last_part(&self.instance_arn).to_owned()),
            identity_store_id: Some(self.store_id.clone()),
            name: found.name.clone(),
            tags: self.tags("tags of the instance", self.instance_arn.clone()).await?,
            access_control_attributes: attributes,
        })
    }
}
