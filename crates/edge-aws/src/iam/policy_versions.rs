//! Versions of managed policies.

use accounts::policy_versions::{self, Version};
use model::accounts::policy::version_id;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::iam::shapes::{
    CreatePolicyVersionRequest, CreatePolicyVersionResponse, DeletePolicyVersionRequest,
    GetPolicyVersionRequest, GetPolicyVersionResponse, ListPolicyVersionsRequest, ListPolicyVersionsResponse,
    PolicyVersion, SetDefaultPolicyVersionRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{date, encoded, limit};

/// Lists say nothing of documents.
fn shape(version: &Version) -> PolicyVersion {
    PolicyVersion {
        document: None,
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.is_default),
        create_date: Some(date(version.created_at)),
    }
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, Fault> {
    let version = policy_versions::get(&app.store, &cx, &input.policy_arn, &input.version_id)?;
    let document = Some(encoded(&version.document));
    Ok(GetPolicyVersionResponse { policy_version: Some(PolicyVersion { document, ..shape(&version) }) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse, Fault> {
    let scope = PageScope::new("ListPolicyVersions", &[&input.policy_arn]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let all = policy_versions::list(&app.store, &cx, &input.policy_arn)?;
    // The newest first, and never many: a version's place is how far it is from the last number there can be.
    let place = |version: &Version| format!("{:020}", u64::MAX - version.number.unsigned_abs());
    let found = page.page_of(all, place);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListPolicyVersionsResponse {
        versions: Some(found.items.into_iter().map(|version| shape(&version)).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse, Fault> {
    let new = (input.policy_document, input.set_as_default == Some(true));
    let version = policy_versions::create(&app.store, &cx, &input.policy_arn, new).await?;
    Ok(CreatePolicyVersionResponse { policy_version: Some(shape(&version)) })
}

pub(crate) async fn set_default(
    app: App,
    cx: Cx,
    input: SetDefaultPolicyVersionRequest,
) -> Result<Nothing, Fault> {
    policy_versions::set_default(&app.store, &cx, &input.policy_arn, input.version_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeletePolicyVersionRequest) -> Result<Nothing, Fault> {
    policy_versions::delete(&app.store, &cx, &input.policy_arn, input.version_id).await?;
    Ok(Nothing {})
}
