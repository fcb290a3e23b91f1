//! CreateGroup, DescribeGroup, ListGroups, UpdateGroup, DeleteGroup, GetGroupId.

use directory::attribute_path::require_group_key;
use directory::groups::{self, GroupKey};
use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::identitystore::shapes::{
    self, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest, DeleteGroupResponse,
    DescribeGroupRequest, DescribeGroupResponse, GetGroupIdRequest, GetGroupIdResponse, ListGroupsRequest,
    ListGroupsResponse, UpdateGroupRequest, UpdateGroupResponse,
};

use crate::app::App;
use crate::identitystore::ids;

/// A group as `DescribeGroupResponse` or `Group`: two shapes with the same members.
macro_rules! shape {
    ($shape:ident, $group:expr) => {{
        let group: Group = $group;
        shapes::$shape {
            identity_store_id: group.identity_store_id.into(),
            group_arn: group.id.arn(),
            group_id: group.id.into(),
            revision: group.revision.to_string(),
            display_name: Some(group.display_name),
            external_ids: ids::external_ids(group.external_ids),
            description: group.description,
            created_at: Some(ids::seconds(group.created_at)),
            updated_at: Some(ids::seconds(group.updated_at)),
            created_by: Some(group.created_by),
            updated_by: Some(group.updated_by),
        }
    }};
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateGroupRequest,
) -> Result<CreateGroupResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let name = input.display_name.unwrap_or_default();
    let group = groups::create(&app.store, &cx, &at, &name, input.description).await?;
    Ok(CreateGroupResponse {
        identity_store_id: group.identity_store_id.into(),
        group_arn: group.id.arn(),
        group_id: group.id.into(),
        revision: group.revision.to_string(),
    })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeGroupRequest,
) -> Result<DescribeGroupResponse, Fault> {
    let (at, id) =
        (ids::identity_store(&input.identity_store_id)?, GroupId::from_reference(&input.group_id)?);
    Ok(shape!(DescribeGroupResponse, groups::describe(&app.store, &cx, &at, &id)?))
}

pub(crate) async fn list(app: App, cx: Cx, input: ListGroupsRequest) -> Result<ListGroupsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let filter = input.filters.unwrap_or_default().into_iter().next();
    if let Some(filter) = &filter {
        require_group_key(&filter.attribute_path)?;
    }
    let name = filter.as_ref().map(|filter| filter.attribute_value.as_str());
    let scope = PageScope::new("ListGroups", &[at.id().as_str(), name.unwrap_or_default()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = groups::list(&app.store, &cx, &at, name, &page)?;
    Ok(ListGroupsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        groups: found.items.into_iter().map(|group| shape!(Group, group)).collect(),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateGroupRequest,
) -> Result<UpdateGroupResponse, Fault> {
    let (at, id) =
        (ids::identity_store(&input.identity_store_id)?, GroupId::from_reference(&input.group_id)?);
    let change = ids::update(input.operations, input.revision);
    let group = groups::update(&app.store, &cx, &at, &id, change).await?;
    Ok(UpdateGroupResponse {
        identity_store_id: group.identity_store_id.into(),
        group_arn: group.id.arn(),
        group_id: group.id.into(),
        revision: group.revision.to_string(),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteGroupRequest,
) -> Result<DeleteGroupResponse, Fault> {
    let (at, id) =
        (ids::identity_store(&input.identity_store_id)?, GroupId::from_reference(&input.group_id)?);
    groups::delete(&app.store, &cx, &at, &id, input.revision).await?;
    Ok(DeleteGroupResponse {})
}

pub(crate) async fn get_id(app: App, cx: Cx, input: GetGroupIdRequest) -> Result<GetGroupIdResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let id = groups::get_id(&app.store, &cx, &at, &key(input.alternate_identifier)?)?;
    Ok(GetGroupIdResponse {
        identity_store_id: at.id().to_string(),
        group_arn: id.arn(),
        group_id: id.into(),
    })
}

fn key(identifier: shapes::AlternateIdentifier) -> Result<GroupKey, Fault> {
    match (identifier.external_id, identifier.unique_attribute) {
        (Some(external), None) => Ok(GroupKey::ExternalId(ids::external_id(external))),
        (None, Some(unique)) => {
            require_group_key(&unique.attribute_path)?;
            Ok(GroupKey::DisplayName(ids::unique_text(&unique)?))
        }
        _ => Err(Fault::validation(
            "AlternateIdentifier must hold exactly one of ExternalId and UniqueAttribute",
        )),
    }
}
