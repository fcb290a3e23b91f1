//! The steps about policies of a permission set.

use crate::moving::remote::Refused;
use crate::moving::shapes;
use crate::moving::step::PolicyChange;
use crate::seed_access_file::{Boundary, CustomerManagedPolicy};

/// The permission set that is changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TargetSet<'a> {
    pub(crate) admin: &'a aws_sdk_ssoadmin::Client,
    pub(crate) instance: &'a str,
    pub(crate) arn: &'a str,
}

/// A call on the permission set, and its refusal.
macro_rules! call {
    ($target:ident, $action:literal, $operation:ident $(, $member:ident = $value:expr)*) => {{
        let call = $target.admin.$operation().instance_arn($target.instance).permission_set_arn($target.arn);
        let done = call $(.$member($value))* .send().await;
        done.map_err(|error| Refused::of($action, error))?;
    }};
}

impl TargetSet<'_> {
    /// Makes one change.
    pub(crate) async fn change(self, change: PolicyChange) -> anyhow::Result<()> {
        match change {
            PolicyChange::PutBoundary(boundary) => self.put_boundary(&boundary).await?,
            PolicyChange::DeleteBoundary => {
                call!(
                    self,
                    "sso:DeletePermissionsBoundaryFromPermissionSet",
                    delete_permissions_boundary_from_permission_set
                );
            }
            PolicyChange::PutInline(policy) => {
                let text = policy.to_string();
                call!(
                    self,
                    "sso:PutInlinePolicyToPermissionSet",
                    put_inline_policy_to_permission_set,
                    inline_policy = text
                );
            }
            PolicyChange::DeleteInline => {
                call!(
                    self,
                    "sso:DeleteInlinePolicyFromPermissionSet",
                    delete_inline_policy_from_permission_set
                );
            }
            PolicyChange::AttachManaged(policy) => {
                call!(
                    self,
                    "sso:AttachManagedPolicyToPermissionSet",
                    attach_managed_policy_to_permission_set,
                    managed_policy_arn = policy.0
                );
            }
            PolicyChange::DetachManaged(policy) => {
                call!(
                    self,
                    "sso:DetachManagedPolicyFromPermissionSet",
                    detach_managed_policy_from_permission_set,
                    managed_policy_arn = policy.0
                );
            }
            PolicyChange::AttachCustomer(policy) => self.attach_own(&policy).await?,
            PolicyChange::DetachCustomer(policy) => self.detach_own(&policy).await?,
        }
        Ok(())
    }

    async fn put_boundary(self, boundary: &Boundary) -> anyhow::Result<()> {
        let boundary = shapes::boundary(boundary)?;
        call!(
            self,
            "sso:PutPermissionsBoundaryToPermissionSet",
            put_permissions_boundary_to_permission_set,
            permissions_boundary = boundary
        );
        Ok(())
    }

    async fn attach_own(self, policy: &CustomerManagedPolicy) -> anyhow::Result<()> {
        let policy = shapes::reference(policy)?;
        call!(
            self,
            "sso:AttachCustomerManagedPolicyReferenceToPermissionSet",
            attach_customer_managed_policy_reference_to_permission_set,
            customer_managed_policy_reference = policy
        );
        Ok(())
    }

    async fn detach_own(self, policy: &CustomerManagedPolicy) -> anyhow::Result<()> {
        let policy = shapes::reference(policy)?;
        call!(
            self,
            "sso:DetachCustomerManagedPolicyReferenceFromPermissionSet",
            detach_customer_managed_policy_reference_from_permission_set,
            customer_managed_policy_reference = policy
        );
        Ok(())
    }
}
