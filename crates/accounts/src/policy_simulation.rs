//! What policies would say: those that are given, or those that bind a user, a group or a role of the caller's account with them. Decided as every call is, on
//! the condition keys that are given and no others, as at AWS. What a person would be answered who uses a role is [`simulation`](crate::simulation)'s.
//! IAM API reference, "SimulatePrincipalPolicy", "SimulateCustomPolicy", "GetContextKeysForPrincipalPolicy".

use std::sync::Arc;

use model::access::{Context, Decision, Question, Resource};
use model::accounts::account::AccountId;
use model::accounts::iam_group::IamGroup;
use model::cx::Cx;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use policy::document::{Document, Kind};
use policy::evaluate::{Layer, PolicySet};
use policy::managed;
use policy::require::{Action, require};
use policy::resource;
use serde_json::Value;
use store::accounts::policy_attachments;
use store::accounts::roles::RoleBinding;
use store::db::Store;
use store::tx::Rx;

use crate::iam::{invalid_input, own_account};
use crate::session_policies::authority;
use crate::{iam_groups, key_callers, roles, users};

/// Answers of one call at most, on all its pages.
const ANSWERS_MAX: usize = 100_000;
/// Statements that are held against questions for one page, about: a page of large policies is short, as IAM's pages may be.
const STATEMENTS_MAX: usize = 100_000;

/// What is asked.
#[derive(Debug, Clone)]
pub struct PolicySimulation {
    /// Policies, JSON texts: these, or these beside those of the principal.
    pub policies: Vec<String>,
    /// A permissions boundary, a JSON text, in the place of the principal's.
    pub boundary: Option<String>,
    /// What is done: `service:Operation`.
    pub actions: Vec<String>,
    /// On what; `*` alone where nothing is said.
    pub resources: Vec<String>,
    /// The condition keys that the call would have.
    pub context: Context,
}

/// What kind of policy a statement is of, in IAM's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It was given.
    None,
    /// Of a user's own.
    User,
    /// Of a group's own.
    Group,
    /// Of a role's own.
    Role,
    /// A managed one of AWS.
    AwsManaged,
    /// A managed one of the account.
    UserManaged,
    /// Of the organization.
    ServiceControl,
}

/// A policy, by which statements are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name, or `PolicyInputList.` and its number.
    pub id: String,
    /// What kind of policy it is.
    pub source: Source,
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
    /// The policies of the statements on which it rests, a line for each statement.
    pub matched: Vec<Named>,
    /// Condition keys that statements about the action name and that were not given.
    pub missing: Vec<String>,
    /// Whether the boundary allows it, where there is one.
    pub within_boundary: Option<bool>,
    /// Whether the organization lets the principal's account do it, where its policies count for the account.
    pub within_organization: Option<bool>,
}

/// Policies with what they are called.
struct Subject {
    set: PolicySet,
    names: Vec<Named>,
    boundary: Option<Named>,
    /// The service control policies, level by level.
    service_controls: Vec<Named>,
    /// Managed policies of AWS, of which not everything need be known.
    of_aws: Vec<String>,
}

impl Subject {
    /// What is given, by itself.
    fn given(policies: &[String]) -> Result<Self, Fault> {
        let mut all = Self {
            set: PolicySet::default(),
            names: Vec::new(),
            boundary: None,
            service_controls: Vec::new(),
            of_aws: Vec::new(),
        };
        all.add(policies)?;
        Ok(all)
    }

    fn add(&mut self, policies: &[String]) -> Result<(), Fault> {
        for (at, text) in policies.iter().enumerate() {
            let id = format!("PolicyInputList.{}", at + 1);
            self.set.identity.push(read(text, &id)?);
            self.names.push(Named { id, source: Source::None });
        }
        Ok(())
    }

    /// What binds a principal. `holders` says of each inline policy whose it is.
    fn of(binding: &RoleBinding, holders: &[Source]) -> Result<Self, Fault> {
        let managed: Vec<String> =
            serde_json::from_str(&binding.managed_policies).map_err(Fault::internal)?;
        let inline: Vec<(String, Value)> =
            serde_json::from_str(&binding.inline_policies).map_err(Fault::internal)?;
        let mut names: Vec<Named> = managed.iter().map(|arn| of_managed(arn)).collect();
        let own = inline
            .into_iter()
            .enumerate()
            .map(|(at, (id, _))| Named { id, source: holders.get(at).copied().unwrap_or(Source::Role) });
        names.extend(own);
        let boundary = binding.permissions_boundary.clone();
        let controls = binding.service_controls.iter().flatten();
        let control = |(id, _): &(String, String)| Named { id: id.clone(), source: Source::ServiceControl };
        let of_aws = managed.into_iter().chain(boundary.clone()).filter(|arn| is_of_aws(arn)).collect();
        Ok(Self {
            set: (*authority(binding, &[])?).clone(),
            names,
            boundary: boundary.map(|arn| of_managed(&arn)),
            service_controls: controls.map(control).collect(),
            of_aws,
        })
    }

    fn answers(
        &self,
        account: &AccountId,
        asked: &PolicySimulation,
        page: &PageRequest,
    ) -> Result<Page<Answer>, Fault> {
        let count = asked.actions.len().saturating_mul(asked.resources.len());
        if count > ANSWERS_MAX {
            return Err(invalid_input(format!(
                "ActionNames and ResourceArns ask {count} questions; one call may ask {ANSWERS_MAX}"
            )));
        }
        for arn in &self.of_aws {
            if let Some(action) = asked.actions.iter().find(|action| !managed::tells_of(arn, action)) {
                return Err(invalid_input(format!(
                    "ActionNames has {action}: what {arn} says of it is not known here"
                )));
            }
        }
        // In the order in which they were asked; only those of the page are decided.
        let key = |number: &usize| format!("{number:06}");
        let before = page.after.as_deref().and_then(|key| key.parse::<usize>().ok());
        let first = before.map_or(0, |last| last + 1);
        let rows = usize::try_from(page.rows()).unwrap_or(usize::MAX);
        let mut found = page.page((first..count).take(rows).collect(), key);
        let statements: usize = self
            .set
            .layers()
            .flat_map(|(_, documents)| documents)
            .map(|document| document.statements.len())
            .sum();
        let most = (STATEMENTS_MAX / statements.max(1)).max(1);
        if found.items.len() > most {
            found.items.truncate(most);
            found.next = found.items.last().map(key);
        }
        let width = asked.resources.len().max(1);
        let answer = |number: usize| {
            let action = asked.actions.get(number / width).map(String::as_str).unwrap_or_default();
            let arn = asked.resources.get(number % width).cloned().unwrap_or_default();
            let resource = Resource { arn, owner: Some(account.clone()), ..Resource::default() };
            self.answer(&Question { action, resource: &resource, context: &asked.context })
        };
        Ok(Page { items: found.items.into_iter().map(answer).collect(), next: found.next })
    }

    fn answer(&self, question: &Question<'_>) -> Answer {
        let explained = self.set.explain(question);
        let deciding = explained.considered.into_iter().filter(|one| one.decides);
        let name = |layer: Layer, document: usize| match layer {
            Layer::ServiceControl => self.service_controls.get(document.saturating_sub(1)).cloned(),
            Layer::Identity => self.names.get(document.saturating_sub(1)).cloned(),
            Layer::Boundary | Layer::Session => self.boundary.clone(),
        };
        Answer {
            matched: deciding.filter_map(|one| name(one.layer, one.document)).collect(),
            within_boundary: self
                .boundary
                .is_some()
                .then(|| self.set.is_allowed_by(Layer::Boundary, question)),
            within_organization: (!self.service_controls.is_empty())
                .then(|| self.set.is_allowed_by(Layer::ServiceControl, question)),
            action: explained.action,
            resource: explained.resource,
            decision: explained.decision,
            missing: explained.missing,
        }
    }
}

fn is_of_aws(arn: &str) -> bool {
    arn.starts_with("arn:aws:iam::aws:")
}

fn of_managed(arn: &str) -> Named {
    let source = if is_of_aws(arn) { Source::AwsManaged } else { Source::UserManaged };
    Named { id: managed::name(arn).to_owned(), source }
}

fn read(text: &str, what: &str) -> Result<Arc<Document>, Fault> {
    let read = Document::parse(text, Kind::Identity);
    read.map(Arc::new).map_err(|why| invalid_input(format!("{what} is no policy: {}", why.message())))
}

/// Actions are named in full: what a star would mean is for policies.
fn check(asked: &PolicySimulation) -> Result<(), Fault> {
    let is_named = |action: &String| {
        let (service, name) = action.split_once(':').unwrap_or_default();
        !service.is_empty() && !name.is_empty() && !action.contains(['*', '?'])
    };
    match asked.actions.iter().find(|action| !is_named(action)) {
        Some(wrong) => Err(invalid_input(format!(
            "ActionNames has {wrong}: it must be service:Action, without wildcards"
        ))),
        None => Ok(()),
    }
}

/// With the boundary that is given in the place of another.
fn bounded(mut subject: Subject, boundary: Option<&str>) -> Result<Subject, Fault> {
    if let Some(text) = boundary {
        let id = "PermissionsBoundaryPolicyInputList.1";
        subject.set.boundary = Some(read(text, id)?);
        subject.of_aws.retain(|arn| subject.names.iter().any(|named| *named == of_managed(arn)));
        subject.boundary = Some(Named { id: id.to_owned(), source: Source::None });
    }
    Ok(subject)
}

/// SimulateCustomPolicy.
pub fn custom(cx: &Cx, asked: &PolicySimulation, page: &PageRequest) -> Result<Page<Answer>, Fault> {
    let account = own_account(cx)?;
    require(cx, Action("iam:SimulateCustomPolicy"), &[])?;
    check(asked)?;
    bounded(Subject::given(&asked.policies)?, asked.boundary.as_deref())?.answers(&account, asked, page)
}

/// SimulatePrincipalPolicy.
pub fn principal(
    store: &Store,
    cx: &Cx,
    arn: &str,
    asked: &PolicySimulation,
    page: &PageRequest,
) -> Result<Page<Answer>, Fault> {
    let account = own_account(cx)?;
    let mut subject = store.read(|rx| found(rx, cx, (Action("iam:SimulatePrincipalPolicy"), arn)))?;
    check(asked)?;
    subject.add(&asked.policies)?;
    bounded(subject, asked.boundary.as_deref())?.answers(&account, asked, page)
}

/// GetContextKeysForCustomPolicy: the condition keys that policies ask for.
pub fn keys_of_custom(cx: &Cx, policies: &[String]) -> Result<Vec<String>, Fault> {
    require(cx, Action("iam:GetContextKeysForCustomPolicy"), &[])?;
    Ok(Subject::given(policies)?.set.condition_keys())
}

/// GetContextKeysForPrincipalPolicy.
pub fn keys_of_principal(
    store: &Store,
    cx: &Cx,
    arn: &str,
    policies: &[String],
) -> Result<Vec<String>, Fault> {
    let ask = (Action("iam:GetContextKeysForPrincipalPolicy"), arn);
    let mut subject = store.read(|rx| found(rx, cx, ask))?;
    subject.add(policies)?;
    Ok(subject.set.condition_keys())
}

/// The principal of an ARN, once the caller may do `action` on it.
fn found(rx: &mut Rx<'_>, cx: &Cx, (action, arn): (Action, &str)) -> Result<Subject, Fault> {
    let account = own_account(cx)?;
    let rest = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':'));
    let parsed = rest.and_then(|(of, rest)| Some((AccountId::parse(of).ok()?, rest.split_once('/')?)));
    let Some((of, (kind, path))) = parsed.filter(|(_, (kind, _))| ["user", "group", "role"].contains(kind))
    else {
        return Err(invalid_input(format!(
            "PolicySourceArn is {arn}: it must be the ARN of a user, a group or a role"
        )));
    };
    if of != account {
        // Nobody's policies but those of the caller's account are told.
        require(cx, action, &[resource::owned(arn, &of)])?;
        return Err(invalid_input(format!("PolicySourceArn is {arn}, which is not in account {account}")));
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let (subject, own) = match kind {
        "user" => {
            let (user, _) = users::guarded(rx, cx, (action, name), &Context::new())?;
            let (mut binding, holders) = key_callers::binding(rx, &user)?;
            binding.service_controls = policy_attachments::bounds(rx, &account)?;
            let of_group = |arn: &String| if *arn == user.arn() { Source::User } else { Source::Group };
            let holders: Vec<Source> = holders.iter().map(of_group).collect();
            (Subject::of(&binding, &holders)?, user.arn())
        }
        "group" => {
            let group = iam_groups::guarded(rx, cx, (action, name), &Context::new())?;
            let holders = vec![Source::Group; group.inline_policies.len()];
            (Subject::of(&binding_of(rx, &group)?, &holders)?, group.arn())
        }
        _ => {
            let (role, _) = roles::guarded(rx, cx, (action, name), &Context::new())?;
            let binding = store::accounts::roles::find_binding(rx, &account, role.name.as_str())?;
            let binding = binding.ok_or_else(|| {
                crate::iam::no_entity(format!("The role with name {name} cannot be found."))
            })?;
            (Subject::of(&binding, &[])?, role.arn())
        }
    };
    if own == arn {
        Ok(subject)
    } else {
        Err(crate::iam::no_entity(format!("There is no {arn}: the path is another")))
    }
}

/// What a group gives its users, as a role's row has it.
fn binding_of(rx: &mut Rx<'_>, group: &IamGroup) -> Result<RoleBinding, Fault> {
    let (managed, inline): (Vec<_>, Vec<_>) =
        (group.managed_policies.iter().collect(), group.inline_policies.iter().collect());
    Ok(RoleBinding {
        service_controls: policy_attachments::bounds(rx, &group.account_id)?,
        ..key_callers::bound(rx, &group.account_id, (&managed, &inline), None)?
    })
}
