//! The organization: units, accounts and their tags.

use std::collections::{BTreeSet, VecDeque};

use aws_sdk_organizations::types::{Account as Listed, AccountState, AccountStatus};
use model::instances::tag::Tags;

use crate::moving::conversions;
use crate::moving::progress::Progress;
use crate::moving::reading::Reading;
use crate::moving::remote::{Refused, each};
use crate::seed_organization_file::{Account, ManagementAccount, Organization, Unit, UnitNames};

/// What lies in the organization.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    pub(crate) units: Vec<Unit>,
    pub(crate) accounts: Vec<Account>,
    /// Accounts that are closed or suspended: a file has no place for them.
    pub(crate) left_out: BTreeSet<String>,
}

const ALL: &str = "accounts and organizational units";

/// Reads the organization; empty, and said to be lacking, where it cannot be read.
pub(crate) async fn read(reading: &Reading) -> anyhow::Result<(Organization, Accounts)> {
    let nothing = || Ok((Organization::default(), Accounts::default()));
    let client = &reading.remote.organizations;
    let described = client.describe_organization().send().await;
    let described = described.map_err(|error| Refused::of("organizations:DescribeOrganization", error));
    let Some(described) = reading.shortfalls.unless_refused(ALL, described)? else { return nothing() };
    let listed = client.list_roots().send().await;
    let listed = listed.map_err(|error| Refused::of("organizations:ListRoots", error));
    let Some(listed) = reading.shortfalls.unless_refused(ALL, listed)? else { return nothing() };
    let (described, root) = (described.organization, listed.roots.unwrap_or_default().pop());
    let root_id = root.and_then(|root| root.id);
    let mut organization = Organization {
        id: described.as_ref().and_then(|organization| organization.id.clone()),
        root_id: root_id.clone(),
        tags: Tags::new(),
        management_account: described.and_then(|described| {
            let (id, email) = (described.master_account_id?, described.master_account_email);
            Some(ManagementAccount { id, name: None, email, tags: Tags::new() })
        }),
    };
    let mut all = Accounts::default();
    let Some(root_id) = root_id else { return Ok((organization, all)) };
    organization.tags = reading.organization_tags(root_id.clone()).await?;
    reading.below(root_id, (&mut organization, &mut all)).await?;
    Ok((organization, all))
}

impl Reading {
    /// Everything under the root, outer units before inner ones.
    async fn below(
        &self,
        root: String,
        (organization, all): (&mut Organization, &mut Accounts),
    ) -> anyhow::Result<()> {
        let mut progress = Progress::new("accounts", None);
        let mut open = VecDeque::from([(root, Vec::new())]);
        while let Some((parent, names)) = open.pop_front() {
            let accounts = self.accounts_in(&parent).await?;
            progress.count(accounts.len());
            let within = (!names.is_empty()).then(|| UnitNames(names.clone()));
            let tagged = |account: Listed| {
                let reading = self.clone();
                async move {
                    let tags = reading.organization_tags(account.id.clone().unwrap_or_default()).await?;
                    Ok((account, tags))
                }
            };
            each(accounts, tagged, |(account, tags)| {
                self.keep(account, tags, within.as_ref(), (organization, all));
                Ok(())
            })
            .await?;
            let units = self.units_in(&parent).await?;
            let tagged = |(id, name): (String, String)| {
                let reading = self.clone();
                async move { Ok((reading.organization_tags(id.clone()).await?, id, name)) }
            };
            each(units, tagged, |(tags, id, name)| {
                let mut names = names.clone();
                names.push(name);
                let unit = Unit { names: UnitNames(names.clone()), id: Some(id.clone()), tags };
                all.units.push(unit);
                open.push_back((id, names));
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    fn keep(
        &self,
        account: Listed,
        tags: Tags,
        within: Option<&UnitNames>,
        (organization, all): (&mut Organization, &mut Accounts),
    ) {
        let Some(id) = account.id else { return };
        let (name, email) = (account.name.unwrap_or_default(), account.email.unwrap_or_default());
        if let Some(owner) = organization.management_account.as_mut().filter(|owner| owner.id == id) {
            (owner.name, owner.email, owner.tags) = (Some(name), Some(email), tags);
            if let Some(unit) = within {
                self.shortfalls.lack(format!("the organizational unit {unit} of the management account"));
            }
            return;
        }
        // Status is what older endpoints say in place of State.
        let is_active = match (account.state, account.status) {
            (Some(state), _) => state == AccountState::Active,
            (None, status) => status.is_none_or(|status| status == AccountStatus::Active),
        };
        if !is_active {
            self.shortfalls.note(format!("account {id} ({name}) is not active (suspended, closing or not yet activated): it is left out"));
            all.left_out.insert(id);
            return;
        }
        all.accounts.push(Account { id: Some(id), name, email, ou: within.cloned(), tags });
    }

    async fn accounts_in(&self, parent: &str) -> anyhow::Result<Vec<Listed>> {
        let asked = self.remote.organizations.list_accounts_for_parent().parent_id(parent);
        let mut pages = asked.into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("organizations:ListAccountsForParent", error));
            let Some(page) = self.shortfalls.unless_refused("accounts", page)? else { break };
            all.extend(page.accounts.unwrap_or_default());
        }
        all.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(all)
    }

    async fn units_in(&self, parent: &str) -> anyhow::Result<Vec<(String, String)>> {
        let asked = self.remote.organizations.list_organizational_units_for_parent().parent_id(parent);
        let mut pages = asked.into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| Refused::of("organizations:ListOrganizationalUnitsForParent", error));
            let Some(page) = self.shortfalls.unless_refused("organizational units", page)? else { break };
            let units = page.organizational_units.unwrap_or_default();
            all.extend(units.into_iter().filter_map(|unit| Some((unit.id?, unit.name?))));
        }
        all.sort();
        Ok(all)
    }

    async fn organization_tags(&self, id: String) -> anyhow::Result<Tags> {
        let asked = self.remote.organizations.list_tags_for_resource().resource_id(id);
        let mut pages = asked.into_paginator().send();
        let mut tags = Tags::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("organizations:ListTagsForResource", error));
            let what = "tags of accounts and organizational units";
            let Some(page) = self.shortfalls.unless_refused(what, page)? else { break };
            tags.extend(conversions::organization_tags(page.tags.unwrap_or_default()));
        }
        Ok(tags)
    }
}
