//! CreateUser, GetUser, ListUsers and their like, permissions boundaries, tags and groups of users.

use accounts::users::{self, NewUser};
use model::accounts::service_user::ServiceUser;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use policy::require::Action;
use wire::generated::iam::shapes::{
    CreateUserRequest, CreateUserResponse, DeleteUserPermissionsBoundaryRequest, DeleteUserRequest,
    GetUserRequest, GetUserResponse, ListGroupsForUserRequest, ListGroupsForUserResponse,
    ListUserTagsRequest, ListUserTagsResponse, ListUsersRequest, ListUsersResponse,
    PutUserPermissionsBoundaryRequest, TagUserRequest, UntagUserRequest, UpdateUserRequest, User,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{boundary, date, given, group, limit, tags};

pub(crate) fn shape(user: ServiceUser, of_user: Tags) -> User {
    User {
        arn: user.arn(),
        path: user.path,
        user_name: user.name.into(),
        user_id: user.id,
        create_date: date(user.created_at),
        password_last_used: None,
        permissions_boundary: user.permissions_boundary.map(boundary),
        tags: (!of_user.is_empty()).then(|| tags(of_user)),
    }
}

pub(crate) async fn create(app: App, cx: Cx, input: CreateUserRequest) -> Result<CreateUserResponse, Fault> {
    let new = NewUser {
        name: input.user_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        permissions_boundary: input.permissions_boundary,
        tags: given(input.tags.unwrap_or_default()),
    };
    let (user, tags) = users::create(&app.store, &cx, new).await?;
    Ok(CreateUserResponse { user: Some(shape(user, tags)) })
}

pub(crate) async fn get(app: App, cx: Cx, input: GetUserRequest) -> Result<GetUserResponse, Fault> {
    let (user, tags) = users::get(&app.store, &cx, Action("iam:GetUser"), input.user_name.as_deref())?;
    Ok(GetUserResponse { user: shape(user, tags) })
}

pub(crate) async fn list(app: App, cx: Cx, input: ListUsersRequest) -> Result<ListUsersResponse, Fault> {
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let scope = PageScope::new("ListUsers", &[&prefix]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let found = users::list(&app.store, &cx, &prefix, &page)?;
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    // As at AWS, the list says nothing of boundaries and tags.
    let shown = |user| User { permissions_boundary: None, ..shape(user, Tags::new()) };
    Ok(ListUsersResponse {
        users: found.items.into_iter().map(shown).collect(),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn update(app: App, cx: Cx, input: UpdateUserRequest) -> Result<Nothing, Fault> {
    let change = (input.new_user_name, input.new_path);
    users::update(&app.store, &cx, &input.user_name, change).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeleteUserRequest) -> Result<Nothing, Fault> {
    users::delete(&app.store, &cx, &input.user_name).await?;
    Ok(Nothing {})
}

pub(crate) async fn put_boundary(
    app: App,
    cx: Cx,
    input: PutUserPermissionsBoundaryRequest,
) -> Result<Nothing, Fault> {
    users::put_boundary(&app.store, &cx, &input.user_name, input.permissions_boundary).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete_boundary(
    app: App,
    cx: Cx,
    input: DeleteUserPermissionsBoundaryRequest,
) -> Result<Nothing, Fault> {
    users::delete_boundary(&app.store, &cx, &input.user_name).await?;
    Ok(Nothing {})
}

pub(crate) async fn tag(app: App, cx: Cx, input: TagUserRequest) -> Result<Nothing, Fault> {
    users::tag(&app.store, &cx, &input.user_name, given(input.tags)).await?;
    Ok(Nothing {})
}

pub(crate) async fn untag(app: App, cx: Cx, input: UntagUserRequest) -> Result<Nothing, Fault> {
    users::untag(&app.store, &cx, &input.user_name, input.tag_keys).await?;
    Ok(Nothing {})
}

pub(crate) async fn list_tags(
    app: App,
    cx: Cx,
    input: ListUserTagsRequest,
) -> Result<ListUserTagsResponse, Fault> {
    let scope = PageScope::new("ListUserTags", &[&input.user_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let (_, of_user) = users::get(&app.store, &cx, Action("iam:ListUserTags"), Some(&input.user_name))?;
    let found = page.page_of(tags(of_user), |tag| tag.key.clone());
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListUserTagsResponse { tags: found.items, is_truncated: Some(marker.is_some()), marker })
}

pub(crate) async fn list_groups(
    app: App,
    cx: Cx,
    input: ListGroupsForUserRequest,
) -> Result<ListGroupsForUserResponse, Fault> {
    let scope = PageScope::new("ListGroupsForUser", &[&input.user_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let groups = users::groups(&app.store, &cx, &input.user_name)?;
    let found = page.page_of(groups, store::accounts::iam_groups::key);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListGroupsForUserResponse {
        groups: found.items.into_iter().map(group).collect(),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}
