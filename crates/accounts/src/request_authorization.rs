//! What another service asks of a request that it received: whether whoever signed it may do what the service takes it for. Who signed it is told by whoever
//! verified the signature; here is who may ask, what the signer's policies say of it, and what the service learns of the signer.

use std::sync::Arc;

use model::access::{Context, Decision, Question, Resource};
use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::caller::Caller;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use policy::require::{Action, context_on, judge, require_with};
use policy::resource;
use store::db::Store;

use crate::instance::{find, has_accounts};

const ACTION: Action = Action("portico:AuthorizeRequest");
/// For which service the request is signed that is asked about.
const SIGNING_NAME: &str = "portico:SigningName";
/// Condition keys that say something of the request, which the service that received it says. What else begins with `aws:` says something of the signer or the
/// moment, and is known here.
const OF_REQUEST: [&str; 8] = [
    "aws:SourceIp",
    "aws:UserAgent",
    "aws:referer",
    "aws:SecureTransport",
    "aws:TagKeys",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
];
/// The same of tags, each with a tag's key behind it.
const OF_TAGS: [&str; 2] = ["aws:RequestTag/", "aws:ResourceTag/"];
/// Condition keys of people and of how they come to act, which nobody says but Portico.
const OF_PEOPLE: [&str; 2] = ["identitystore:", "identitycenter:"];
/// Keys of a resource whose account is in the organization.
const OF_ORGANIZATION: [&str; 2] = ["aws:ResourceOrgID", "aws:ResourceOrgPaths"];
/// Keys of the moment and of the resource: what is told of the signer is the rest.
const OF_MOMENT: [&str; 8] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:ViaAWSService",
    "aws:PrincipalIsAWSService",
];

/// What the service would do.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `service:Operation`.
    pub action: String,
    /// On what: an ARN, or `*`.
    pub resource: String,
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
    /// AWS's sentence of a refusal, for the signer.
    pub reason: Option<String>,
}

/// Whose the resources are that are asked about.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The account.
    pub id: AccountId,
    /// Where it lies in the organization; none for one that is not in it.
    pub path: Option<UnitPath>,
}

/// Refuses who may not ask about requests to a service; finds the account whose the resources are, if it is said.
pub fn guard(
    store: &Store,
    cx: &Cx,
    (instance, signing_name): (&InstanceId, &str),
    owner: Option<&AccountId>,
) -> Result<Option<Owner>, Fault> {
    store.read(|rx| {
        let found = find(rx, cx, ACTION, instance)?;
        let tags = store::instances::tags::all_of(rx, &instance.arn())?;
        let further = Context::from([(SIGNING_NAME.to_owned(), vec![signing_name.to_owned()])]);
        require_with(cx, ACTION, &[resource::instance(&found, tags)], &further)?;
        has_accounts(cx, &found)?;
        let Some(id) = owner else { return Ok(None) };
        let path = store::accounts::accounts::find(rx, id)?.map(|account| account.path);
        Ok(Some(Owner { id: id.clone(), path }))
    })
}

/// Refuses condition keys that are not the service's to say.
pub fn check(given: &Context) -> Result<(), Fault> {
    let begins =
        |key: &str, with: &str| key.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    let is_of_request = |key: &String| {
        OF_REQUEST.iter().any(|own| key.eq_ignore_ascii_case(own))
            || OF_TAGS.iter().any(|own| begins(key, own) && key.len() > own.len())
    };
    let is_ours = |key: &&String| {
        begins(key, "aws:") && !is_of_request(key) || OF_PEOPLE.iter().any(|own| begins(key, own))
    };
    match given.keys().find(is_ours) {
        None => Ok(()),
        Some(key) => Err(Fault::validation(format!(
            "ContextEntries has {key}: what is of the signer and of the moment is known here. Of the request it takes {}, {}… and keys of the service's own",
            OF_REQUEST.join(", "),
            OF_TAGS.join("…, ")
        ))),
    }
}

/// A request whose signer is known.
#[derive(Debug, Clone)]
pub struct Signed<'a> {
    /// Who signed it.
    pub signer: &'a Caller,
    /// The Region for which it is signed.
    pub region: &'a str,
    /// Whose the resources are, if not the signer's.
    pub owner: Option<&'a Owner>,
}

/// The call as it comes from its signer: nothing of the call that asks is of the call that is asked about.
fn as_signed(cx: &Cx, signed: &Signed<'_>) -> Cx {
    let mut cx = cx.clone().with_caller(signed.signer.clone());
    cx.region = Arc::from(signed.region);
    cx.secure_transport = None;
    (cx.source_ip, cx.user_agent, cx.referer) = <_>::default();
    cx
}

/// What the signer's policies say, on the condition keys of theirs and those that the service gives; and what the service learns of the signer: their condition
/// keys.
pub fn answers(
    cx: &Cx,
    signed: &Signed<'_>,
    (asked, given): (Vec<Asked>, Context),
) -> (Vec<Answer>, Context) {
    let cx = as_signed(cx, signed);
    let owner = signed.owner.map(|owner| &owner.id).or(signed.signer.account_id()).cloned();
    let owner_path = signed.owner.and_then(|owner| owner.path.clone()).unwrap_or_default();
    let on = |arn: String| Resource {
        arn,
        owner: owner.clone(),
        owner_path: owner_path.clone(),
        ..Resource::default()
    };
    let mut context = context_on(&cx, &on(String::new()));
    if signed.owner.is_some_and(|owner| owner.path.is_none()) {
        context.retain(|key, _| !OF_ORGANIZATION.contains(&key.as_str()));
    }
    let of_signer = |(key, _): &(&String, &Vec<String>)| !OF_MOMENT.contains(&key.as_str());
    let told = context.iter().filter(of_signer).map(|(key, values)| (key.clone(), values.clone())).collect();
    context.extend(given);
    let answer = |asked: Asked| {
        let on = on(asked.resource);
        let question = Question { action: &asked.action, resource: &on, context: &context };
        let (decision, reason) = judge(&cx, &question);
        Answer { action: asked.action, resource: on.arn, decision, reason }
    };
    (asked.into_iter().map(answer).collect(), told)
}
