//! Permission sets, and who has them in which accounts.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssoadmin::types::{PrincipalType, ProvisioningStatus};
use serde_json::Value;

use crate::moving::conversions;
use crate::moving::gathered::{Entry, Sink};
use crate::moving::progress::Progress;
use crate::moving::reading::{Known, Reading};
use crate::moving::remote::{Refused, each};
use crate::seed_access_file::{Assignment, Boundary, CustomerManagedPolicy, ManagedPolicyArn, PermissionSet};

const PAGE: i32 = 100;

/// A person or a group, by id, and whether it is a group.
type Holder = (bool, String);

/// Reads permission sets, and then the assignments of each.
pub(crate) async fn read(
    reading: &Reading,
    (known, left_out): (&Known, &BTreeSet<String>),
    sink: &mut (impl Sink + Send),
) -> anyhow::Result<()> {
    let mut sets = Vec::new();
    let mut progress = Progress::new("permission sets", None);
    let arns = reading.permission_set_arns().await?;
    let whole = |arn: String| {
        let reading = reading.clone();
        async move { Ok((reading.permission_set(&arn).await?, arn)) }
    };
    each(arns, whole, |(set, arn)| {
        progress.count(1);
        let own =
            set.permissions_boundary.as_ref().and_then(|boundary| boundary.customer_managed_policy.as_ref());
        let refers = own.is_some() || !set.customer_managed_policies.is_empty();
        sets.push((arn, set.name.clone(), refers));
        sink.take(Entry::PermissionSet(Box::new(set)))
    })
    .await?;
    drop(progress);
    let mut progress = Progress::new("assignments", None);
    for (arn, name, refers) in sets {
        let holders = reading.holders(&arn, left_out).await?;
        if refers && !holders.is_empty() {
            reading.shortfalls.note(format!(
                "{name} is assigned and refers to customer managed policies, which accounts of Portico do not have: init refuses the assignment \
                 until the file says what they allow, in inlinePolicy"
            ));
        }
        for ((is_group, id), accounts) in holders {
            progress.count(accounts.len());
            let names = if is_group { &known.groups } else { &known.users };
            let Some(holder) = names.get(&id).cloned() else {
                let kind = if is_group { "group" } else { "user" };
                reading.shortfalls.note(format!(
                    "{name} is assigned to the {kind} {id} in {} accounts, who is not in the identity store: left out",
                    accounts.len()
                ));
                continue;
            };
            let (group, user) = if is_group { (Some(holder), None) } else { (None, Some(holder)) };
            let accounts = accounts.into_iter().collect();
            sink.take(Entry::Assignment(Assignment { group, user, permission_set: name.clone(), accounts }))?;
        }
    }
    reading.applications().await
}

impl Reading {
    async fn permission_set_arns(&self) -> anyhow::Result<Vec<String>> {
        let asked = self.remote.admin.list_permission_sets().instance_arn(&self.instance_arn);
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("sso:ListPermissionSets", error))?;
            arns.extend(page.permission_sets.unwrap_or_default());
        }
        Ok(arns)
    }

    /// A permission set with all its policies and tags.
    async fn permission_set(&self, arn: &str) -> anyhow::Result<PermissionSet> {
        let asked = self.remote.admin.describe_permission_set().instance_arn(&self.instance_arn);
        let answer = asked.permission_set_arn(arn).send().await;
        let answer = answer.map_err(|error| Refused::of("sso:DescribePermissionSet", error))?;
        let set = answer.permission_set;
        let set =
            set.ok_or_else(|| anyhow::anyhow!("sso:DescribePermissionSet answered nothing of {arn}"))?;
        let name = set.name.unwrap_or_default();
        Ok(PermissionSet {
            id: Some(conversions::last_part(arn).to_owned()),
            description: set.description.filter(|text| !text.is_empty()),
            session_duration: set.session_duration,
            relay_state: set.relay_state.filter(|text| !text.is_empty()),
            managed_policies: self.managed(arn, &name).await?,
            customer_managed_policies: self.customer_managed(arn).await?,
            inline_policy: self.inline(arn).await?,
            permissions_boundary: self.boundary(arn, &name).await?,
            tags: self.tags("tags of permission sets", arn.to_owned()).await?,
            name,
        })
    }

    /// The AWS managed policies of a permission set, but those that this program has never heard of.
    async fn managed(&self, arn: &str, set: &str) -> anyhow::Result<Vec<ManagedPolicyArn>> {
        let asked = self.remote.admin.list_managed_policies_in_permission_set();
        let asked = asked.instance_arn(&self.instance_arn).permission_set_arn(arn);
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        let mut policies = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("sso:ListManagedPoliciesInPermissionSet", error));
            let Some(page) = self.shortfalls.unless_refused("AWS managed policies", page)? else { break };
            let arns = page.attached_managed_policies.unwrap_or_default().into_iter();
            policies.extend(arns.filter_map(|policy| self.known_policy(policy.arn?, set)));
        }
        policies.sort();
        Ok(policies)
    }

    fn known_policy(&self, arn: String, set: &str) -> Option<ManagedPolicyArn> {
        let read = ManagedPolicyArn::read(arn);
        read.map_err(|sentence| self.shortfalls.lack(format!("a policy of {set}: {sentence}"))).ok()
    }

    async fn customer_managed(&self, arn: &str) -> anyhow::Result<Vec<CustomerManagedPolicy>> {
        let asked = self.remote.admin.list_customer_managed_policy_references_in_permission_set();
        let asked = asked.instance_arn(&self.instance_arn).permission_set_arn(arn);
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        let mut policies = Vec::new();
        while let Some(page) = pages.next().await {
            let action = "sso:ListCustomerManagedPolicyReferencesInPermissionSet";
            let page = page.map_err(|error| Refused::of(action, error));
            let Some(page) = self.shortfalls.unless_refused("customer managed policies", page)? else {
                break;
            };
            let references = page.customer_managed_policy_references.unwrap_or_default().into_iter();
            policies.extend(references.map(conversions::customer_managed));
        }
        policies.sort();
        Ok(policies)
    }

    async fn inline(&self, arn: &str) -> anyhow::Result<Option<Value>> {
        let asked = self.remote.admin.get_inline_policy_for_permission_set().instance_arn(&self.instance_arn);
        let answer = asked.permission_set_arn(arn).send().await;
        let answer = match answer.map_err(|error| Refused::of("sso:GetInlinePolicyForPermissionSet", error)) {
            Err(refused) if refused.is_nothing() => return Ok(None),
            answer => self.shortfalls.unless_refused("inline policies", answer)?,
        };
        let text = answer.and_then(|answer| answer.inline_policy).filter(|text| !text.is_empty());
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    async fn boundary(&self, arn: &str, set: &str) -> anyhow::Result<Option<Boundary>> {
        let asked = self.remote.admin.get_permissions_boundary_for_permission_set();
        let answer = asked.instance_arn(&self.instance_arn).permission_set_arn(arn).send().await;
        let action = "sso:GetPermissionsBoundaryForPermissionSet";
        let answer = match answer.map_err(|error| Refused::of(action, error)) {
            Err(refused) if refused.is_nothing() => return Ok(None),
            answer => self.shortfalls.unless_refused("permissions boundaries", answer)?,
        };
        Ok(answer.and_then(|answer| answer.permissions_boundary).and_then(|boundary| {
            let managed = boundary.managed_policy_arn.and_then(|arn| self.known_policy(arn, set));
            let customer = boundary.customer_managed_policy_reference.map(conversions::customer_managed);
            let is_any = managed.is_some() || customer.is_some();
            is_any.then_some(Boundary { managed_policy: managed, customer_managed_policy: customer })
        }))
    }

    /// Who has a permission set, each with the accounts.
    async fn holders(
        &self,
        arn: &str,
        left_out: &BTreeSet<String>,
    ) -> anyhow::Result<BTreeMap<Holder, BTreeSet<String>>> {
        let mut holders = BTreeMap::<Holder, BTreeSet<String>>::new();
        let accounts = self.accounts_of(arn).await?;
        let (left, accounts): (Vec<_>, Vec<_>) =
            accounts.into_iter().partition(|account| left_out.contains(account));
        for account in left {
            self.shortfalls
                .note(format!("assignments in account {account}, which is left out, are left out"));
        }
        let of_account = |account: String| {
            let (reading, arn) = (self.clone(), arn.to_owned());
            async move { Ok((reading.assignments(&arn, &account).await?, account)) }
        };
        each(accounts, of_account, |(found, account)| {
            for holder in found {
                holders.entry(holder).or_default().insert(account.clone());
            }
            Ok(())
        })
        .await?;
        Ok(holders)
    }

    /// Of these permission sets, by name and id, those that some account does not have as they are now.
    pub(crate) async fn behind(&self, sets: Vec<(String, String)>) -> anyhow::Result<Vec<String>> {
        let one = |(name, id): (String, String)| {
            let reading = self.clone();
            async move {
                let arn =
                    format!("{}/{id}", reading.instance_arn.replacen(":instance/", ":permissionSet/", 1));
                let asked = reading.remote.admin.list_accounts_for_provisioned_permission_set();
                let asked = asked.instance_arn(&reading.instance_arn).permission_set_arn(arn);
                let status = ProvisioningStatus::LatestPermissionSetNotProvisioned;
                let page = asked.provisioning_status(status).max_results(1).send().await;
                let action = "sso:ListAccountsForProvisionedPermissionSet";
                let page = page.map_err(|error| Refused::of(action, error))?;
                Ok((!page.account_ids().is_empty()).then_some(name))
            }
        };
        let mut behind = Vec::new();
        each(sets, one, |name| {
            behind.extend(name);
            Ok(())
        })
        .await?;
        Ok(behind)
    }

    async fn accounts_of(&self, arn: &str) -> anyhow::Result<BTreeSet<String>> {
        let asked = self.remote.admin.list_accounts_for_provisioned_permission_set();
        let asked = asked.instance_arn(&self.instance_arn).permission_set_arn(arn);
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        let mut accounts = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let action = "sso:ListAccountsForProvisionedPermissionSet";
            let page = page.map_err(|error| Refused::of(action, error));
            let Some(page) = self.shortfalls.unless_refused("assignments", page)? else { break };
            accounts.extend(page.account_ids.unwrap_or_default());
        }
        Ok(accounts)
    }

    async fn assignments(&self, arn: &str, account: &str) -> anyhow::Result<Vec<Holder>> {
        let asked = self.remote.admin.list_account_assignments().instance_arn(&self.instance_arn);
        let asked = asked.permission_set_arn(arn).account_id(account);
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        let mut holders = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("sso:ListAccountAssignments", error));
            let Some(page) = self.shortfalls.unless_refused("assignments", page)? else { break };
            for assignment in page.account_assignments.unwrap_or_default() {
                let (Some(kind), Some(id)) = (assignment.principal_type, assignment.principal_id) else {
                    continue;
                };
                holders.push((kind == PrincipalType::Group, id));
            }
        }
        Ok(holders)
    }

    /// Applications have no place in a file: they are counted, so that nobody believes that they moved.
    async fn applications(&self) -> anyhow::Result<()> {
        let asked = self.remote.admin.list_applications().instance_arn(&self.instance_arn);
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("sso:ListApplications", error));
            let Some(page) = self.shortfalls.unless_refused("whether there are applications", page)? else {
                break;
            };
            names.extend(page.applications.unwrap_or_default().into_iter().filter_map(|one| one.name));
        }
        if !names.is_empty() {
            let (count, names) = (names.len(), names.join(", "));
            self.shortfalls.lack(format!("applications, of which there are {count}: {names}"));
        }
        Ok(())
    }
}
