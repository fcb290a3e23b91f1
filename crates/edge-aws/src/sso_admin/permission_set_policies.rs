//! The twelve operations on the policies of permission sets.

use accounts::permission_set_policies::{self as policies, Target};
use model::accounts::permission_set::{
    CustomerManagedPolicyReference as Reference, PermissionsBoundary as Boundary,
};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    AttachCustomerManagedPolicyReferenceToPermissionSetRequest,
    AttachCustomerManagedPolicyReferenceToPermissionSetResponse, AttachManagedPolicyToPermissionSetRequest,
    AttachManagedPolicyToPermissionSetResponse, AttachedManagedPolicy, CustomerManagedPolicyReference,
    DeleteInlinePolicyFromPermissionSetRequest, DeleteInlinePolicyFromPermissionSetResponse,
    DeletePermissionsBoundaryFromPermissionSetRequest, DeletePermissionsBoundaryFromPermissionSetResponse,
    DetachCustomerManagedPolicyReferenceFromPermissionSetRequest,
    DetachCustomerManagedPolicyReferenceFromPermissionSetResponse,
    DetachManagedPolicyFromPermissionSetRequest, DetachManagedPolicyFromPermissionSetResponse,
    GetInlinePolicyForPermissionSetRequest, GetInlinePolicyForPermissionSetResponse,
    GetPermissionsBoundaryForPermissionSetRequest, GetPermissionsBoundaryForPermissionSetResponse,
    ListCustomerManagedPolicyReferencesInPermissionSetRequest,
    ListCustomerManagedPolicyReferencesInPermissionSetResponse, ListManagedPoliciesInPermissionSetRequest,
    ListManagedPoliciesInPermissionSetResponse, PermissionsBoundary, PutInlinePolicyToPermissionSetRequest,
    PutInlinePolicyToPermissionSetResponse, PutPermissionsBoundaryToPermissionSetRequest,
    PutPermissionsBoundaryToPermissionSetResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn target(cx: &Cx, instance: &str, set: &str) -> Result<Target, Fault> {
    Ok(Target { instance: ids::instance(cx, instance)?, arn: ids::permission_set(set)? })
}

fn reference(input: CustomerManagedPolicyReference) -> Reference {
    Reference { name: input.name, path: input.path.unwrap_or_else(|| "/".to_owned()) }
}

pub(crate) async fn attach_managed(
    app: App,
    cx: Cx,
    input: AttachManagedPolicyToPermissionSetRequest,
) -> Result<AttachManagedPolicyToPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    policies::attach_managed(&app.store, &cx, &target, input.managed_policy_arn).await?;
    Ok(AttachManagedPolicyToPermissionSetResponse {})
}

pub(crate) async fn detach_managed(
    app: App,
    cx: Cx,
    input: DetachManagedPolicyFromPermissionSetRequest,
) -> Result<DetachManagedPolicyFromPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    policies::detach_managed(&app.store, &cx, &target, input.managed_policy_arn).await?;
    Ok(DetachManagedPolicyFromPermissionSetResponse {})
}

pub(crate) async fn list_managed(
    app: App,
    cx: Cx,
    input: ListManagedPoliciesInPermissionSetRequest,
) -> Result<ListManagedPoliciesInPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    let scope = PageScope::new("ListManagedPoliciesInPermissionSet", &[&input.permission_set_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = policies::list_managed(&app.store, &cx, &target, &page)?;
    let attached = |arn: String| AttachedManagedPolicy {
        name: Some(policy::managed::name(&arn).to_owned()),
        arn: Some(arn),
    };
    Ok(ListManagedPoliciesInPermissionSetResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        attached_managed_policies: Some(found.items.into_iter().map(attached).collect()),
    })
}

pub(crate) async fn attach_customer(
    app: App,
    cx: Cx,
    input: AttachCustomerManagedPolicyReferenceToPermissionSetRequest,
) -> Result<AttachCustomerManagedPolicyReferenceToPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    policies::attach_customer(&app.store, &cx, &target, reference(input.customer_managed_policy_reference))
        .await?;
    Ok(AttachCustomerManagedPolicyReferenceToPermissionSetResponse {})
}

pub(crate) async fn detach_customer(
    app: App,
    cx: Cx,
    input: DetachCustomerManagedPolicyReferenceFromPermissionSetRequest,
) -> Result<DetachCustomerManagedPolicyReferenceFromPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    policies::detach_customer(&app.store, &cx, &target, reference(input.customer_managed_policy_reference))
        .await?;
    Ok(DetachCustomerManagedPolicyReferenceFromPermissionSetResponse {})
}

pub(crate) async fn list_customer(
    app: App,
    cx: Cx,
    input: ListCustomerManagedPolicyReferencesInPermissionSetRequest,
) -> Result<ListCustomerManagedPolicyReferencesInPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    let scope =
        PageScope::new("ListCustomerManagedPolicyReferencesInPermissionSet", &[&input.permission_set_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = policies::list_customer(&app.store, &cx, &target, &page)?;
    let shape =
        |policy: Reference| CustomerManagedPolicyReference { name: policy.name, path: Some(policy.path) };
    Ok(ListCustomerManagedPolicyReferencesInPermissionSetResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        customer_managed_policy_references: Some(found.items.into_iter().map(shape).collect()),
    })
}

pub(crate) async fn put_inline(
    app: App,
    cx: Cx,
    input: PutInlinePolicyToPermissionSetRequest,
) -> Result<PutInlinePolicyToPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    policies::put_inline(&app.store, &cx, &target, input.inline_policy).await?;
    Ok(PutInlinePolicyToPermissionSetResponse {})
}

pub(crate) async fn get_inline(
    app: App,
    cx: Cx,
    input: GetInlinePolicyForPermissionSetRequest,
) -> Result<GetInlinePolicyForPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    Ok(GetInlinePolicyForPermissionSetResponse {
        inline_policy: Some(policies::get_inline(&app.store, &cx, &target)?),
    })
}

pub(crate) async fn delete_inline(
    app: App,
    cx: Cx,
    input: DeleteInlinePolicyFromPermissionSetRequest,
) -> Result<DeleteInlinePolicyFromPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    policies::delete_inline(&app.store, &cx, &target).await?;
    Ok(DeleteInlinePolicyFromPermissionSetResponse {})
}

pub(crate) async fn put_boundary(
    app: App,
    cx: Cx,
    input: PutPermissionsBoundaryToPermissionSetRequest,
) -> Result<PutPermissionsBoundaryToPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    let wanted = input.permissions_boundary;
    let boundary = match (wanted.managed_policy_arn, wanted.customer_managed_policy_reference) {
        (Some(arn), None) => Boundary::ManagedPolicyArn(arn),
        (None, Some(policy)) => Boundary::CustomerManaged(reference(policy)),
        _ => {
            let message =
                "PermissionsBoundary must hold either CustomerManagedPolicyReference or ManagedPolicyArn";
            return Err(Fault::validation(message));
        }
    };
    policies::put_boundary(&app.store, &cx, &target, boundary).await?;
    Ok(PutPermissionsBoundaryToPermissionSetResponse {})
}

pub(crate) async fn get_boundary(
    app: App,
    cx: Cx,
    input: GetPermissionsBoundaryForPermissionSetRequest,
) -> Result<GetPermissionsBoundaryForPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    let boundary = match policies::get_boundary(&app.store, &cx, &target)? {
        Boundary::ManagedPolicyArn(arn) => {
            PermissionsBoundary { customer_managed_policy_reference: None, managed_policy_arn: Some(arn) }
        }
        Boundary::CustomerManaged(policy) => PermissionsBoundary {
            customer_managed_policy_reference: Some(CustomerManagedPolicyReference {
                name: policy.name,
                path: Some(policy.path),
            }),
            managed_policy_arn: None,
        },
    };
    Ok(GetPermissionsBoundaryForPermissionSetResponse { permissions_boundary: Some(boundary) })
}

pub(crate) async fn delete_boundary(
    app: App,
    cx: Cx,
    input: DeletePermissionsBoundaryFromPermissionSetRequest,
) -> Result<DeletePermissionsBoundaryFromPermissionSetResponse, Fault> {
    let target = target(&cx, &input.instance_arn, &input.permission_set_arn)?;
    policies::delete_boundary(&app.store, &cx, &target).await?;
    Ok(DeletePermissionsBoundaryFromPermissionSetResponse {})
}
