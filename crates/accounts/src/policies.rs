//! Managed policies as IAM shows them to an account: those that AWS manages, as far as they are known here, and the account's own. What their versions
//! say is [`policy_versions`](crate::policy_versions)'s.

use std::collections::HashMap;

use ::policy::document::Document;
use ::policy::managed::{self, ManagedPolicy, Missing};
use ::policy::require::{Action, require, require_with, unseen};
use ::policy::resource;
use model::access::{Context, Resource};
use model::accounts::account::AccountId;
use model::accounts::iam_group::IamGroup;
use model::accounts::policy::{self, Policy, PolicyName, PolicyVersion};
use model::accounts::service_user::ServiceUser;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::tag::Tags;
use model::limits::{POLICIES_PER_ACCOUNT_MAX, POLICY_CHARACTERS_MAX};
use model::page::{Page, PageRequest};
use serde_json::json;
use store::accounts::roles::Attachments;
use store::accounts::{iam_groups, policy_versions, service_users};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::iam::{
    check_length, delete_conflict, invalid_input, no_entity, of_resource_tags, of_tag_keys, of_tags,
    own_account, put_tags, take_tags,
};

/// A policy, whoever manages it.
#[derive(Debug, Clone)]
pub enum Managed {
    /// AWS.
    Aws(ManagedPolicy),
    /// The account.
    Own(Policy),
}

impl Managed {
    /// Its ARN.
    pub fn arn(&self) -> String {
        match self {
            Self::Aws(policy) => policy.arn.clone(),
            Self::Own(policy) => policy.arn(),
        }
    }
}

/// A policy, and how often it is used in the account.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The policy.
    pub policy: Managed,
    /// How many it is attached to.
    pub attachments: usize,
    /// Whose boundary it is, how many.
    pub boundaries: usize,
    /// Its tags.
    pub tags: Tags,
}

/// A policy of an account's own, as it is asked for.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// Its name.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// What it says: a JSON text.
    pub document: String,
    /// What it is for.
    pub description: Option<String>,
    /// Tags, as they came.
    pub tags: Vec<(String, String)>,
}

/// Who uses a policy: names and ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum User {
    /// A role.
    Role(String, String),
    /// A user, a service user among them.
    ServiceUser(String, String),
    /// A group.
    Group(String, String),
}

impl User {
    fn key(&self) -> String {
        match self {
            Self::Role(name, _) => format!("role/{name}"),
            Self::ServiceUser(name, _) => format!("user/{name}"),
            Self::Group(name, _) => format!("group/{name}"),
        }
    }
}

/// How a policy is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Attached.
    Attached,
    /// As a boundary.
    Boundary,
}

/// Which policies are listed.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Below this path.
    pub path_prefix: String,
    /// AWS's.
    pub aws: bool,
    /// The account's own.
    pub own: bool,
    /// Those used so alone.
    pub usage: Option<Usage>,
}

/// Everything in an account that policies are attached to.
struct Uses {
    roles: Vec<Attachments>,
    users: Vec<ServiceUser>,
    groups: Vec<IamGroup>,
}

impl Uses {
    fn of(rx: &mut Rx<'_>, account: &AccountId) -> Result<Self, Fault> {
        Ok(Self {
            roles: store::accounts::roles::attachments(rx, account)?,
            users: service_users::list_by_account(rx, account)?,
            groups: iam_groups::list_by_account(rx, account)?,
        })
    }

    fn counted(&self) -> Counted<'_> {
        let mut counted = Counted::new();
        let of_roles = self.roles.iter().flat_map(|role| &role.managed_policies);
        let of_users = self.users.iter().flat_map(|user| &user.managed_policies);
        let of_groups = self.groups.iter().flat_map(|group| &group.managed_policies);
        for arn in of_roles.chain(of_users).chain(of_groups) {
            counted.entry(arn).or_default().0 += 1;
        }
        let of_roles = self.roles.iter().filter_map(|role| role.permissions_boundary.as_deref());
        let of_users = self.users.iter().filter_map(|user| user.permissions_boundary.as_deref());
        for arn in of_roles.chain(of_users) {
            counted.entry(arn).or_default().1 += 1;
        }
        counted
    }
}

/// How often each policy that is used at all is attached, and how often it is a boundary.
type Counted<'u> = HashMap<&'u str, (usize, usize)>;

fn shown(counted: &Counted<'_>, policy: Managed, tags: Tags) -> Shown {
    let (attachments, boundaries) = counted.get(policy.arn().as_str()).copied().unwrap_or_default();
    Shown { policy, attachments, boundaries, tags }
}

fn is_counted(counted: &Counted<'_>, arn: &str, usage: Usage) -> bool {
    counted.get(arn).is_some_and(|(attachments, boundaries)| match usage {
        Usage::Attached => *attachments > 0,
        Usage::Boundary => *boundaries > 0,
    })
}

fn is_used(role: &Attachments, arn: &str, usage: Usage) -> bool {
    match usage {
        Usage::Attached => role.managed_policies.iter().any(|attached| attached == arn),
        Usage::Boundary => role.permissions_boundary.as_deref() == Some(arn),
    }
}

fn is_used_by(user: &ServiceUser, arn: &str, usage: Usage) -> bool {
    match usage {
        Usage::Attached => user.managed_policies.iter().any(|attached| attached == arn),
        Usage::Boundary => user.permissions_boundary.as_deref() == Some(arn),
    }
}

/// The policy of an ARN with its tags, once the caller may do `action` on it. Whose it would be stands in the ARN.
pub(crate) fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (action, arn): (Action, &str),
    further: &Context,
) -> Result<(Managed, Tags), Fault> {
    let found = store::accounts::policies::find_by_arn(rx, arn)?;
    let tags = if found.is_some() { store::instances::tags::all_of(rx, arn)? } else { Tags::new() };
    let resource = match policy::parse_arn(arn) {
        Some((account, _)) => resource::tagged(arn, &account, tags.clone()),
        None => Resource { arn: arn.to_owned(), ..Resource::default() },
    };
    let mut context = further.clone();
    context.extend(of_resource_tags("iam", &tags));
    require_with(cx, action, &[resource], &context)?;
    let found = match found {
        Some(own) => Some(Managed::Own(own)),
        None => managed::lookup(arn).ok().map(Managed::Aws),
    };
    let policy = found.ok_or_else(|| no_entity(format!("Policy {arn} was not found.")))?;
    Ok((policy, tags))
}

/// Changes a policy of the account's own, for who may do `action` on it. Nobody changes AWS's.
pub(crate) async fn change<T: Send + 'static>(
    store: &Store,
    cx: &Cx,
    (action, arn): (Action, &str),
    further: Context,
    with: impl Fn(&mut Tx<'_>, &Cx, Policy) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let arn = arn.to_owned();
    store
        .write(cx, move |tx, cx| match guarded(tx, cx, (action, &arn), &further)?.0 {
            Managed::Own(policy) => {
                cx.event().touch("AWS::IAM::ManagedPolicy", arn.as_str());
                with(tx, cx, policy)
            }
            Managed::Aws(_) => Err(unseen(cx, action, &arn)),
        })
        .await
}

/// A document must be one that we can evaluate, and no longer than IAM takes.
pub(crate) fn check_document(text: &str) -> Result<(), Fault> {
    check_length(text, ("PolicySize", POLICY_CHARACTERS_MAX), "PolicyDocument")?;
    Document::parse_new(text).map(|_| ())
}

/// Refuses a policy that a role of the account cannot have.
pub(crate) fn require_attachable(rx: &mut Rx<'_>, account: &AccountId, arn: &str) -> Result<(), Fault> {
    if arn.starts_with(&policy::arn_prefix(account)) {
        let found = store::accounts::policies::find_by_arn(rx, arn)?;
        return found.map(drop).ok_or_else(|| absent(arn));
    }
    managed::attachable(arn).map(drop).map_err(|missing| match missing {
        Missing::Malformed if policy::parse_arn(arn).is_none() => {
            invalid_input(format!("ARN {arn} is not valid."))
        }
        Missing::Malformed | Missing::Unknown => absent(arn),
        Missing::ForServiceRoles => Fault::new(
            FaultKind::Service("PolicyNotAttachable"),
            format!("Cannot attach a Service Role Policy to a Customer Role: {arn}"),
        ),
    })
}

fn absent(arn: &str) -> Fault {
    no_entity(format!("Policy {arn} does not exist or is not attachable."))
}

/// GetPolicy.
pub fn get(store: &Store, cx: &Cx, arn: &str) -> Result<Shown, Fault> {
    store.read(|rx| {
        let (policy, tags) = guarded(rx, cx, (Action("iam:GetPolicy"), arn), &Context::new())?;
        let uses = Uses::of(rx, &own_account(cx)?)?;
        Ok(shown(&uses.counted(), policy, tags))
    })
}

/// ListPolicyTags.
pub fn list_tags(store: &Store, cx: &Cx, arn: &str) -> Result<Tags, Fault> {
    store.read(|rx| Ok(guarded(rx, cx, (Action("iam:ListPolicyTags"), arn), &Context::new())?.1))
}

/// ListPolicies, by ARN.
pub fn list(store: &Store, cx: &Cx, wanted: &Wanted, page: &PageRequest) -> Result<Page<Shown>, Fault> {
    let account = own_account(cx)?;
    require(cx, Action("iam:ListPolicies"), &[])?;
    store.read(|rx| {
        let own =
            if wanted.own { store::accounts::policies::list_by_account(rx, &account)? } else { Vec::new() };
        let own: HashMap<String, Policy> = own.into_iter().map(|policy| (policy.arn(), policy)).collect();
        let uses = Uses::of(rx, &account)?;
        let counted = uses.counted();
        let mut arns: Vec<String> = own.keys().cloned().collect();
        if wanted.aws {
            arns.extend(managed::arns());
        }
        arns.retain(|arn| {
            managed::path(arn).starts_with(&wanted.path_prefix)
                && wanted.usage.is_none_or(|usage| is_counted(&counted, arn, usage))
        });
        let found = |arn: &String| {
            let policy = match own.get(arn) {
                Some(policy) => Managed::Own(policy.clone()),
                // The list is made of what is known.
                None => Managed::Aws(
                    managed::lookup(arn)
                        .map_err(|_| Fault::internal(format!("{arn} is listed and not known")))?,
                ),
            };
            Ok(shown(&counted, policy, Tags::new()))
        };
        let page = page.page_of(arns, String::clone);
        Ok(Page { items: page.items.iter().map(found).collect::<Result<_, Fault>>()?, next: page.next })
    })
}

/// Which users of a policy are listed.
#[derive(Debug, Clone)]
pub struct UsersWanted {
    /// Below this path.
    pub path_prefix: String,
    /// Roles.
    pub roles: bool,
    /// Users, service users among them.
    pub service_users: bool,
    /// Groups.
    pub groups: bool,
    /// Who uses it in one of these ways.
    pub usages: Vec<Usage>,
}

/// ListEntitiesForPolicy: who uses a policy in the caller's account.
pub fn list_users(
    store: &Store,
    cx: &Cx,
    (arn, wanted): (&str, &UsersWanted),
    page: &PageRequest,
) -> Result<Page<User>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, (Action("iam:ListEntitiesForPolicy"), arn), &Context::new())?;
        let uses = Uses::of(rx, &own_account(cx)?)?;
        let usages = || wanted.usages.iter().copied();
        let mut all = Vec::new();
        if wanted.roles {
            let within = |role: &Attachments| {
                role.path.starts_with(&wanted.path_prefix) && usages().any(|usage| is_used(role, arn, usage))
            };
            let found = uses.roles.into_iter().filter(within);
            all.extend(found.map(|role| User::Role(role.name, role.role_id)));
        }
        if wanted.groups && usages().any(|usage| usage == Usage::Attached) {
            let uses_it = |group: &IamGroup| {
                group.path.starts_with(&wanted.path_prefix)
                    && group.managed_policies.iter().any(|attached| attached == arn)
            };
            let found = uses.groups.into_iter().filter(uses_it);
            all.extend(found.map(|group| User::Group(group.name, group.id)));
        }
        if wanted.service_users {
            let uses_it = |user: &ServiceUser| {
                user.path.starts_with(&wanted.path_prefix)
                    && usages().any(|usage| is_used_by(user, arn, usage))
            };
            let found = uses.users.into_iter().filter(uses_it);
            all.extend(found.map(|user| User::ServiceUser(user.name.to_string(), user.id)));
        }
        Ok(page.page_of(all, User::key))
    })
}

/// CreatePolicy, with its first version.
pub async fn create(store: &Store, cx: &Cx, new: NewPolicy) -> Result<Shown, Fault> {
    // Read here, off the writer's thread, and told only to those who may make it.
    let checked = check_document(&new.document);
    store
        .write(cx, move |tx, cx| {
            let account = own_account(cx)?;
            let arn = policy::arn(&account, &new.path, &new.name);
            let (resource, asked) = ([resource::owned(arn.as_str(), &account)], of_tags(&new.tags));
            require_with(cx, Action("iam:CreatePolicy"), &resource, &asked)?;
            if !new.tags.is_empty() {
                require_with(cx, Action("iam:TagPolicy"), &resource, &asked)?;
            }
            checked.clone()?;
            if store::accounts::policies::find(tx, &account, &new.name)?.is_some() {
                return Err(Fault::conflict(format!(
                    "A policy called {} already exists. Duplicate names are not allowed.",
                    new.name
                )));
            }
            let quota = cx.mode.quota(POLICIES_PER_ACCOUNT_MAX);
            if quota != u64::MAX && store::accounts::policies::count_in_account(tx, &account)? >= quota {
                return Err(Fault::quota(format!("Cannot exceed quota for PoliciesPerAccount: {quota}")));
            }
            let policy = Policy {
                account_id: account,
                name: PolicyName::parse(new.name.as_str())?,
                path: new.path.clone(),
                policy_id: broker::local::entity_id("ANPA", cx),
                description: new.description.clone().filter(|text| !text.is_empty()),
                default_version: 1,
                last_version: 1,
                created_at: cx.now,
                updated_at: cx.now,
            };
            store::accounts::policies::insert(tx, &policy)?;
            let document = new.document.clone();
            policy_versions::insert(tx, &policy, &PolicyVersion { number: 1, document, created_at: cx.now })?;
            put_tags(tx, &arn, &new.tags)?;
            cx.event().touch("AWS::IAM::ManagedPolicy", arn.as_str());
            cx.event().respond(json!({"policy": {
                "arn": arn, "policyName": policy.name, "policyId": policy.policy_id, "path": policy.path,
                "defaultVersionId": policy::version_id(1), "createDate": policy.created_at.rfc3339(),
            }}));
            let tags = store::instances::tags::all_of(tx, &arn)?;
            Ok(Shown { policy: Managed::Own(policy), attachments: 0, boundaries: 0, tags })
        })
        .await
}

/// DeletePolicy: one that nothing has, with its one version.
pub async fn delete(store: &Store, cx: &Cx, arn: &str) -> Result<(), Fault> {
    change(store, cx, (Action("iam:DeletePolicy"), arn), Context::new(), |tx, _, policy| {
        let (arn, uses) = (policy.arn(), Uses::of(tx, &policy.account_id)?);
        if uses.counted().contains_key(arn.as_str()) {
            return Err(delete_conflict("Cannot delete a policy attached to entities."));
        }
        if policy_versions::list(tx, &policy)?.len() > 1 {
            return Err(delete_conflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default \
                 version is deleted with the policy.",
            ));
        }
        policy_versions::delete_all(tx, &policy)?;
        store::accounts::policies::delete(tx, &policy)?;
        store::instances::tags::delete_all(tx, &arn)
    })
    .await
}

/// TagPolicy.
pub async fn tag(store: &Store, cx: &Cx, arn: &str, tags: Vec<(String, String)>) -> Result<(), Fault> {
    let further = of_tags(&tags);
    change(store, cx, (Action("iam:TagPolicy"), arn), further, move |tx, _, policy| {
        put_tags(tx, &policy.arn(), &tags)
    })
    .await
}

/// UntagPolicy.
pub async fn untag(store: &Store, cx: &Cx, arn: &str, keys: Vec<String>) -> Result<(), Fault> {
    let further = of_tag_keys(&keys);
    change(store, cx, (Action("iam:UntagPolicy"), arn), further, move |tx, _, policy| {
        take_tags(tx, &policy.arn(), &keys)
    })
    .await
}
