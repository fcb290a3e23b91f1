//! The steps about the instance, permission sets and assignments.

use std::time::Duration;

use anyhow::{anyhow, bail};
use aws_sdk_ssoadmin::types::{
    AccessControlAttribute, AccessControlAttributeValue, AccountAssignmentOperationStatus,
    InstanceAccessControlAttributeConfiguration, PrincipalType, ProvisionTargetType, StatusValues,
    TargetType,
};
use model::instances::tag::Tags;

use crate::moving::doing::Doing;
use crate::moving::doing_policies::TargetSet;
use crate::moving::remote::Refused;
use crate::moving::shapes;
use crate::moving::step::{Assigned, Step};
use crate::seed_access_file::PermissionSet;

/// How long an answer that is not there yet is waited for before it is asked for again: the first time and at most.
const WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

impl Doing {
    pub(crate) async fn access(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::NameInstance(name) => {
                let call =
                    self.reading.remote.admin.update_instance().instance_arn(&self.reading.instance_arn);
                let done = call.name(name).send().await;
                done.map_err(|error| Refused::of("sso:UpdateInstance", error))?;
                Ok(())
            }
            Step::SetAccessControlAttributes { attributes, are_on } => {
                self.set_attributes(&attributes, are_on).await
            }
            Step::CreatePermissionSet(set) => self.create_set(&set).await,
            Step::UpdatePermissionSet(set) => self.update_set(&set).await,
            Step::ChangePolicies { set, change } => self.target(&set)?.change(change).await,
            Step::Provision { set } => self.provision(&set).await,
            Step::Assign(one) => self.assign(&one).await,
            Step::Unassign(one) => self.unassign(&one).await,
            Step::DeletePermissionSet(name) => self.delete_set(&name).await,
            other => bail!("no call is known for: {other}"),
        }
    }

    fn target(&self, set: &str) -> anyhow::Result<TargetSet<'_>> {
        let (admin, instance) = (&self.reading.remote.admin, self.reading.instance_arn.as_str());
        Ok(TargetSet { admin, instance, arn: Self::named(&self.ids.sets, set)? })
    }

    async fn set_attributes(&self, attributes: &Tags, are_on: bool) -> anyhow::Result<()> {
        let one = |(key, source): (&String, &String)| {
            let value = AccessControlAttributeValue::builder().source(source).build()?;
            AccessControlAttribute::builder().key(key).value(value).build()
        };
        let attributes = attributes.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        let configuration = InstanceAccessControlAttributeConfiguration::builder();
        let configuration = configuration.set_access_control_attributes(Some(attributes)).build()?;
        let (admin, instance) = (&self.reading.remote.admin, &self.reading.instance_arn);
        if are_on {
            let call = admin.update_instance_access_control_attribute_configuration().instance_arn(instance);
            let done = call.instance_access_control_attribute_configuration(configuration).send().await;
            let action = "sso:UpdateInstanceAccessControlAttributeConfiguration";
            done.map_err(|error| Refused::of(action, error))?;
        } else {
            let call = admin.create_instance_access_control_attribute_configuration().instance_arn(instance);
            let done = call.instance_access_control_attribute_configuration(configuration).send().await;
            let action = "sso:CreateInstanceAccessControlAttributeConfiguration";
            done.map_err(|error| Refused::of(action, error))?;
        }
        Ok(())
    }

    async fn create_set(&mut self, set: &PermissionSet) -> anyhow::Result<()> {
        let call = self.reading.remote.admin.create_permission_set().instance_arn(&self.reading.instance_arn);
        let made = call
            .name(&set.name)
            .set_description(set.description.clone())
            .set_session_duration(set.session_duration.clone())
            .set_relay_state(set.relay_state.clone())
            .set_tags((!set.tags.is_empty()).then(|| shapes::tags(&set.tags)).transpose()?)
            .send()
            .await;
        let made = made.map_err(|error| Refused::of("sso:CreatePermissionSet", error))?;
        let arn = made.permission_set.and_then(|set| set.permission_set_arn);
        let arn = arn.ok_or_else(|| anyhow!("sso:CreatePermissionSet answered no ARN"))?;
        self.ids.sets.insert(set.name.clone(), arn);
        Ok(())
    }

    async fn update_set(&self, set: &PermissionSet) -> anyhow::Result<()> {
        let target = self.target(&set.name)?;
        let call = target.admin.update_permission_set().instance_arn(target.instance);
        let done = call
            .permission_set_arn(target.arn)
            .set_description(set.description.clone())
            .set_session_duration(set.session_duration.clone())
            .set_relay_state(set.relay_state.clone())
            .send()
            .await;
        done.map_err(|error| Refused::of("sso:UpdatePermissionSet", error))?;
        Ok(())
    }

    async fn delete_set(&self, name: &str) -> anyhow::Result<()> {
        let target = self.target(name)?;
        let call = target.admin.delete_permission_set().instance_arn(target.instance);
        let gone = call.permission_set_arn(target.arn).send().await;
        gone.map_err(|error| Refused::of("sso:DeletePermissionSet", error))?;
        Ok(())
    }

    async fn provision(&self, set: &str) -> anyhow::Result<()> {
        let target = self.target(set)?;
        let call = target.admin.provision_permission_set().instance_arn(target.instance);
        let call = call.permission_set_arn(target.arn);
        let asked = call.target_type(ProvisionTargetType::AllProvisionedAccounts).send().await;
        let asked = asked.map_err(|error| Refused::of("sso:ProvisionPermissionSet", error))?;
        let mut status = asked.permission_set_provisioning_status;
        let mut wait = WAITS.0;
        while let Some(now) = &status
            && now.status == Some(StatusValues::InProgress)
        {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(WAITS.1);
            let call =
                target.admin.describe_permission_set_provisioning_status().instance_arn(target.instance);
            let call = call.provision_permission_set_request_id(now.request_id.clone().unwrap_or_default());
            let answer = call.send().await;
            let action = "sso:DescribePermissionSetProvisioningStatus";
            status = answer.map_err(|error| Refused::of(action, error))?.permission_set_provisioning_status;
        }
        match status {
            Some(ended) if ended.status == Some(StatusValues::Failed) => {
                bail!("{}", ended.failure_reason.unwrap_or_default())
            }
            _ => Ok(()),
        }
    }

    fn principal(&self, one: &Assigned) -> anyhow::Result<(PrincipalType, &String)> {
        Ok(if one.is_group {
            (PrincipalType::Group, self.group(&one.holder)?)
        } else {
            (PrincipalType::User, self.user(&one.holder)?)
        })
    }

    /// The id of an account that is there, or that was made here.
    pub(crate) fn account<'a>(&'a self, text: &'a str) -> &'a str {
        self.ids.accounts.get(text).map_or(text, String::as_str)
    }

    async fn assign(&self, one: &Assigned) -> anyhow::Result<()> {
        let (target, (kind, id)) = (self.target(&one.set)?, self.principal(one)?);
        let call = target.admin.create_account_assignment().instance_arn(target.instance);
        let call = call.permission_set_arn(target.arn).principal_type(kind).principal_id(id);
        let asked =
            call.target_type(TargetType::AwsAccount).target_id(self.account(&one.account)).send().await;
        let asked = asked.map_err(|error| Refused::of("sso:CreateAccountAssignment", error))?;
        let mut status = asked.account_assignment_creation_status;
        let mut wait = WAITS.0;
        while let Some(id) = under_way(status.as_ref()) {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(WAITS.1);
            let call =
                target.admin.describe_account_assignment_creation_status().instance_arn(target.instance);
            let answer = call.account_assignment_creation_request_id(id).send().await;
            let action = "sso:DescribeAccountAssignmentCreationStatus";
            status = answer.map_err(|error| Refused::of(action, error))?.account_assignment_creation_status;
        }
        ended(status)
    }

    async fn unassign(&self, one: &Assigned) -> anyhow::Result<()> {
        let (target, (kind, id)) = (self.target(&one.set)?, self.principal(one)?);
        let call = target.admin.delete_account_assignment().instance_arn(target.instance);
        let call = call.permission_set_arn(target.arn).principal_type(kind).principal_id(id);
        let asked =
            call.target_type(TargetType::AwsAccount).target_id(self.account(&one.account)).send().await;
        let asked = asked.map_err(|error| Refused::of("sso:DeleteAccountAssignment", error))?;
        let mut status = asked.account_assignment_deletion_status;
        let mut wait = WAITS.0;
        while let Some(id) = under_way(status.as_ref()) {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(WAITS.1);
            let call =
                target.admin.describe_account_assignment_deletion_status().instance_arn(target.instance);
            let answer = call.account_assignment_deletion_request_id(id).send().await;
            let action = "sso:DescribeAccountAssignmentDeletionStatus";
            status = answer.map_err(|error| Refused::of(action, error))?.account_assignment_deletion_status;
        }
        ended(status)
    }
}

/// The request that has not ended.
fn under_way(status: Option<&AccountAssignmentOperationStatus>) -> Option<String> {
    let status = status.filter(|status| status.status == Some(StatusValues::InProgress))?;
    status.request_id.clone()
}

fn ended(status: Option<AccountAssignmentOperationStatus>) -> anyhow::Result<()> {
    match status {
        Some(ended) if ended.status == Some(StatusValues::Failed) => {
            bail!("{}", ended.failure_reason.unwrap_or_default())
        }
        _ => Ok(()),
    }
}
