//! GetPolicy, GetPolicyVersion, ListPolicies: AWS managed policies, as far as they are known.

use accounts::managed_policies;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::{Page, PageScope};
use model::timestamp::Timestamp;
use policy::managed::{self, ManagedPolicy};
use wire::generated::iam::shapes::{
    GetPolicyRequest, GetPolicyResponse, GetPolicyVersionRequest, GetPolicyVersionResponse,
    ListPoliciesRequest, ListPoliciesResponse, Policy, PolicyVersion,
};
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::iam::roles::encoded;

fn date(moment: Timestamp) -> EpochSeconds {
    EpochSeconds(moment.epoch_seconds())
}

/// What is not known is left out: the id, the description, and how often the policy is attached.
fn shape(policy: &ManagedPolicy) -> Policy {
    Policy {
        policy_name: Some(managed::name(&policy.arn).to_owned()),
        policy_id: None,
        arn: Some(policy.arn.clone()),
        path: Some(managed::path(&policy.arn).to_owned()),
        default_version_id: Some(policy.version.clone()),
        attachment_count: None,
        permissions_boundary_usage_count: None,
        is_attachable: Some(managed::attachable(&policy.arn).is_ok()),
        description: None,
        create_date: Some(date(policy.created_at)),
        update_date: Some(date(policy.updated_at)),
        tags: None,
    }
}

pub(crate) async fn get(_app: App, cx: Cx, input: GetPolicyRequest) -> Result<GetPolicyResponse, Fault> {
    let policy = managed_policies::get(&cx, &input.policy_arn)?;
    Ok(GetPolicyResponse { policy: Some(shape(&policy)) })
}

pub(crate) async fn version(
    _app: App,
    cx: Cx,
    input: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, Fault> {
    let (policy, document) = managed_policies::version(&cx, &input.policy_arn, &input.version_id)?;
    Ok(GetPolicyVersionResponse {
        policy_version: Some(PolicyVersion {
            document: Some(encoded(&document)),
            version_id: Some(policy.version),
            is_default_version: Some(true),
            create_date: Some(date(policy.updated_at)),
        }),
    })
}

pub(crate) async fn list(
    _app: App,
    cx: Cx,
    input: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, Fault> {
    if input.only_attached == Some(true) {
        return Err(Fault::validation("OnlyAttached is true: this server does not count attachments"));
    }
    if input.policy_usage_filter.as_deref() == Some("PermissionsBoundary") {
        let message = "PolicyUsageFilter is PermissionsBoundary: this server does not count boundaries";
        return Err(Fault::validation(message));
    }
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let scope = input.scope.unwrap_or_else(|| "All".to_owned());
    let pages = PageScope::new("ListPolicies", &[&prefix, &scope]);
    let page =
        pages.request(input.max_items.map(|max| max.min(1_000)), input.marker.as_deref(), PAGE_DEFAULT)?;
    let mut found = managed_policies::list(&cx, &prefix, &page)?;
    // Accounts have no policies of their own.
    if scope == "Local" {
        found = Page { items: Vec::new(), next: None };
    }
    let marker = found.next.as_deref().map(|key| pages.encode(key));
    Ok(ListPoliciesResponse {
        policies: Some(found.items.iter().map(shape).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}
