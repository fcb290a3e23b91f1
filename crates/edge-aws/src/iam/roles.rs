//! GetRole, ListRoles, CreateRole, UpdateRole and its like, permissions boundaries and tags of roles.

use accounts::roles::{self, NewRole};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use policy::require::Action;
use wire::generated::iam::shapes::{
    CreateRoleRequest, CreateRoleResponse, DeleteRolePermissionsBoundaryRequest, DeleteRoleRequest,
    GetRoleRequest, GetRoleResponse, ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse,
    ListRoleTagsRequest, ListRoleTagsResponse, ListRolesRequest, ListRolesResponse,
    PutRolePermissionsBoundaryRequest, Role, TagRoleRequest, UntagRoleRequest, UpdateAssumeRolePolicyRequest,
    UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse, UpdateRoleRequest, UpdateRoleResponse,
};
use wire::operation::Nothing;
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::iam::words::{boundary, encoded, given, limit, tags};

fn shape(role: model::accounts::role::Role, of_role: Tags) -> Role {
    Role {
        arn: role.arn(),
        path: role.path,
        role_name: role.name.into(),
        role_id: role.role_id,
        create_date: EpochSeconds(role.created_at.epoch_seconds()),
        assume_role_policy_document: Some(encoded(&role.trust_policy.to_string())),
        description: role.description,
        max_session_duration: Some(role.max_session_seconds),
        permissions_boundary: role.permissions_boundary.map(boundary),
        tags: (!of_role.is_empty()).then(|| tags(of_role)),
        role_last_used: None,
        source_role_template: None,
        max_signin_session_duration: None,
    }
}

/// Sessions of the console by a role itself, which there are none of here.
fn no_signin_sessions(max: Option<i64>, reset: Option<bool>) -> Result<(), Fault> {
    let name = match (max, reset) {
        (Some(_), _) => "MaxSigninSessionDuration",
        (None, Some(_)) => "ResetMaxSigninSessionDuration",
        (None, None) => return Ok(()),
    };
    Err(Fault::validation(format!("{name} is not supported by this server: leave it out")))
}

pub(crate) async fn get(app: App, cx: Cx, input: GetRoleRequest) -> Result<GetRoleResponse, Fault> {
    let (role, tags) = roles::get_tagged(&app.store, &cx, Action("iam:GetRole"), &input.role_name)?;
    Ok(GetRoleResponse { role: shape(role, tags) })
}

pub(crate) async fn list(app: App, cx: Cx, input: ListRolesRequest) -> Result<ListRolesResponse, Fault> {
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let scope = PageScope::new("ListRoles", &[&prefix]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let found = roles::list(&app.store, &cx, &prefix, &page)?;
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListRolesResponse {
        roles: found.items.into_iter().map(|role| shape(role, Tags::new())).collect(),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn create(app: App, cx: Cx, input: CreateRoleRequest) -> Result<CreateRoleResponse, Fault> {
    no_signin_sessions(input.max_signin_session_duration, None)?;
    let new = NewRole {
        name: input.role_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        trust_policy: input.assume_role_policy_document,
        description: input.description,
        max_session_seconds: input.max_session_duration,
        permissions_boundary: input.permissions_boundary,
        tags: given(input.tags.unwrap_or_default()),
    };
    let (role, tags) = roles::create(&app.store, &cx, new).await?;
    Ok(CreateRoleResponse { role: shape(role, tags) })
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeleteRoleRequest) -> Result<Nothing, Fault> {
    roles::delete(&app.store, &cx, &input.role_name).await?;
    Ok(Nothing {})
}

pub(crate) async fn update(app: App, cx: Cx, input: UpdateRoleRequest) -> Result<UpdateRoleResponse, Fault> {
    no_signin_sessions(input.max_signin_session_duration, input.reset_max_signin_session_duration)?;
    let change = (input.description, input.max_session_duration);
    roles::update(&app.store, &cx, &input.role_name, change).await?;
    Ok(UpdateRoleResponse {})
}

pub(crate) async fn set_description(
    app: App,
    cx: Cx,
    input: UpdateRoleDescriptionRequest,
) -> Result<UpdateRoleDescriptionResponse, Fault> {
    let role = roles::set_description(&app.store, &cx, &input.role_name, input.description).await?;
    Ok(UpdateRoleDescriptionResponse { role: Some(shape(role, Tags::new())) })
}

pub(crate) async fn set_trust(
    app: App,
    cx: Cx,
    input: UpdateAssumeRolePolicyRequest,
) -> Result<Nothing, Fault> {
    roles::set_trust(&app.store, &cx, &input.role_name, &input.policy_document).await?;
    Ok(Nothing {})
}

pub(crate) async fn put_boundary(
    app: App,
    cx: Cx,
    input: PutRolePermissionsBoundaryRequest,
) -> Result<Nothing, Fault> {
    roles::put_boundary(&app.store, &cx, &input.role_name, input.permissions_boundary).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete_boundary(
    app: App,
    cx: Cx,
    input: DeleteRolePermissionsBoundaryRequest,
) -> Result<Nothing, Fault> {
    roles::delete_boundary(&app.store, &cx, &input.role_name).await?;
    Ok(Nothing {})
}

pub(crate) async fn tag(app: App, cx: Cx, input: TagRoleRequest) -> Result<Nothing, Fault> {
    roles::tag(&app.store, &cx, &input.role_name, given(input.tags)).await?;
    Ok(Nothing {})
}

pub(crate) async fn untag(app: App, cx: Cx, input: UntagRoleRequest) -> Result<Nothing, Fault> {
    roles::untag(&app.store, &cx, &input.role_name, input.tag_keys).await?;
    Ok(Nothing {})
}

pub(crate) async fn list_tags(
    app: App,
    cx: Cx,
    input: ListRoleTagsRequest,
) -> Result<ListRoleTagsResponse, Fault> {
    let scope = PageScope::new("ListRoleTags", &[&input.role_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let (_, of_role) = roles::get_tagged(&app.store, &cx, Action("iam:ListRoleTags"), &input.role_name)?;
    let found = page.page_of(tags(of_role), |tag| tag.key.clone());
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListRoleTagsResponse { tags: found.items, is_truncated: Some(marker.is_some()), marker })
}

/// There are no instance profiles: Terraform asks for them before it deletes a role.
pub(crate) async fn list_instance_profiles(
    app: App,
    cx: Cx,
    input: ListInstanceProfilesForRoleRequest,
) -> Result<ListInstanceProfilesForRoleResponse, Fault> {
    let scope = PageScope::new("ListInstanceProfilesForRole", &[&input.role_name]);
    scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    roles::get(&app.store, &cx, Action("iam:ListInstanceProfilesForRole"), &input.role_name)?;
    Ok(ListInstanceProfilesForRoleResponse {
        instance_profiles: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}
