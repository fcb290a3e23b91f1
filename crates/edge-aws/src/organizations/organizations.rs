//! DescribeOrganization and the tree: one root, units within one another, accounts in them.

use accounts::organizations::{self, Children};
use accounts::policy_attachments;
use model::accounts::service_control_policy::SERVICE_CONTROL_POLICY;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::ORGANIZATIONS_PAGE_MAX;
use model::page::PageScope;
use policy::require::Action;
use wire::generated::organizations::shapes::{
    Child, DescribeOrganizationResponse, EnabledServicePrincipal, ListAWSServiceAccessForOrganizationRequest,
    ListAWSServiceAccessForOrganizationResponse, ListChildrenRequest, ListChildrenResponse,
    ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse, ListParentsRequest,
    ListParentsResponse, ListRootsRequest, ListRootsResponse, Organization, Parent, PolicyTypeSummary, Root,
};
use wire::operation::Nothing;
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::organizations::organizational_units;
use crate::organizations::pages::{limit, refuse_token};

/// The policy types that are enabled.
fn policy_types(is_enabled: bool) -> Vec<PolicyTypeSummary> {
    let summary = || PolicyTypeSummary {
        r#type: Some(SERVICE_CONTROL_POLICY.to_owned()),
        status: Some("ENABLED".to_owned()),
    };
    is_enabled.then(summary).into_iter().collect()
}

/// The root as answers have it.
pub(crate) fn root(organization: &model::accounts::organization::Organization, is_enabled: bool) -> Root {
    Root {
        arn: Some(organization.root_arn()),
        id: Some(organization.root_id.clone()),
        name: Some("Root".to_owned()),
        policy_types: Some(policy_types(is_enabled)),
    }
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    _input: Nothing,
) -> Result<DescribeOrganizationResponse, Fault> {
    let (organization, email) = organizations::describe(&app.store, &cx)?;
    Ok(DescribeOrganizationResponse {
        organization: Some(Organization {
            arn: Some(organization.arn()),
            feature_set: Some("ALL".to_owned()),
            master_account_arn: Some(organization.account_arn(&organization.management_account_id)),
            master_account_id: Some(organization.management_account_id.to_string()),
            master_account_email: Some(email),
            available_policy_types: Some(policy_types(policy_attachments::is_enabled(&app.store)?)),
            id: Some(organization.id),
        }),
    })
}

pub(crate) async fn list_roots(
    app: App,
    cx: Cx,
    input: ListRootsRequest,
) -> Result<ListRootsResponse, Fault> {
    refuse_token(&PageScope::new("ListRoots", &[]), input.next_token.as_deref())?;
    let organization = organizations::tree(&app.store, &cx, Action("organizations:ListRoots"))?;
    let root = root(&organization, policy_attachments::is_enabled(&app.store)?);
    Ok(ListRootsResponse { roots: Some(vec![root]), next_token: None })
}

pub(crate) async fn list_units(
    app: App,
    cx: Cx,
    input: ListOrganizationalUnitsForParentRequest,
) -> Result<ListOrganizationalUnitsForParentResponse, Fault> {
    let scope = PageScope::new("ListOrganizationalUnitsForParent", &[&input.parent_id]);
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let (found, organization) = organizations::units(&app.store, &cx, &input.parent_id, &page)?;
    let units = found.items.into_iter().map(|unit| organizational_units::shape(unit, &organization));
    Ok(ListOrganizationalUnitsForParentResponse {
        organizational_units: Some(units.collect()),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}

pub(crate) async fn list_parents(
    app: App,
    cx: Cx,
    input: ListParentsRequest,
) -> Result<ListParentsResponse, Fault> {
    refuse_token(&PageScope::new("ListParents", &[&input.child_id]), input.next_token.as_deref())?;
    let found = organizations::parent_of(&app.store, &cx, &input.child_id)?;
    let parent = Parent { r#type: Some(found.kind().to_owned()), id: Some(found.id) };
    Ok(ListParentsResponse { parents: Some(vec![parent]), next_token: None })
}

pub(crate) async fn list_children(
    app: App,
    cx: Cx,
    input: ListChildrenRequest,
) -> Result<ListChildrenResponse, Fault> {
    let scope = PageScope::new("ListChildren", &[&input.parent_id, &input.child_type]);
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let kind = if input.child_type == "ACCOUNT" { Children::Accounts } else { Children::Units };
    let found = organizations::children(&app.store, &cx, (&input.parent_id, kind), &page)?;
    let child = |id| Child { id: Some(id), r#type: Some(input.child_type.clone()) };
    Ok(ListChildrenResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        children: Some(found.items.into_iter().map(child).collect()),
    })
}

pub(crate) async fn list_service_access(
    app: App,
    cx: Cx,
    input: ListAWSServiceAccessForOrganizationRequest,
) -> Result<ListAWSServiceAccessForOrganizationResponse, Fault> {
    let scope = PageScope::new("ListAWSServiceAccessForOrganization", &[]);
    refuse_token(&scope, input.next_token.as_deref())?;
    let services = organizations::trusted_services(&app.store, &cx)?.into_iter();
    let shape = |(name, since): (&str, model::timestamp::Timestamp)| EnabledServicePrincipal {
        service_principal: Some(name.to_owned()),
        date_enabled: Some(EpochSeconds(since.epoch_seconds())),
    };
    Ok(ListAWSServiceAccessForOrganizationResponse {
        enabled_service_principals: Some(services.map(shape).collect()),
        next_token: None,
    })
}
