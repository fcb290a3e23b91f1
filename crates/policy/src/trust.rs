//! Trust policies: who may assume a role.

use model::access::{Context, Decision, Question, Resource};

use crate::document::{Document, Effect, PrincipalPattern};
use crate::evaluate::Verdict;

/// Who wants to assume a role.
#[derive(Debug, Clone, Copy)]
pub enum Assumer<'a> {
    /// A caller of an account: the account id, the ARN of the role or root behind it, and the session's own ARN.
    Aws {
        /// The caller's account.
        account: &'a str,
        /// The principal's ARN: the role's, or the root's.
        principal: &'a str,
        /// The session's ARN; the principal's when it has none.
        session: &'a str,
    },
    /// An identity provider, by ARN.
    Federated(&'a str),
}

/// What a trust policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It names the caller itself: no further permission is needed within the account.
    Direct,
    /// It trusts the caller's account: the caller's own policies must allow the call too.
    Account,
    /// It does not allow the call.
    No,
}

/// Holds `action` (`sts:AssumeRole`, …) by `assumer` against a trust policy.
pub fn trust(document: &Document, action: &str, assumer: Assumer<'_>, context: &Context) -> Trust {
    let resource = Resource { arn: "*".to_owned(), ..Resource::default() };
    let question = Question { action, resource: &resource, context };
    let mut answer = Trust::No;
    for statement in &document.statements {
        let Some(how) = statement.principals.iter().filter_map(|principal| names(principal, assumer)).next()
        else {
            continue;
        };
        if statement.verdict(&question, context, document.variables) != Verdict::Applies {
            continue;
        }
        match statement.effect {
            Effect::Deny => return Trust::No,
            Effect::Allow if answer != Trust::Direct => answer = how,
            Effect::Allow => {}
        }
    }
    answer
}

fn names(pattern: &PrincipalPattern, assumer: Assumer<'_>) -> Option<Trust> {
    let value = pattern.value.as_str();
    match (assumer, pattern.kind.as_str()) {
        (_, "*") => Some(Trust::Account),
        (Assumer::Federated(arn), "Federated") => (value == arn).then_some(Trust::Direct),
        (Assumer::Aws { account, principal, session }, "AWS") => {
            if value == "*" || value == account || value == format!("arn:aws:iam::{account}:root") {
                Some(Trust::Account)
            } else {
                (value == principal || value == session).then_some(Trust::Direct)
            }
        }
        _ => None,
    }
}

/// Whether a decision of the caller's own policies lets the call through, given what the role's trust says.
pub fn permits(trust: Trust, same_account: bool, own: &Decision) -> bool {
    match (trust, own) {
        (Trust::No, _) | (_, Decision::ExplicitDeny(_)) => false,
        (_, Decision::Allow) => true,
        (Trust::Direct, Decision::ImplicitDeny) => same_account,
        (Trust::Account, Decision::ImplicitDeny) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::Kind;

    fn policy(principal: serde_json::Value) -> Document {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        Document::from_value(&json!({"Version": "2012-10-17", "Statement": [statement]}), Kind::Trust)
            .unwrap()
    }

    #[test]
    fn an_account_a_role_and_a_stranger() {
        let jane = Assumer::Aws {
            account: "111122223333",
            principal: "arn:aws:iam::111122223333:role/Admin",
            session: "arn:aws:sts::111122223333:assumed-role/Admin/jane",
        };
        let none = Context::new();
        let ask = |principal| trust(&policy(principal), "sts:AssumeRole", jane, &none);
        assert_eq!(ask(json!({"AWS": "111122223333"})), Trust::Account);
        assert_eq!(ask(json!({"AWS": "arn:aws:iam::111122223333:root"})), Trust::Account);
        assert_eq!(ask(json!({"AWS": "arn:aws:iam::111122223333:role/Admin"})), Trust::Direct);
        assert_eq!(ask(json!({"AWS": "arn:aws:iam::999999999999:root"})), Trust::No);
        assert_eq!(ask(json!({"Federated": "arn:aws:iam::111122223333:saml-provider/x"})), Trust::No);
        assert_eq!(trust(&policy(json!("*")), "sts:AssumeRoleWithSAML", jane, &none), Trust::No);
        assert!(!permits(Trust::Account, true, &Decision::ImplicitDeny));
        assert!(permits(Trust::Direct, true, &Decision::ImplicitDeny));
        assert!(!permits(Trust::Direct, false, &Decision::ImplicitDeny));
    }
}
