//! Which instance a seed makes: the ids that it gives, read before anything is written, and what else it says of the instance and its
//! organization.

use std::collections::BTreeMap;
use std::iter;

use accounts::organization_tags;
use anyhow::{anyhow, bail};
use model::accounts::account::AccountId;
use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::instances::tag::Tags;
use model::limits::TAGS_MAX;
use store::tx::Tx;

use crate::seed_file::Documents;
use crate::seed_organization_file::{self as file, ManagementAccount};

/// What the first document of a seed says of the instance. What it leaves out is drawn.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) instance_id: Option<InstanceId>,
    pub(crate) identity_store_id: Option<IdentityStoreId>,
    pub(crate) name: Option<String>,
    pub(crate) organization_id: Option<String>,
    pub(crate) root_id: Option<String>,
    pub(crate) management_account: Option<ManagementAccount>,
}

impl Given {
    /// Reads it from the first of `documents`, which then come whole. Only the first may say it: an instance is made before what is in it.
    pub(crate) fn read(mut documents: Documents) -> anyhow::Result<(Self, Documents)> {
        let Some(first) = documents.next().transpose()? else {
            return Ok((Self::default(), Box::new(iter::empty())));
        };
        let instance = first.instance.clone().unwrap_or_default();
        let organization = first.organization.clone().unwrap_or_default();
        let given = Self {
            instance_id: instance.id.map(|id| parsed("instance.id", &id, InstanceId::parse)).transpose()?,
            identity_store_id: instance
                .identity_store_id
                .map(|id| parsed("instance.identityStoreId", &id, IdentityStoreId::parse))
                .transpose()?,
            name: instance.name,
            organization_id: organization.id,
            root_id: organization.root_id,
            management_account: organization.management_account,
        };
        given.check()?;
        let rest = documents.map(|document| {
            let document = document?;
            if document.instance.is_some() || document.organization.is_some() {
                bail!("instance and organization must stand in the first document of the seed");
            }
            Ok(document)
        });
        Ok((given, Box::new(iter::once(Ok(first)).chain(rest))))
    }

    fn check(&self) -> anyhow::Result<()> {
        let is = |rest: &str, (least, most): (usize, usize)| {
            (least..=most).contains(&rest.len())
                && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if let Some(id) = &self.organization_id
            && !id.strip_prefix("o-").is_some_and(|rest| is(rest, (10, 32)))
        {
            bail!("organization id '{id}' must be o- and 10 to 32 small letters and digits");
        }
        if let Some(id) = &self.root_id
            && !id.strip_prefix("r-").is_some_and(|rest| is(rest, (4, 32)))
        {
            bail!("root id '{id}' must be r- and 4 to 32 small letters and digits");
        }
        if let Some(name) = self.name.as_ref().filter(|name| !(1..=255).contains(&name.chars().count())) {
            bail!("instance name has {} characters, it must have 1 to 255", name.chars().count());
        }
        Ok(())
    }

    /// The management account's id: of the seed or of the command line, which may not contradict each other.
    pub(crate) fn owner(&self, flag: Option<&str>) -> anyhow::Result<Option<AccountId>> {
        let of_seed = self.management_account.as_ref().map(|account| account.id.as_str());
        if let (Some(of_seed), Some(flag)) = (of_seed, flag)
            && of_seed != flag
        {
            bail!("the seed says that the management account is {of_seed}, the command line {flag}");
        }
        let id = of_seed.or(flag).map(AccountId::parse).transpose();
        id.map_err(|fault| anyhow!("management account id: {}", fault.message()))
    }
}

fn parsed<T>(key: &str, text: &str, parse: impl FnOnce(String) -> Result<T, Fault>) -> anyhow::Result<T> {
    parse(text.to_owned()).map_err(|fault| anyhow!("{key} is '{text}': {}", fault.message()))
}

/// Tags and session tags of the instance.
pub(crate) fn settle(tx: &mut Tx<'_>, instance: &Instance, given: &file::Instance) -> Result<(), Fault> {
    check_tags(&given.tags)?;
    tag(tx, &instance.id.arn(), &given.tags)?;
    if let Some(attributes) = &given.access_control_attributes {
        let attributes: Vec<_> =
            attributes.iter().map(|(key, source)| (key.clone(), source.clone())).collect();
        accounts::access_control_attributes::insert_in(tx, &instance.id, &attributes)?;
    }
    Ok(())
}

/// Tags of the root and of the management account, which are there.
pub(crate) fn settle_organization(tx: &mut Tx<'_>, given: &file::Organization) -> Result<(), Fault> {
    let organization = store::accounts::organizations::find(tx)?;
    let organization = organization.ok_or_else(|| Fault::internal("a seed without an organization"))?;
    organization_tags::check(&given.tags)?;
    organization_tags::insert_in(tx, &organization.root_arn(), &given.tags)?;
    if let Some(account) = &given.management_account {
        organization_tags::check(&account.tags)?;
        let arn = organization.account_arn(&organization.management_account_id);
        organization_tags::insert_in(tx, &arn, &account.tags)?;
    }
    Ok(())
}

/// Refuses tags that no call could have set on what belongs to an instance.
pub(crate) fn check_tags(tags: &Tags) -> Result<(), Fault> {
    if tags.len() > TAGS_MAX {
        return Err(Fault::validation(format!("tags has {} entries, {TAGS_MAX} at most", tags.len())));
    }
    for (key, value) in tags {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        if !(1..=128).contains(&key_length) || key.starts_with("aws:") {
            return Err(Fault::validation(format!(
                "tags has the key '{key}': keys have 1 to 128 characters and do not begin with aws:"
            )));
        }
        if value_length > 256 {
            return Err(Fault::validation(format!(
                "tags: the value of '{key}' has {value_length} characters, 256 at most"
            )));
        }
    }
    Ok(())
}

fn tag(tx: &mut Tx<'_>, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    tags.iter().try_for_each(|(key, value)| store::instances::tags::upsert(tx, arn, key, value))
}
