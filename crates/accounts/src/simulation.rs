//! What a person would be answered who uses a role, now or at a past moment: decided by what would bind their session, on the condition keys that
//! it would have, as far as they are known. What only the call itself brings (from where, with which second factor, on whose tags) whoever asks
//! says.

use std::collections::BTreeMap;

use model::access::{Context, Decision, Question, Resource};
use model::accounts::account::AccountId;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSetArn;
use model::accounts::role::RoleName;
use model::caller::{Caller, HandedOn, OnBehalfOf, RoleSession};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::timestamp::Timestamp;
use policy::evaluate::{Layer, PolicySet};
use policy::explain::Explanation;
use policy::managed;
use policy::require::{Action, context_on};
use serde_json::Value;
use store::accounts::access::{self as reach, Moment, StandingRole};
use store::db::Store;
use store::tx::Rx;

use crate::access::{Of, guarded, moment, require_there};
use crate::access_control_attributes;
use crate::access_pages::assigned;
use crate::role_sessions::session_name;
use crate::session_policies::authority;

/// Questions about one person and one role.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub account_id: AccountId,
    /// By which role.
    pub permission_set: PermissionSetArn,
    /// What is done: `service:Operation`.
    pub actions: Vec<String>,
    /// On what.
    pub resources: Vec<String>,
    /// Condition keys that are given; they count in the place of those that are known.
    pub context: Context,
    /// When; left out: now.
    pub at: Option<Timestamp>,
}

/// The answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// What grants the role; nothing where the person cannot use it.
    pub granted_by: Vec<Principal>,
    /// An answer for each action and resource, in this order.
    pub answers: Vec<Answer>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub action: String,
    /// On what.
    pub resource: String,
    /// The answer.
    pub decision: Decision,
    /// What it rests on.
    pub matched: Vec<Matched>,
    /// Condition keys that were asked for and have no value.
    pub missing: Vec<String>,
    /// The reasons, in words.
    pub reason: String,
}

/// A statement on which an answer rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Where it stands.
    pub layer: Layer,
    /// The policy: an ARN, or an inline policy's name.
    pub policy: String,
    /// Its `Sid`, or its number from 1.
    pub statement: String,
}

/// SimulateAccess.
pub fn simulate(
    store: &Store,
    cx: &Cx,
    instance_id: &InstanceId,
    asked: &Simulation,
) -> Result<Simulated, Fault> {
    store.read(|rx| {
        let of = [
            Of::User(asked.user_id.clone()),
            Of::Account(asked.account_id.clone()),
            Of::PermissionSet(asked.permission_set.clone()),
        ];
        let instance = guarded(rx, cx, Action("portico:SimulateAccess"), (instance_id, &of))?;
        let moment = moment(rx, cx, asked.at)?;
        if moment == Moment::Now {
            of.iter().try_for_each(|of| require_there(rx, &instance, of))?;
        }
        match granted(rx, moment, &instance, asked)? {
            Ok((role, granted_by)) => {
                let answers = Simulator::new(rx, cx, moment, (&instance, asked), &role)?.answers(rx)?;
                Ok(Simulated { granted_by, answers })
            }
            Err(why) => Ok(Simulated { granted_by: Vec::new(), answers: refused(asked, why) }),
        }
    })
}

/// The role and what grants it; or why the person cannot use it.
fn granted(
    rx: &mut Rx<'_>,
    moment: Moment,
    instance: &Instance,
    asked: &Simulation,
) -> Result<Result<(StandingRole, Vec<Principal>), &'static str>, Fault> {
    let user = &asked.user_id;
    if !reach::is_enabled(rx, moment, user)? {
        return Ok(Err("the person is not enabled"));
    }
    let place = (asked.account_id.clone(), asked.permission_set.id.clone());
    let role = match reach::role(rx, moment, &place)? {
        Some(role) if asked.permission_set.instance_id == instance.id => role,
        _ => {
            return Ok(Err("the permission set is no role of this account, or the account is not active"));
        }
    };
    let groups = reach::groups_of(rx, moment, user)?;
    let granted_by = assigned(rx, moment, (user, &groups), &place)?;
    if granted_by.is_empty() {
        return Ok(Err("neither the person nor a group of theirs is assigned the permission set there"));
    }
    Ok(Ok((role, granted_by)))
}

/// Every answer where the role cannot be used.
fn refused(asked: &Simulation, why: &str) -> Vec<Answer> {
    pairs(asked)
        .map(|(action, resource)| Answer {
            action: action.to_owned(),
            resource: resource.to_owned(),
            decision: Decision::ImplicitDeny,
            matched: Vec::new(),
            missing: Vec::new(),
            reason: format!("{action} on {resource} is denied: {why}"),
        })
        .collect()
}

fn pairs(asked: &Simulation) -> impl Iterator<Item = (&str, &str)> {
    let resources = || asked.resources.iter().map(String::as_str);
    asked.actions.iter().flat_map(move |action| resources().map(move |resource| (action.as_str(), resource)))
}

/// What answers for one role.
struct Simulator<'a> {
    asked: &'a Simulation,
    instance: &'a Instance,
    moment: Moment,
    policies: std::sync::Arc<PolicySet>,
    /// The policies of the role in the order of the set's documents.
    names: Vec<String>,
    boundary: Option<String>,
    /// The service control policies in the order of their documents, level by level.
    service_controls: Vec<String>,
    /// The call as it would come from the person's session.
    cx: Cx,
    /// Keys of that session that are not known of a past moment.
    unknown: Vec<&'static str>,
}

impl<'a> Simulator<'a> {
    fn new(
        rx: &mut Rx<'_>,
        cx: &Cx,
        moment: Moment,
        (instance, asked): (&'a Instance, &'a Simulation),
        role: &StandingRole,
    ) -> Result<Self, Fault> {
        let binding = &role.binding;
        let mut names: Vec<String> =
            serde_json::from_str(&binding.managed_policies).map_err(Fault::internal)?;
        let boundary = binding.permissions_boundary.clone();
        let is_own = |arn: &&String| binding.customer_policies.iter().any(|(own, _)| own == *arn);
        require_known(names.iter().chain(&boundary).filter(|arn| !is_own(arn)), asked)?;
        let inline: Vec<(String, Value)> =
            serde_json::from_str(&binding.inline_policies).map_err(Fault::internal)?;
        names.extend(inline.into_iter().map(|(name, _)| name));
        let policies = authority(binding, &[])?;
        let controls = binding.service_controls.iter().flatten();
        let service_controls = controls.map(|(name, _)| name.clone()).collect();

        let user = store::directory::users::find(rx, &instance.identity_store_id, &asked.user_id)?;
        let mut unknown = Vec::new();
        if role.name.is_none() {
            unknown.push("aws:PrincipalArn");
        }
        if role.name.is_none() || user.is_none() {
            unknown.push("aws:userid");
        }
        if matches!(moment, Moment::At(_)) {
            // Where an account lay then is not kept.
            unknown.extend(["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"]);
        }
        // What people's attributes were at a past moment is not kept, and nobody is signed in: tags of a sign-in are given, if at all.
        let attributes = match moment {
            Moment::Now => access_control_attributes::of(rx, &instance.identity_store_id, &asked.user_id)?,
            Moment::At(_) => None,
        };
        let tags = access_control_attributes::tags(cx.mode, attributes.as_ref(), &BTreeMap::new())?;
        let now = asked.at.unwrap_or(cx.now);
        let session = RoleSession {
            account_id: asked.account_id.clone(),
            account_path: binding.account_path.clone(),
            is_delegated: binding.is_delegated,
            role_name: RoleName::trusted(role.name.clone().unwrap_or_default()),
            role_path: binding.path.clone(),
            role_id: binding.role_id.clone(),
            session_name: user.map(|user| session_name(user.profile.user_name.as_str())).unwrap_or_default(),
            access_key_id: String::new(),
            issued_at: now,
            expires_at: now,
            tags,
            on_behalf_of: Some(OnBehalfOf {
                user_id: asked.user_id.clone(),
                identity_store_id: instance.identity_store_id.clone(),
            }),
            provided_context: None,
            federated_provider: Some(broker::local::saml_provider_arn(&asked.account_id, &instance.id)),
            mfa_at: None,
            handed_on: HandedOn::default(),
        };
        // Nothing of the call that asks is of the call that is asked about.
        let mut cx = cx.clone().with_caller(Caller::role(session, policies.clone()));
        (cx.now, cx.secure_transport) = (now, None);
        (cx.source_ip, cx.user_agent, cx.referer) = <_>::default();
        Ok(Self { asked, instance, moment, policies, names, boundary, service_controls, cx, unknown })
    }

    fn answers(&self, rx: &mut Rx<'_>) -> Result<Vec<Answer>, Fault> {
        // Which tags there were at a past moment is not kept.
        let mut tags = match self.moment {
            Moment::Now => {
                store::instances::tags::all_of_each(rx, self.asked.resources.iter().map(String::as_str))?
            }
            Moment::At(_) => <_>::default(),
        };
        let owners: Vec<AccountId> = self
            .asked
            .resources
            .iter()
            .map(|arn| owner(arn, self.instance, &self.asked.account_id))
            .collect();
        let known = store::accounts::accounts::find_each(rx, &owners)?;
        let contexts: Vec<(Resource, Context)> = self
            .asked
            .resources
            .iter()
            .zip(owners)
            .map(|(arn, owner)| {
                let tags = tags.remove(arn).unwrap_or_default();
                let owner_path = known.get(&owner).map(|account| account.path.clone()).unwrap_or_default();
                let resource = Resource {
                    arn: arn.clone(),
                    owner: Some(owner),
                    owner_path,
                    tags,
                    ..Resource::default()
                };
                let context = self.context(&resource);
                (resource, context)
            })
            .collect();
        let actions = self.asked.actions.iter();
        Ok(actions
            .flat_map(|action| contexts.iter().map(move |(resource, context)| (action, resource, context)))
            .map(|(action, resource, context)| {
                self.answer(self.policies.explain(&Question { action, resource, context }))
            })
            .collect())
    }

    /// What is known, and then what is given. Keys have no case.
    fn context(&self, resource: &Resource) -> Context {
        let mut context = context_on(&self.cx, resource);
        context.retain(|key, _| !self.unknown.iter().any(|unknown| key.eq_ignore_ascii_case(unknown)));
        for (given, values) in &self.asked.context {
            context.retain(|key, _| !key.eq_ignore_ascii_case(given));
            context.insert(given.clone(), values.clone());
        }
        context
    }

    fn answer(&self, explanation: Explanation) -> Answer {
        let reason = explanation.to_string();
        let matched = explanation.considered.into_iter().filter(|one| one.decides).map(|one| Matched {
            policy: match one.layer {
                Layer::ServiceControl => self.service_controls.get(one.document.saturating_sub(1)).cloned(),
                Layer::Identity => self.names.get(one.document.saturating_sub(1)).cloned(),
                Layer::Boundary | Layer::Session => self.boundary.clone(),
            }
            .unwrap_or_default(),
            layer: one.layer,
            statement: one.statement,
        });
        Answer {
            action: explanation.action,
            resource: explanation.resource,
            decision: explanation.decision,
            matched: matched.collect(),
            missing: explanation.missing,
            reason,
        }
    }
}

/// What a policy says of services that are not served here is known of few; an answer without it would be a guess.
fn require_known<'p>(policies: impl Iterator<Item = &'p String>, asked: &Simulation) -> Result<(), Fault> {
    for policy in policies {
        if let Some(action) = asked.actions.iter().find(|action| !managed::tells_of(policy, action)) {
            return Err(Fault::validation(format!(
                "ActionNames names {action}, and what {policy} says of it is not known here: ask SimulatePrincipalPolicy of IAM in account {}",
                asked.account_id
            )));
        }
    }
    Ok(())
}

/// Whose a resource is: the account's that its ARN names; what is of the identity center, its owner's; anything else, of whoever asks for it.
fn owner(arn: &str, instance: &Instance, own: &AccountId) -> AccountId {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, account) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
    match AccountId::parse(account) {
        Ok(account) => account,
        Err(_) if matches!(service, "sso" | "identitystore") => instance.owner.clone(),
        Err(_) => own.clone(),
    }
}
