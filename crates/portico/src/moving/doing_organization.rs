//! The steps about the organization, and tags of everything.

use std::time::Duration;

use anyhow::{anyhow, bail};
use aws_sdk_organizations::types::CreateAccountState;
use model::instances::tag::Tags;

use crate::moving::doing::Doing;
use crate::moving::remote::Refused;
use crate::moving::shapes;
use crate::moving::step::Tagged;
use crate::seed_organization_file::{Account, UnitNames};

/// How long an account that is not there yet is waited for before it is asked for again.
const WAIT: Duration = Duration::from_millis(100);

impl Doing {
    fn unit(&self, names: &[String]) -> anyhow::Result<String> {
        if names.is_empty() {
            return Ok(self.ids.root.clone());
        }
        Self::named(&self.ids.units, names).cloned()
    }

    fn place(&self, unit: Option<&UnitNames>) -> anyhow::Result<String> {
        self.unit(unit.map_or(&[], |unit| unit.0.as_slice()))
    }

    pub(crate) async fn create_unit(&mut self, names: &[String]) -> anyhow::Result<()> {
        let (name, around) = names.split_last().ok_or_else(|| anyhow!("a unit without a name"))?;
        let call = self.reading.remote.organizations.create_organizational_unit();
        let made = call.parent_id(self.unit(around)?).name(name).send().await;
        let made = made.map_err(|error| Refused::of("organizations:CreateOrganizationalUnit", error))?;
        let id = made.organizational_unit.and_then(|unit| unit.id).unwrap_or_default();
        self.ids.units.insert(names.to_vec(), id);
        Ok(())
    }

    pub(crate) async fn create_account(&mut self, account: &Account) -> anyhow::Result<()> {
        let organizations = self.reading.remote.organizations.clone();
        let tags =
            (!account.tags.is_empty()).then(|| shapes::organization_tags(&account.tags)).transpose()?;
        let call = organizations.create_account().account_name(&account.name).email(&account.email);
        let asked = call.set_tags(tags).send().await;
        let mut status =
            asked.map_err(|error| Refused::of("organizations:CreateAccount", error))?.create_account_status;
        loop {
            let now = status.ok_or_else(|| anyhow!("organizations:CreateAccount answered no status"))?;
            match now.state {
                Some(CreateAccountState::Succeeded) => {
                    self.ids.accounts.insert(account.name.clone(), now.account_id.unwrap_or_default());
                    return Ok(());
                }
                Some(CreateAccountState::Failed) => {
                    bail!("{}", now.failure_reason.map(|reason| reason.to_string()).unwrap_or_default())
                }
                _ => tokio::time::sleep(WAIT).await,
            }
            let call = organizations.describe_create_account_status();
            let answer = call.create_account_request_id(now.id.unwrap_or_default()).send().await;
            let action = "organizations:DescribeCreateAccountStatus";
            status = answer.map_err(|error| Refused::of(action, error))?.create_account_status;
        }
    }

    pub(crate) async fn move_account(
        &self,
        id: &str,
        (from, to): (Option<UnitNames>, Option<UnitNames>),
    ) -> anyhow::Result<()> {
        let (from, to) = (self.place(from.as_ref())?, self.place(to.as_ref())?);
        let call = self.reading.remote.organizations.move_account().account_id(self.account(id));
        let done = call.source_parent_id(from).destination_parent_id(to).send().await;
        done.map_err(|error| Refused::of("organizations:MoveAccount", error))?;
        Ok(())
    }

    pub(crate) async fn tag(&self, what: Tagged, tags: &Tags) -> anyhow::Result<()> {
        let id = match &what {
            Tagged::Instance => return self.tag_of_instance(&self.reading.instance_arn, tags).await,
            Tagged::PermissionSet(name) => {
                return self.tag_of_instance(Self::named(&self.ids.sets, name.as_str())?, tags).await;
            }
            Tagged::Root => self.ids.root.clone(),
            Tagged::Unit(names) => self.unit(&names.0)?,
            Tagged::Account(id) => self.account(id).to_owned(),
        };
        let call = self.reading.remote.organizations.tag_resource().resource_id(id);
        let done = call.set_tags(Some(shapes::organization_tags(tags)?)).send().await;
        done.map_err(|error| Refused::of("organizations:TagResource", error))?;
        Ok(())
    }

    async fn tag_of_instance(&self, arn: &str, tags: &Tags) -> anyhow::Result<()> {
        let call = self.reading.remote.admin.tag_resource().instance_arn(&self.reading.instance_arn);
        let done = call.resource_arn(arn).set_tags(Some(shapes::tags(tags)?)).send().await;
        done.map_err(|error| Refused::of("sso:TagResource", error))?;
        Ok(())
    }
}
