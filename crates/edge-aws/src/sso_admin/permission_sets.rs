//! CreatePermissionSet, DescribePermissionSet, ListPermissionSets, UpdatePermissionSet, DeletePermissionSet.

use accounts::permission_sets::{self, NewPermissionSet, PermissionSetPatch};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    CreatePermissionSetRequest, CreatePermissionSetResponse, DeletePermissionSetRequest,
    DeletePermissionSetResponse, DescribePermissionSetRequest, DescribePermissionSetResponse,
    ListPermissionSetsRequest, ListPermissionSetsResponse, PermissionSet, UpdatePermissionSetRequest,
    UpdatePermissionSetResponse,
};

use crate::app::App;
use crate::sso_admin::{ids, tags};

fn shape(set: model::accounts::permission_set::PermissionSet) -> PermissionSet {
    PermissionSet {
        permission_set_arn: Some(set.arn().to_string()),
        name: Some(set.name),
        description: set.description,
        created_date: Some(ids::seconds(set.created_at)),
        session_duration: Some(set.session_duration.as_str().to_owned()),
        relay_state: set.relay_state,
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreatePermissionSetRequest,
) -> Result<CreatePermissionSetResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let new = NewPermissionSet {
        id: None,
        name: input.name,
        description: input.description,
        session_duration: input.session_duration,
        relay_state: input.relay_state,
        tags: tags::read(input.tags.unwrap_or_default())?,
    };
    let set = permission_sets::create(&app.store, &cx, &instance, new).await?;
    Ok(CreatePermissionSetResponse { permission_set: Some(shape(set)) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribePermissionSetRequest,
) -> Result<DescribePermissionSetResponse, Fault> {
    let (instance, arn) =
        (ids::instance(&cx, &input.instance_arn)?, ids::permission_set(&input.permission_set_arn)?);
    let set = permission_sets::describe(&app.store, &cx, &instance, &arn)?;
    Ok(DescribePermissionSetResponse { permission_set: Some(shape(set)) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListPermissionSetsRequest,
) -> Result<ListPermissionSetsResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let scope = PageScope::new("ListPermissionSets", &[&input.instance_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = permission_sets::list(&app.store, &cx, &instance, &page)?;
    Ok(ListPermissionSetsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        permission_sets: Some(found.items.iter().map(|set| set.arn().to_string()).collect()),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdatePermissionSetRequest,
) -> Result<UpdatePermissionSetResponse, Fault> {
    let (instance, arn) =
        (ids::instance(&cx, &input.instance_arn)?, ids::permission_set(&input.permission_set_arn)?);
    let patch = PermissionSetPatch {
        description: input.description,
        session_duration: input.session_duration,
        relay_state: input.relay_state,
    };
    permission_sets::update(&app.store, &cx, &instance, &arn, patch).await?;
    Ok(UpdatePermissionSetResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeletePermissionSetRequest,
) -> Result<DeletePermissionSetResponse, Fault> {
    let (instance, arn) =
        (ids::instance(&cx, &input.instance_arn)?, ids::permission_set(&input.permission_set_arn)?);
    permission_sets::delete(&app.store, &cx, &instance, &arn).await?;
    Ok(DeletePermissionSetResponse {})
}
