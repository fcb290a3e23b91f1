//! The resources that IAM knows of each service (Service Authorization Reference), as [`Resource`] values.

use model::access::Resource;
use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::PermissionSetArn;
use model::applications::application::ApplicationArn;
use model::applications::application_provider::ApplicationProviderId;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::instances::instance::Instance;
use model::instances::tag::Tags;

/// An instance.
pub fn instance(instance: &Instance, tags: Tags) -> Resource {
    Resource { arn: instance.id.arn(), owner: Some(instance.owner.clone()), tags, ..Resource::default() }
}

/// A permission set.
pub fn permission_set(arn: &PermissionSetArn, owner: &AccountId, tags: Tags) -> Resource {
    Resource { arn: arn.to_string(), owner: Some(owner.clone()), tags, ..Resource::default() }
}

/// An account as sso-admin names it.
pub fn account(id: &AccountId, owner: &AccountId) -> Resource {
    Resource { arn: id.sso_arn(), owner: Some(owner.clone()), ..Resource::default() }
}

/// An application, which its account has made: that account's, and in reach of the account that owns the instance. `path` is where its account lies.
pub fn application(
    cx: &Cx,
    arn: &ApplicationArn,
    instance: &Instance,
    tags: Tags,
    path: UnitPath,
) -> Resource {
    Resource {
        arn: arn.to_string(),
        owner: Some(arn.account_id.clone()),
        owner_path: path,
        shared_with_organization: cx.caller.account_id() == Some(&instance.owner)
            || cx.caller.is_delegated() && instance.owner == cx.owner,
        tags,
    }
}

/// The account of an application, as its ARN has it: `sso:ApplicationAccount`.
pub(crate) fn application_account(arn: &str) -> Option<&str> {
    let (account, rest) = arn.strip_prefix("arn:aws:sso::")?.split_once(':')?;
    rest.starts_with("application/").then_some(account)
}

/// An application provider, which is nobody's: AWS's.
pub fn application_provider(id: &ApplicationProviderId) -> Resource {
    Resource { arn: id.arn(), ..Resource::default() }
}

/// Every application provider, where a call names none.
pub fn every_application_provider() -> Resource {
    Resource { arn: ApplicationProviderId::every(), ..Resource::default() }
}

/// An identity store.
pub fn identity_store(id: &IdentityStoreId, owner: &AccountId) -> Resource {
    Resource { arn: id.arn(owner), owner: Some(owner.clone()), ..Resource::default() }
}

/// A user, group or membership by its ARN.
pub fn directory(arn: String, owner: &AccountId) -> Resource {
    Resource { arn, owner: Some(owner.clone()), ..Resource::default() }
}

/// Anything by ARN in an account.
pub fn owned(arn: impl Into<String>, owner: &AccountId) -> Resource {
    Resource { arn: arn.into(), owner: Some(owner.clone()), ..Resource::default() }
}

/// Something of an organization with its tags: an account, its root.
pub fn tagged(arn: impl Into<String>, owner: &AccountId, tags: Tags) -> Resource {
    Resource { tags, ..owned(arn, owner) }
}

/// The same, readable by the organization's member accounts too.
#[must_use]
pub fn shared(resource: Resource) -> Resource {
    Resource { shared_with_organization: true, ..resource }
}
