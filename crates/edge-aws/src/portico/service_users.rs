//! Service users and their policies.

use accounts::service_users;
use model::accounts::service_user::{ServiceUser, ServiceUserName};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::portico::shapes::{
    self, AttachManagedPolicyToServiceUserRequest, AttachManagedPolicyToServiceUserResponse,
    CreateServiceUserRequest, CreateServiceUserResponse, DeleteInlinePolicyFromServiceUserRequest,
    DeleteInlinePolicyFromServiceUserResponse, DeleteServiceUserRequest, DeleteServiceUserResponse,
    DescribeServiceUserRequest, DescribeServiceUserResponse, DetachManagedPolicyFromServiceUserRequest,
    DetachManagedPolicyFromServiceUserResponse, ListServiceUsersRequest, ListServiceUsersResponse,
    PutInlinePolicyToServiceUserRequest, PutInlinePolicyToServiceUserResponse,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::portico::access_keys;
use crate::sso_admin::ids::instance;

fn shape(user: ServiceUser) -> shapes::ServiceUser {
    shapes::ServiceUser {
        arn: user.arn(),
        inline_policy: user.service_policy().cloned(),
        user_name: user.name.into(),
        service_user_id: user.id,
        description: user.description,
        managed_policies: Some(user.managed_policies),
        created_at: ids::seconds(user.created_at),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListServiceUsersRequest,
) -> Result<ListServiceUsersResponse, Fault> {
    let at = instance(&cx, &input.instance_arn)?;
    let scope = PageScope::new("ListServiceUsers", &[at.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = service_users::list(&app.store, &cx, &at, &page)?;
    Ok(ListServiceUsersResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        service_users: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateServiceUserRequest,
) -> Result<CreateServiceUserResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, ServiceUserName::parse(&input.user_name)?);
    let user = service_users::create(&app.store, &cx, &at, name, input.description).await?;
    Ok(CreateServiceUserResponse { service_user: shape(user) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeServiceUserRequest,
) -> Result<DescribeServiceUserResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, ServiceUserName::parse(&input.user_name)?);
    let (user, keys) = service_users::describe(&app.store, &cx, (&at, &name))?;
    let access_keys = keys.into_iter().map(access_keys::shape).collect();
    Ok(DescribeServiceUserResponse { service_user: shape(user), access_keys })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteServiceUserRequest,
) -> Result<DeleteServiceUserResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, ServiceUserName::parse(&input.user_name)?);
    service_users::delete(&app.store, &cx, (&at, &name)).await?;
    Ok(DeleteServiceUserResponse {})
}

pub(crate) async fn attach(
    app: App,
    cx: Cx,
    input: AttachManagedPolicyToServiceUserRequest,
) -> Result<AttachManagedPolicyToServiceUserResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, ServiceUserName::parse(&input.user_name)?);
    service_users::attach(&app.store, &cx, (&at, &name), input.managed_policy_arn).await?;
    Ok(AttachManagedPolicyToServiceUserResponse {})
}

pub(crate) async fn detach(
    app: App,
    cx: Cx,
    input: DetachManagedPolicyFromServiceUserRequest,
) -> Result<DetachManagedPolicyFromServiceUserResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, ServiceUserName::parse(&input.user_name)?);
    service_users::detach(&app.store, &cx, (&at, &name), input.managed_policy_arn).await?;
    Ok(DetachManagedPolicyFromServiceUserResponse {})
}

pub(crate) async fn put_inline(
    app: App,
    cx: Cx,
    input: PutInlinePolicyToServiceUserRequest,
) -> Result<PutInlinePolicyToServiceUserResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, ServiceUserName::parse(&input.user_name)?);
    service_users::set_inline(&app.store, &cx, (&at, &name), Some(input.inline_policy)).await?;
    Ok(PutInlinePolicyToServiceUserResponse {})
}

pub(crate) async fn delete_inline(
    app: App,
    cx: Cx,
    input: DeleteInlinePolicyFromServiceUserRequest,
) -> Result<DeleteInlinePolicyFromServiceUserResponse, Fault> {
    let (at, name) = (instance(&cx, &input.instance_arn)?, ServiceUserName::parse(&input.user_name)?);
    service_users::set_inline(&app.store, &cx, (&at, &name), None).await?;
    Ok(DeleteInlinePolicyFromServiceUserResponse {})
}
