//! Service control policies of the organization: made, changed, removed and listed. What they are attached to is
//! [`policy_attachments`](crate::policy_attachments)'s. Organizations API reference, "CreatePolicy".

use model::access::Context;
use model::accounts::organization::Organization;
use model::accounts::service_control_policy::{
    SERVICE_CONTROL_POLICY, ServiceControlPolicy, ServiceControlPolicyId,
};
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::instances::tag::Tags;
use model::limits::{SERVICE_CONTROL_POLICIES_MAX, SERVICE_CONTROL_POLICY_CHARACTERS_MAX};
use model::page::{Page, PageRequest};
use policy::document::Document;
use policy::require::{Action, request_tags, require_with};
use policy::resource;
use serde_json::json;
use store::accounts::{policy_attachments, service_control_policies};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::organization::{absent, constraint, guarded, organization};
use crate::organization_tags;

/// What records call a policy.
pub(crate) const KIND: &str = "AWS::Organizations::Policy";

/// A policy that is asked for.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it says: a JSON text.
    pub content: String,
    /// Its type, in the wire's word.
    pub kind: String,
    /// Its tags.
    pub tags: Tags,
}

/// What is to change of a policy.
#[derive(Debug, Clone, Default)]
pub struct PolicyChange {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it says.
    pub content: Option<String>,
}

/// The condition key of a policy's type.
pub(crate) fn of_type(kind: &str) -> Context {
    Context::from([("organizations:PolicyType".to_owned(), vec![kind.to_owned()])])
}

/// Refuses types of which there are no policies here.
pub(crate) fn require_available(kind: &str) -> Result<(), Fault> {
    if kind == SERVICE_CONTROL_POLICY {
        return Ok(());
    }
    let message = format!(
        "Policies of the type {kind} are not available for this organization: the only type is {SERVICE_CONTROL_POLICY}"
    );
    Err(Fault::new(FaultKind::Service("PolicyTypeNotAvailableForOrganizationException"), message))
}

/// The policy, once the caller may do `action` with it.
pub(crate) fn ask(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    id: &ServiceControlPolicyId,
) -> Result<(ServiceControlPolicy, Organization), Fault> {
    let further = of_type(SERVICE_CONTROL_POLICY);
    let organization = guarded(rx, cx, Action(action), id.as_str(), &further)?;
    Ok((existing(rx, id)?, organization))
}

/// The policy of this id.
pub(crate) fn existing(rx: &mut Rx<'_>, id: &ServiceControlPolicyId) -> Result<ServiceControlPolicy, Fault> {
    let found = service_control_policies::find(rx, id)?;
    found.ok_or_else(|| absent("PolicyNotFoundException", "a policy"))
}

/// The policy to change or to remove: not AWS's.
fn own(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    id: &ServiceControlPolicyId,
) -> Result<(ServiceControlPolicy, Organization), Fault> {
    let found = ask(rx, cx, action, id)?;
    if id.is_aws_managed() {
        let message = format!("The policy {id} is managed by AWS and cannot be changed or deleted");
        return Err(Fault::validation(message).with_reason("IMMUTABLE_POLICY"));
    }
    Ok(found)
}

/// Refuses a text that is too long, or no policy.
fn check_content(content: &str) -> Result<(), Fault> {
    let length = content.chars().count();
    if length > SERVICE_CONTROL_POLICY_CHARACTERS_MAX {
        let message = format!(
            "Content has {length} characters, a service control policy may have {SERVICE_CONTROL_POLICY_CHARACTERS_MAX}"
        );
        return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", message));
    }
    Document::parse_new(content).map(drop).map_err(|wrong| {
        Fault::new(FaultKind::Service("MalformedPolicyDocumentException"), wrong.message().to_owned())
    })
}

fn require_free(rx: &mut Rx<'_>, name: &str) -> Result<(), Fault> {
    if service_control_policies::find_named(rx, name)?.is_none() {
        return Ok(());
    }
    let message = format!("A policy of the name '{name}' is in the organization already.");
    Err(Fault::new(FaultKind::Service("DuplicatePolicyException"), message))
}

/// An id that no policy has: ten random digits, as the model's pattern of ARNs wants them, where its pattern of ids would take eight.
fn free_id(rx: &mut Rx<'_>, cx: &Cx) -> Result<ServiceControlPolicyId, Fault> {
    loop {
        let id = ServiceControlPolicyId::parse(format!("p-{}", hex(&bytes::<5>(cx.entropy()))))?;
        if service_control_policies::find(rx, &id)?.is_none() {
            return Ok(id);
        }
    }
}

fn recorded(of: &ServiceControlPolicy, organization: &Organization) -> serde_json::Value {
    json!({"policy": {"policySummary": {
        "id": of.id.as_str(), "arn": organization.arn_of(of.id.as_str()), "name": of.name, "description": of.description,
        "type": SERVICE_CONTROL_POLICY, "awsManaged": of.id.is_aws_managed(),
    }}})
}

fn tell(cx: &Cx, of: &ServiceControlPolicy, organization: &Organization) {
    cx.event().touch(KIND, organization.arn_of(of.id.as_str()));
    cx.event().respond(recorded(of, organization));
}

/// Makes a policy. It counts where it is attached.
pub async fn create(
    store: &Store,
    cx: &Cx,
    new: NewPolicy,
) -> Result<(ServiceControlPolicy, Organization), Fault> {
    store
        .write(cx, move |tx, cx| {
            let organization = organization(tx)?;
            let owner = &organization.management_account_id;
            let mut asked = request_tags(&new.tags);
            asked.extend(of_type(&new.kind));
            let action = Action("organizations:CreatePolicy");
            require_with(cx, action, &[resource::owned("*", owner)], &asked)?;
            require_available(&new.kind)?;
            organization_tags::check(&new.tags)?;
            check_content(&new.content)?;
            require_free(tx, &new.name)?;
            let quota = cx.mode.quota(SERVICE_CONTROL_POLICIES_MAX);
            if service_control_policies::count(tx)? >= quota {
                let message =
                    format!("The organization has {quota} service control policies, which is the most");
                return Err(constraint("POLICY_NUMBER_LIMIT_EXCEEDED", message));
            }
            let made = ServiceControlPolicy {
                id: free_id(tx, cx)?,
                name: new.name.clone(),
                description: new.description.clone(),
                content: new.content.clone(),
            };
            let arn = organization.arn_of(made.id.as_str());
            if !new.tags.is_empty() {
                let tagged = resource::owned(&arn, owner);
                require_with(cx, Action("organizations:TagResource"), &[tagged], &asked)?;
            }
            service_control_policies::insert(tx, &made)?;
            organization_tags::insert_in(tx, &arn, &new.tags)?;
            tell(cx, &made, &organization);
            Ok((made, organization))
        })
        .await
}

/// A policy.
pub fn describe(
    store: &Store,
    cx: &Cx,
    id: &ServiceControlPolicyId,
) -> Result<(ServiceControlPolicy, Organization), Fault> {
    store.read(|rx| ask(rx, cx, "organizations:DescribePolicy", id))
}

/// Changes what is given of a policy; it counts at the next request wherever the policy is attached.
pub async fn update(
    store: &Store,
    cx: &Cx,
    id: ServiceControlPolicyId,
    change: PolicyChange,
) -> Result<(ServiceControlPolicy, Organization), Fault> {
    store
        .write(cx, move |tx, cx| {
            let (mut of, organization) = own(tx, cx, "organizations:UpdatePolicy", &id)?;
            let PolicyChange { name, description, content } = change.clone();
            if let Some(content) = &content {
                check_content(content)?;
            }
            if let Some(name) = name.as_ref().filter(|name| **name != of.name) {
                require_free(tx, name)?;
            }
            of.name = name.unwrap_or(of.name);
            of.description = description.unwrap_or(of.description);
            of.content = content.unwrap_or(of.content);
            service_control_policies::update(tx, &of)?;
            tell(cx, &of, &organization);
            Ok((of, organization))
        })
        .await
}

/// Removes a policy that is attached to nothing.
pub async fn delete(store: &Store, cx: &Cx, id: ServiceControlPolicyId) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let (of, organization) = own(tx, cx, "organizations:DeletePolicy", &id)?;
            if policy_attachments::is_used(tx, &id)? {
                let message = "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.";
                return Err(Fault::new(FaultKind::Service("PolicyInUseException"), message));
            }
            remove(tx, &of, &organization)?;
            cx.event().touch(KIND, organization.arn_of(of.id.as_str()));
            Ok(())
        })
        .await
}

fn remove(tx: &mut Tx<'_>, of: &ServiceControlPolicy, organization: &Organization) -> Result<(), Fault> {
    service_control_policies::delete(tx, &of.id)?;
    store::instances::tags::delete_all(tx, &organization.arn_of(of.id.as_str()))
}

/// The policies of a type, by id: AWS's own is among service control policies. Of other types there are none.
pub fn list(
    store: &Store,
    cx: &Cx,
    kind: &str,
    page: &PageRequest,
) -> Result<(Page<ServiceControlPolicy>, Organization), Fault> {
    store.read(|rx| {
        let organization = organization(rx)?;
        let everything = resource::owned("*", &organization.management_account_id);
        require_with(cx, Action("organizations:ListPolicies"), &[everything], &of_type(kind))?;
        if kind != SERVICE_CONTROL_POLICY {
            return Ok((Page::default(), organization));
        }
        let rows = service_control_policies::page(rx, page)?;
        Ok((page.page(rows, |policy| policy.id.to_string()), organization))
    })
}
