//! Finding AWS managed policies by ARN. Does not know what they say: that is [`data`](super::data)'s.

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use crate::document::{Document, Kind};
use crate::managed::data::{POLICIES, Rule};

/// What the ARN of every AWS managed policy starts with.
const PREFIX: &str = "arn:aws:iam::aws:policy/";

static ALL: LazyLock<Vec<(&str, Arc<Document>)>> = LazyLock::new(|| {
    let read = |(path, rules): &(&'static str, &[Rule])| {
        let statements: Vec<Value> = rules.iter().map(statement).collect();
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        Some((*path, Arc::new(Document::from_value(&document, Kind::Identity).ok()?)))
    };
    POLICIES.iter().filter_map(read).collect()
});

fn statement(rule: &Rule) -> Value {
    let mut statement = json!({"Effect": "Allow", "Resource": rule.resource});
    statement[if rule.all_but { "NotAction" } else { "Action" }] = json!(rule.actions.concat());
    if let Some((operator, key, value)) = rule.condition {
        statement["Condition"] = json!({operator: {key: value}});
    }
    statement
}

/// The policy of this ARN.
pub fn find(arn: &str) -> Option<Arc<Document>> {
    let path = arn.strip_prefix(PREFIX)?;
    ALL.iter().find(|(known, _)| *known == path).map(|(_, document)| document.clone())
}

/// The ARNs of all policies that [`find`] knows.
pub fn arns() -> impl Iterator<Item = String> {
    POLICIES.iter().map(|(path, _)| format!("{PREFIX}{path}"))
}

/// Whether [`find`] knows what the policy of this ARN says.
pub fn is_known(arn: &str) -> bool {
    find(arn).is_some()
}

/// Whether the ARN is one of AWS's managed policies by its form, known or not: `arn:aws:iam::aws:policy/<path><name>`.
pub fn is_aws_managed(arn: &str) -> bool {
    let sane = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
    };
    arn.strip_prefix(PREFIX).is_some_and(|path| path.split('/').all(sane))
}

/// A managed policy's name: what stands behind the last slash of its ARN.
pub fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A managed policy's path: what stands between `policy` and its name, slashes included.
pub fn path(arn: &str) -> &str {
    let below = arn.split_once(":policy").map_or("/", |(_, below)| below);
    below.rfind('/').and_then(|end| below.get(..=end)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use model::access::{Authority, Context, Decision, Question, Resource};

    use super::*;

    #[test]
    fn an_arn_has_a_path_and_a_name() {
        let billing = "arn:aws:iam::aws:policy/job-function/Billing";
        assert_eq!((path(billing), name(billing)), ("/job-function/", "Billing"));
        assert_eq!(path("arn:aws:iam::aws:policy/ReadOnlyAccess"), "/");
    }
    use crate::evaluate::PolicySet;

    #[test]
    fn every_listed_policy_is_a_valid_document() {
        assert_eq!(ALL.len(), POLICIES.len());
        for (path, _) in POLICIES {
            assert!(
                is_known(&format!("{PREFIX}{path}")) && is_aws_managed(&format!("{PREFIX}{path}")),
                "{path}"
            );
        }
        assert!(!is_known(&format!("{PREFIX}AmazonS3FullAccess")), "grants nothing here");
        assert!(is_aws_managed(&format!("{PREFIX}AmazonS3FullAccess")));
        assert!(!is_aws_managed("arn:aws:iam::111122223333:policy/AdministratorAccess"));
        assert!(!is_known("arn:aws:iam::111122223333:policy/AdministratorAccess"));
        assert_eq!(name("arn:aws:iam::aws:policy/job-function/Billing"), "Billing");
    }

    #[test]
    fn some_permissions_hang_on_the_resource_or_the_request() {
        let decide = |policy: &str, action, arn: &str, key: &str, value: &str| {
            let resource = Resource { arn: arn.to_owned(), ..Resource::default() };
            let context = Context::from([(key.to_owned(), vec![value.to_owned()])]);
            let set = PolicySet {
                identity: vec![find(&format!("{PREFIX}{policy}")).unwrap()],
                ..PolicySet::default()
            };
            set.decide(&Question { action, resource: &resource, context: &context }) == Decision::Allow
        };
        let flow_logs = "arn:aws:iam::111122223333:role/flow-logs-x";
        assert!(decide("job-function/NetworkAdministrator", "iam:GetRole", flow_logs, "a:b", ""));
        let (register, key) =
            ("organizations:RegisterDelegatedAdministrator", "organizations:ServicePrincipal");
        let master = "AWSSSOMasterAccountAdministrator";
        assert!(decide(master, register, "*", key, "sso.amazonaws.com"));
        assert!(!decide(master, register, "*", key, "ram.amazonaws.com"));
    }
}
