//! What users and groups of IAM have alike: managed policies that are attached, and policies of their own. Knows nothing of whose they are.

use model::access::Context;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::Mode;
use policy::document::{Document, length};

use crate::iam::no_entity;

/// The condition key of the policy that is attached or detached.
pub(crate) fn of_policy(arn: &str) -> Context {
    Context::from([("iam:PolicyARN".to_owned(), vec![arn.to_owned()])])
}

/// Attaches a policy, by the name that IAM has for the quota. What is attached already is no error.
pub(crate) fn attach(
    cx: &Cx,
    attached: &mut Vec<String>,
    arn: &str,
    (quota, (strict, relaxed)): (&str, (usize, usize)),
) -> Result<(), Fault> {
    if attached.iter().any(|one| one == arn) {
        return Ok(());
    }
    let most = if cx.mode == Mode::Strict { strict } else { relaxed };
    if attached.len() >= most {
        return Err(Fault::quota(format!("Cannot exceed quota for {quota}: {most}")));
    }
    attached.push(arn.to_owned());
    Ok(())
}

/// Detaches a policy.
pub(crate) fn detach(attached: &mut Vec<String>, arn: &str) -> Result<(), Fault> {
    let had = attached.len();
    attached.retain(|one| one != arn);
    if attached.len() == had { Err(no_entity(format!("Policy {arn} was not found."))) } else { Ok(()) }
}

/// Refuses a document that cannot be evaluated here.
pub(crate) fn check_document(text: &str) -> Result<(), Fault> {
    Document::parse_new(text).map(drop)
}

/// Adds a policy, or writes one anew. `of` says whose, `most` how many characters that are not white space all may have together.
pub(crate) fn put_inline(
    policies: &mut Vec<(String, String)>,
    (name, text): (&str, &str),
    (of, most): (&str, usize),
) -> Result<(), Fault> {
    policies.retain(|(other, _)| other != name);
    policies.push((name.to_owned(), text.to_owned()));
    policies.sort_unstable();
    let together: usize = policies.iter().map(|(_, text)| length(text)).sum();
    if together <= most {
        return Ok(());
    }
    Err(Fault::quota(format!(
        "Maximum policy size of {most} bytes exceeded for {of}: its inline policies would have {together} characters that are not white space"
    )))
}

/// The text of a policy of this name. `kind` says whose: `user`, `group`.
pub(crate) fn inline(policies: &[(String, String)], kind: &str, name: &str) -> Result<String, Fault> {
    let found = policies.iter().find(|(other, _)| other == name);
    found.map(|(_, text)| text.clone()).ok_or_else(|| no_inline(kind, name))
}

/// Takes a policy away.
pub(crate) fn delete_inline(
    policies: &mut Vec<(String, String)>,
    kind: &str,
    name: &str,
) -> Result<(), Fault> {
    let had = policies.len();
    policies.retain(|(other, _)| other != name);
    if policies.len() == had { Err(no_inline(kind, name)) } else { Ok(()) }
}

fn no_inline(kind: &str, name: &str) -> Fault {
    no_entity(format!("The {kind} policy with name {name} cannot be found."))
}
