//! GetPolicy, ListPolicies and who uses them; CreatePolicy, DeletePolicy and tags of the account's own.

use accounts::policies::{self, Managed, NewPolicy, Shown, Usage, User, UsersWanted, Wanted};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use policy::managed;
use wire::generated::iam::shapes::{
    CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest, GetPolicyRequest, GetPolicyResponse,
    ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, ListPoliciesRequest, ListPoliciesResponse,
    ListPolicyTagsRequest, ListPolicyTagsResponse, Policy, PolicyGroup, PolicyRole, PolicyUser,
    TagPolicyRequest, UntagPolicyRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{date, given, limit, tags};

/// What is not known of AWS's policies is left out: the id, the description.
fn shape(shown: Shown) -> Policy {
    let arn = shown.policy.arn();
    let mut shape = Policy {
        policy_name: Some(managed::name(&arn).to_owned()),
        path: Some(managed::path(&arn).to_owned()),
        attachment_count: i64::try_from(shown.attachments).ok(),
        permissions_boundary_usage_count: i64::try_from(shown.boundaries).ok(),
        tags: (!shown.tags.is_empty()).then(|| tags(shown.tags)),
        ..Policy::default()
    };
    match shown.policy {
        Managed::Aws(policy) => {
            shape.default_version_id = Some(policy.version);
            shape.is_attachable = Some(managed::attachable(&arn).is_ok());
            shape.create_date = Some(date(policy.created_at));
            shape.update_date = Some(date(policy.updated_at));
        }
        Managed::Own(policy) => {
            shape.default_version_id = Some(model::accounts::policy::version_id(policy.default_version));
            shape.policy_id = Some(policy.policy_id);
            shape.description = policy.description;
            shape.is_attachable = Some(true);
            shape.create_date = Some(date(policy.created_at));
            shape.update_date = Some(date(policy.updated_at));
        }
    }
    shape.arn = Some(arn);
    shape
}

fn usage(filter: Option<&str>) -> Option<Usage> {
    match filter {
        Some("PermissionsBoundary") => Some(Usage::Boundary),
        Some(_) => Some(Usage::Attached),
        None => None,
    }
}

pub(crate) async fn get(app: App, cx: Cx, input: GetPolicyRequest) -> Result<GetPolicyResponse, Fault> {
    let shown = policies::get(&app.store, &cx, &input.policy_arn)?;
    Ok(GetPolicyResponse { policy: Some(shape(shown)) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, Fault> {
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let scope = input.scope.unwrap_or_else(|| "All".to_owned());
    let attached = (input.only_attached == Some(true)).then_some(Usage::Attached);
    // Unless only attached ones are wanted, a filter of `PermissionsPolicy` leaves all that could be attached: every policy.
    let usage = match usage(input.policy_usage_filter.as_deref()) {
        Some(Usage::Boundary) => Some(Usage::Boundary),
        _ => attached,
    };
    let pages = PageScope::new("ListPolicies", &[&prefix, &scope, &format!("{usage:?}")]);
    let page = pages.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let wanted = Wanted { path_prefix: prefix, aws: scope != "Local", own: scope != "AWS", usage };
    let found = policies::list(&app.store, &cx, &wanted, &page)?;
    let marker = found.next.as_deref().map(|key| pages.encode(key));
    Ok(ListPoliciesResponse {
        policies: Some(found.items.into_iter().map(shape).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn list_entities(
    app: App,
    cx: Cx,
    input: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse, Fault> {
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let filter = input.entity_filter.unwrap_or_default();
    let usages = match usage(input.policy_usage_filter.as_deref()) {
        Some(usage) => vec![usage],
        None => vec![Usage::Attached, Usage::Boundary],
    };
    let selectors = [&input.policy_arn, &prefix, &filter, &format!("{usages:?}")];
    let pages = PageScope::new("ListEntitiesForPolicy", &selectors.map(String::as_str));
    let page = pages.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let wanted = UsersWanted {
        path_prefix: prefix,
        roles: matches!(filter.as_str(), "" | "Role"),
        service_users: matches!(filter.as_str(), "" | "User"),
        groups: matches!(filter.as_str(), "" | "Group"),
        usages,
    };
    let found = policies::list_users(&app.store, &cx, (&input.policy_arn, &wanted), &page)?;
    let marker = found.next.as_deref().map(|key| pages.encode(key));
    let (mut roles, mut users, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for user in found.items {
        match user {
            User::Role(name, id) => roles.push(PolicyRole { role_name: Some(name), role_id: Some(id) }),
            User::ServiceUser(name, id) => {
                users.push(PolicyUser { user_name: Some(name), user_id: Some(id) });
            }
            User::Group(name, id) => {
                groups.push(PolicyGroup { group_name: Some(name), group_id: Some(id) });
            }
        }
    }
    Ok(ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreatePolicyRequest,
) -> Result<CreatePolicyResponse, Fault> {
    let new = NewPolicy {
        name: input.policy_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        document: input.policy_document,
        description: input.description,
        tags: given(input.tags.unwrap_or_default()),
    };
    let shown = policies::create(&app.store, &cx, new).await?;
    Ok(CreatePolicyResponse { policy: Some(shape(shown)) })
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeletePolicyRequest) -> Result<Nothing, Fault> {
    policies::delete(&app.store, &cx, &input.policy_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn tag(app: App, cx: Cx, input: TagPolicyRequest) -> Result<Nothing, Fault> {
    policies::tag(&app.store, &cx, &input.policy_arn, given(input.tags)).await?;
    Ok(Nothing {})
}

pub(crate) async fn untag(app: App, cx: Cx, input: UntagPolicyRequest) -> Result<Nothing, Fault> {
    policies::untag(&app.store, &cx, &input.policy_arn, input.tag_keys).await?;
    Ok(Nothing {})
}

pub(crate) async fn list_tags(
    app: App,
    cx: Cx,
    input: ListPolicyTagsRequest,
) -> Result<ListPolicyTagsResponse, Fault> {
    let pages = PageScope::new("ListPolicyTags", &[&input.policy_arn]);
    let page = pages.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let of_policy = policies::list_tags(&app.store, &cx, &input.policy_arn)?;
    let found = page.page_of(tags(of_policy), |tag| tag.key.clone());
    let marker = found.next.as_deref().map(|key| pages.encode(key));
    Ok(ListPolicyTagsResponse { tags: found.items, is_truncated: Some(marker.is_some()), marker })
}
