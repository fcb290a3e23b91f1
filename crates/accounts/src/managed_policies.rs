//! AWS managed policies as IAM shows them to the accounts, as far as they are known here. Nothing of the store: they are the same for everybody.

use model::access::Resource;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use policy::managed::{self, ManagedPolicy};
use policy::require::{Action, require};
use serde_json::Value;

fn absent(message: String) -> Fault {
    Fault::new(FaultKind::Service("NoSuchEntity"), message)
}

/// The policy of an ARN, for who may do `action` on it.
fn find(cx: &Cx, action: Action, arn: &str) -> Result<ManagedPolicy, Fault> {
    require(cx, action, &[Resource { arn: arn.to_owned(), ..Resource::default() }])?;
    // Accounts have no policies of their own, so that every other ARN is nobody's.
    managed::lookup(arn).map_err(|_| absent(format!("Policy {arn} was not found.")))
}

/// A policy.
pub fn get(cx: &Cx, arn: &str) -> Result<ManagedPolicy, Fault> {
    find(cx, Action("iam:GetPolicy"), arn)
}

/// The document of a policy's version. What is not known whole is refused: a part of it, given out as the policy, would be another policy.
pub fn version(cx: &Cx, arn: &str, version: &str) -> Result<(ManagedPolicy, Value), Fault> {
    let policy = find(cx, Action("iam:GetPolicyVersion"), arn)?;
    let number = |version: &str| version.strip_prefix('v').and_then(|number| number.parse::<u32>().ok());
    if number(version)
        .is_none_or(|asked| asked == 0 || number(&policy.version).is_some_and(|last| asked > last))
    {
        return Err(absent(format!("Policy {arn} version {version} does not exist.")));
    }
    let unknown = |what: String| Fault::new(FaultKind::Service("InvalidInput"), what);
    if version != policy.version {
        return Err(unknown(format!(
            "VersionId is {version}: this server knows the default version of {arn} only, {}",
            policy.version
        )));
    }
    match policy.text.clone() {
        Some(text) => Ok((policy, text)),
        None => Err(unknown(format!(
            "PolicyArn is {arn}: this server knows only what this policy says about the services served here, not its whole document"
        ))),
    }
}

/// All policies below a path, by ARN.
pub fn list(cx: &Cx, path_prefix: &str, page: &PageRequest) -> Result<Page<ManagedPolicy>, Fault> {
    require(cx, Action("iam:ListPolicies"), &[])?;
    let mut arns: Vec<String> = managed::arns().collect();
    arns.retain(|arn| managed::path(arn).starts_with(path_prefix));
    let found = page.page_of(arns, String::clone);
    // The list is made of what is known.
    let known = |arn: &String| {
        managed::lookup(arn).map_err(|_| Fault::internal(format!("{arn} is listed and not known")))
    };
    Ok(Page { items: found.items.iter().map(known).collect::<Result<_, _>>()?, next: found.next })
}
