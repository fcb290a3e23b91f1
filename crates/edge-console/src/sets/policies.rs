//! The policies that a permission set has attached, and its boundary: attach, detach, set, take away; AWS managed policies are searched.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::{Fault, FaultKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sets::predefined::search;
use crate::sets::set::{Set, Tab};
use crate::sets::told::Told;

/// Policies that a search shows at most: who sees more than fit looks for more of a name.
const FOUND_MAX: usize = 20;

/// An AWS managed policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Managed {
    pub(crate) name: String,
    pub(crate) arn: String,
}

/// A customer managed policy, which must be in each account.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Customer {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) path: String,
}

/// A permissions boundary.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Boundary {
    pub(crate) managed_policy_arn: Option<String>,
    pub(crate) customer_managed_policy_reference: Option<Customer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedList {
    attached_managed_policies: Vec<Managed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CustomerList {
    customer_managed_policy_references: Vec<Customer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BoundaryAnswer {
    permissions_boundary: Boundary,
}

/// What a set has. There are so few of them that one page of each list has all (`POLICIES_PER_PERMISSION_SET_MAX`).
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) managed: Vec<Managed>,
    pub(crate) customer: Vec<Customer>,
    pub(crate) boundary: Option<Boundary>,
}

impl Attached {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.managed.is_empty() && self.customer.is_empty()
    }

    fn has(&self, arn: &str) -> bool {
        self.managed.iter().any(|policy| policy.arn == arn)
    }
}

impl Customer {
    /// Path and name in one.
    pub(crate) fn whole(&self) -> String {
        format!("{}{}", self.path, self.name)
    }
}

impl Boundary {
    /// What it is called.
    pub(crate) fn text(&self) -> String {
        let customer = || self.customer_managed_policy_reference.as_ref().map(Customer::whole);
        self.managed_policy_arn.clone().or_else(customer).unwrap_or_default()
    }
}

/// Asks what is attached.
pub(crate) async fn attached(desk: &Desk, admin: &mut Administrator, set: &Set) -> Result<Attached, Fault> {
    let all = || set.with(json!({"MaxResults": 100}));
    let managed: ManagedList =
        admin.call(desk, Op("sso-admin", "ListManagedPoliciesInPermissionSet"), all()).await?;
    let op = Op("sso-admin", "ListCustomerManagedPolicyReferencesInPermissionSet");
    let customer: CustomerList = admin.call(desk, op, all()).await?;
    let op = Op("sso-admin", "GetPermissionsBoundaryForPermissionSet");
    let boundary: Result<BoundaryAnswer, Fault> = admin.call(desk, op, set.with(json!({}))).await;
    let boundary = match boundary {
        Ok(found) => Some(found.permissions_boundary),
        Err(none) if matches!(none.kind(), FaultKind::NotFound(_)) => None,
        Err(why) => return Err(why),
    };
    Ok(Attached {
        managed: managed.attached_managed_policies,
        customer: customer.customer_managed_policy_references,
        boundary,
    })
}

struct FoundPolicy {
    name: String,
    arn: String,
    is_attached: bool,
}

#[derive(Template)]
#[template(path = "sets/policies.html")]
struct PoliciesPage {
    frame: Frame,
    shell: Shell,
    set: Set,
    told: Option<Told>,
    attached: Attached,
    query: String,
    found: Vec<FoundPolicy>,
    more: bool,
    customer: String,
    path: String,
    boundary: String,
    boundary_path: String,
    commands: [String; 3],
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    (set, attached): (Set, Attached),
    query: &Fields,
    told: Option<Told>,
) -> Response {
    let text = query.text("q").to_owned();
    let (found, more) = if text.is_empty() { (Vec::new(), false) } else { search(&text, FOUND_MAX) };
    let shown = |arn: String| FoundPolicy {
        name: policy::managed::name(&arn).to_owned(),
        is_attached: attached.has(&arn),
        arn,
    };
    let found = found.into_iter().map(shown).collect();
    let status = told.as_ref().map_or(StatusCode::OK, |told| told.status);
    let reference = json!({"CustomerManagedPolicyReference": {"Name": "NAME", "Path": "/"}});
    let commands = [
        set.command(
            "AttachManagedPolicyToPermissionSet",
            json!({"ManagedPolicyArn": "arn:aws:iam::aws:policy/NAME"}),
        ),
        set.command("AttachCustomerManagedPolicyReferenceToPermissionSet", reference),
        set.command(
            "PutPermissionsBoundaryToPermissionSet",
            json!({"PermissionsBoundary": {"ManagedPolicyArn": "arn:aws:iam::aws:policy/NAME"}}),
        ),
    ];
    let page = PoliciesPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::PermissionSets).after(admin, query),
        set,
        told,
        attached,
        query: text,
        found,
        more,
        customer: query.text("customer").to_owned(),
        path: query.some("path").unwrap_or("/").to_owned(),
        boundary: query.text("boundary").to_owned(),
        boundary_path: query.some("boundary_path").unwrap_or("/").to_owned(),
        commands,
    };
    answer(desk, admin, status, &page)
}

async fn of(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<(Set, Attached), Fault> {
    let set = Set::of(desk, admin, id, Tab::Policies).await?;
    let attached = attached(desk, admin, &set).await?;
    Ok((set, attached))
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query }: Asked,
) -> Response {
    match of(&desk, &mut admin, &id).await {
        Ok(found) => page(&desk, &admin, found, &query, None),
        Err(why) => refused(&desk, &admin, Room::PermissionSets, &why),
    }
}

/// What a button does: the operation, what is in its input, what is said once it is done.
fn act(form: &Fields) -> Option<(&'static str, Value, &'static str)> {
    let (policy, name) = (form.text("policy"), form.text("customer"));
    let managed = json!({"ManagedPolicyArn": policy});
    let customer = json!({"CustomerManagedPolicyReference": {"Name": name, "Path": form.some("path")}});
    let boundary = form.text("boundary");
    let bound = if boundary.starts_with("arn:") {
        json!({"PermissionsBoundary": {"ManagedPolicyArn": boundary}})
    } else {
        let reference = json!({"Name": boundary, "Path": form.some("boundary_path")});
        json!({"PermissionsBoundary": {"CustomerManagedPolicyReference": reference}})
    };
    Some(match form.text("act") {
        "attach" => ("AttachManagedPolicyToPermissionSet", managed, "saved"),
        "detach" => ("DetachManagedPolicyFromPermissionSet", managed, "deleted"),
        "attach-customer" => ("AttachCustomerManagedPolicyReferenceToPermissionSet", customer, "saved"),
        "detach-customer" => ("DetachCustomerManagedPolicyReferenceFromPermissionSet", customer, "deleted"),
        "bound" => ("PutPermissionsBoundaryToPermissionSet", bound, "saved"),
        "unbound" => ("DeletePermissionsBoundaryFromPermissionSet", json!({}), "deleted"),
        _ => return None,
    })
}

/// Does what a button says.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let set = match Set::of(&desk, &mut admin, &id, Tab::Policies).await {
        Ok(set) => set,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let Some((operation, input, done)) = act(&form) else {
        return go(&desk, &set.at(Tab::Policies));
    };
    match admin.act(&desk, Op("sso-admin", operation), set.with(input)).await {
        Ok(()) => go(&desk, &set.below(&format!("/policies?done={done}"))),
        Err(why) => {
            let named = if form.text("act") == "bound" { "boundary" } else { "customer" };
            let is_typed = matches!(form.text("act"), "bound" | "attach-customer");
            let fields = [(named, "name"), (named, "policy"), (named, "path")];
            let told = Told::of(&admin, &why, if is_typed { &fields } else { &[] });
            match attached(&desk, &mut admin, &set).await {
                Ok(attached) => page(&desk, &admin, (set, attached), &form, Some(told)),
                Err(why) => refused(&desk, &admin, Room::PermissionSets, &why),
            }
        }
    }
}
