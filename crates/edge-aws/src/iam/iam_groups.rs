//! CreateGroup, GetGroup, ListGroups and their like, and who is in groups.

use accounts::iam_groups;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::iam::shapes::{
    AddUserToGroupRequest, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest, GetGroupRequest,
    GetGroupResponse, ListGroupsRequest, ListGroupsResponse, RemoveUserFromGroupRequest, UpdateGroupRequest,
    User,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::users;
use crate::iam::words::{group, limit};

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateGroupRequest,
) -> Result<CreateGroupResponse, Fault> {
    let path = input.path.unwrap_or_else(|| "/".to_owned());
    let made = iam_groups::create(&app.store, &cx, input.group_name, path).await?;
    Ok(CreateGroupResponse { group: group(made) })
}

pub(crate) async fn get(app: App, cx: Cx, input: GetGroupRequest) -> Result<GetGroupResponse, Fault> {
    let scope = PageScope::new("GetGroup", &[&input.group_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let (of, members) = iam_groups::with_users(&app.store, &cx, &input.group_name)?;
    let found = page.page_of(members, store::accounts::service_users::key);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    let shown = |user| User { permissions_boundary: None, ..users::shape(user, Tags::new()) };
    Ok(GetGroupResponse {
        group: group(of),
        users: found.items.into_iter().map(shown).collect(),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn list(app: App, cx: Cx, input: ListGroupsRequest) -> Result<ListGroupsResponse, Fault> {
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let scope = PageScope::new("ListGroups", &[&prefix]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let found = iam_groups::list(&app.store, &cx, &prefix, &page)?;
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListGroupsResponse {
        groups: found.items.into_iter().map(group).collect(),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn update(app: App, cx: Cx, input: UpdateGroupRequest) -> Result<Nothing, Fault> {
    let change = (input.new_group_name, input.new_path);
    iam_groups::update(&app.store, &cx, &input.group_name, change).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeleteGroupRequest) -> Result<Nothing, Fault> {
    iam_groups::delete(&app.store, &cx, &input.group_name).await?;
    Ok(Nothing {})
}

pub(crate) async fn add_user(app: App, cx: Cx, input: AddUserToGroupRequest) -> Result<Nothing, Fault> {
    iam_groups::add_user(&app.store, &cx, &input.group_name, input.user_name).await?;
    Ok(Nothing {})
}

pub(crate) async fn remove_user(
    app: App,
    cx: Cx,
    input: RemoveUserFromGroupRequest,
) -> Result<Nothing, Fault> {
    iam_groups::remove_user(&app.store, &cx, &input.group_name, input.user_name).await?;
    Ok(Nothing {})
}
