//! Trust policies and actor policies: who may assume a role, who may act for an application. IAM user guide, "How IAM roles differ from
//! resource-based policies" and "Policy evaluation logic". Knows nothing of sessions and tokens that come of it.

use model::access::{Context, Decision, Question, Resource};
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::Role;
use model::caller::Identity;
use model::cx::Cx;
use model::fault::Fault;

use crate::document::{Document, Effect, Kind};
use crate::evaluate::Verdict;
use crate::principal::{PrincipalKind, PrincipalPattern};
use crate::require::{context_of, context_on, resource_keys};

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

/// What a trust policy says, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// It does not allow the call.
    No,
    /// It trusts the caller's account: the caller's own policies must allow the call too.
    Account,
    /// It names the caller's role: no further permission is needed within the account, but a boundary and session policies still bind.
    Role,
    /// It names the caller's very session, the user, or the identity provider: no further permission is needed within the account.
    Direct,
}

/// Holds `action` (`sts:AssumeRole`, …) by `assumer` against a trust policy. An explicit deny wins, wherever it stands.
pub fn trust(document: &Document, action: &str, assumer: Assumer<'_>, context: &Context) -> Trust {
    let resource = Resource { arn: "*".to_owned(), ..Resource::default() };
    let question = Question { action, resource: &resource, context };
    let mut answer = Trust::No;
    for statement in &document.statements {
        let effect = statement.effect;
        let how = statement.principals.iter().map(|principal| names(principal, assumer, effect)).max();
        let Some(how) = how.filter(|how| *how != Trust::No) else { continue };
        if statement.verdict(&question) == Verdict::Applies {
            match effect {
                Effect::Deny => return Trust::No,
                Effect::Allow => answer = answer.max(how),
            }
        }
    }
    answer
}

fn names(pattern: &PrincipalPattern, assumer: Assumer<'_>, effect: Effect) -> Trust {
    match (assumer, pattern.kind) {
        // Everybody is everybody when it is forbidden; when it is allowed, a provider must be named.
        (Assumer::Federated(_), PrincipalKind::Aws) if pattern.value == "*" && effect == Effect::Deny => {
            Trust::Direct
        }
        (Assumer::Federated(arn), PrincipalKind::Federated) if pattern.value == arn => Trust::Direct,
        (Assumer::Aws { session, .. }, PrincipalKind::Aws)
            if pattern.value == session && (is_session(session) || is_user(session)) =>
        {
            Trust::Direct
        }
        (Assumer::Aws { account, .. }, PrincipalKind::Aws) if pattern.is_account(account) => Trust::Account,
        (Assumer::Aws { principal, .. }, PrincipalKind::Aws) if pattern.value == principal => Trust::Role,
        _ => Trust::No,
    }
}

fn is_session(arn: &str) -> bool {
    arn.contains(":assumed-role/")
}

/// What names a user is limited by no silence either, not even a boundary's (IAM user guide, "Permissions boundaries for IAM entities").
fn is_user(arn: &str) -> bool {
    arn.starts_with("arn:aws:iam::") && arn.contains(":user/")
}

/// Whether the caller may assume `role` by every one of `actions` (`sts:AssumeRole`, with session tags also `sts:TagSession`), as the
/// role's trust policy and the caller's own policies say together. `further` are condition keys of the request: `sts:ExternalId`,
/// `sts:RoleSessionName`, `aws:RequestTag/…`, `aws:TagKeys`. With the role comes where its account lies in the organization.
pub fn may_assume(
    cx: &Cx,
    (role, path): (&Role, &UnitPath),
    actions: &[&str],
    further: &Context,
) -> Result<bool, Fault> {
    let document = Document::from_value(&role.trust_policy, Kind::Trust)?;
    let resource = Resource {
        arn: role.arn(),
        owner: Some(role.account_id.clone()),
        owner_path: path.clone(),
        ..Resource::default()
    };
    let mut context = context_of(cx);
    context.extend(further.clone());
    resource_keys(cx, resource.owner.as_ref(), path, &mut context);
    Ok(may(cx, (&document, &resource), actions, &context))
}

/// Whether the caller may act for an application by `action`, as its actor policy and the caller's own policies say together. An actor policy is to its
/// application what a trust policy is to a role: whom it does not name may not, whatever their own policies say.
pub fn may_act(cx: &Cx, actors: &Document, application: &Resource, action: &str) -> bool {
    may(cx, (actors, application), &[action], &context_on(cx, application))
}

fn may(cx: &Cx, (document, resource): (&Document, &Resource), actions: &[&str], context: &Context) -> bool {
    let session = cx.caller.arn();
    let principal = match cx.caller.identity() {
        Identity::Role(session) => session.role_arn(),
        // AWS refuses the root user ("Roles may not be assumed by root accounts"), but root is how the first account is set up here.
        Identity::Root { .. } | Identity::User(_) => session.clone(),
        Identity::PortalUser(_)
        | Identity::Provisioner(_)
        | Identity::Synchronizer(_)
        | Identity::Service { .. }
        | Identity::Anonymous => return false,
    };
    let Some(account) = cx.caller.account_id() else { return false };
    let assumer = Assumer::Aws { account: account.as_str(), principal: &principal, session: &session };
    let same_account = resource.owner.as_ref() == Some(account);
    actions.iter().all(|action| {
        let question = Question { action, resource, context };
        // Not even who is named as a session may what the organization does not let its account do.
        if !cx.caller.authority.organization_allows(&question) {
            return false;
        }
        let own = cx.caller.authority.decide(&question);
        let within_bounds = cx.caller.authority.bounds_allow(&question);
        permits(trust(document, action, assumer, context), same_account, &own, within_bounds)
    })
}

/// Whether an identity provider may vouch for somebody who assumes `role`, by every one of `actions`: the role's trust policy alone decides,
/// for whoever comes from outside has no policies of their own. `further` are condition keys of the assertion: `SAML:aud`, ….
/// With the role comes where its account lies.
pub fn may_federate(
    cx: &Cx,
    (role, path): (&Role, &UnitPath),
    provider: &str,
    actions: &[&str],
    further: &Context,
) -> Result<bool, Fault> {
    let document = Document::from_value(&role.trust_policy, Kind::Trust)?;
    let mut context = context_of(cx);
    context.extend(further.clone());
    resource_keys(cx, Some(&role.account_id), path, &mut context);
    let trusts = |action: &&str| trust(&document, action, Assumer::Federated(provider), &context);
    Ok(actions.iter().all(|action| trusts(action) == Trust::Direct))
}

/// Whether trust and a decision of the caller's own policies let the call through. Another account's trust is never enough by itself. What
/// names a role makes up for silent identity-based policies, and for nothing else: a boundary and session policies must allow by
/// themselves. What names a session is limited by no silence. IAM user guide, "Policy evaluation logic", resource-based policies.
fn permits(trust: Trust, same_account: bool, own: &Decision, within_bounds: bool) -> bool {
    match (trust, own) {
        (Trust::No, _) | (_, Decision::ExplicitDeny(_)) | (Trust::Account, Decision::ImplicitDeny) => false,
        (_, Decision::Allow) => true,
        (Trust::Role, Decision::ImplicitDeny) => same_account && within_bounds,
        (Trust::Direct, Decision::ImplicitDeny) => same_account,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const JANE: Assumer<'static> = Assumer::Aws {
        account: "111122223333",
        principal: "arn:aws:iam::111122223333:role/Admin",
        session: "arn:aws:sts::111122223333:assumed-role/Admin/jane",
    };

    fn policy(statements: &Value) -> Document {
        Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements}), Kind::Trust).unwrap()
    }

    fn allow(principal: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    }

    #[test]
    fn an_account_a_role_a_session_and_a_stranger() {
        for (principal, want) in [
            (json!({"AWS": "111122223333"}), Trust::Account),
            (json!({"AWS": "arn:aws:iam::111122223333:root"}), Trust::Account),
            (json!({"AWS": "*"}), Trust::Account),
            (json!("*"), Trust::Account),
            (json!({"AWS": "arn:aws:iam::111122223333:role/Admin"}), Trust::Role),
            (json!({"AWS": "arn:aws:sts::111122223333:assumed-role/Admin/jane"}), Trust::Direct),
            (json!({"AWS": ["111122223333", "arn:aws:iam::111122223333:role/Admin"]}), Trust::Role),
            (json!({"AWS": "arn:aws:sts::111122223333:assumed-role/Admin/eve"}), Trust::No),
            (json!({"AWS": "arn:aws:iam::111122223333:role/admin"}), Trust::No),
            (json!({"AWS": "arn:aws:iam::999999999999:root"}), Trust::No),
            (json!({"AWS": "999999999999"}), Trust::No),
            (json!({"Service": "111122223333"}), Trust::No),
            (json!({"Federated": "arn:aws:iam::111122223333:saml-provider/x"}), Trust::No),
        ] {
            let got = trust(&policy(&json!([allow(&principal)])), "sts:AssumeRole", JANE, &Context::new());
            assert_eq!(got, want, "{principal}");
        }
        let everybody = policy(&json!([allow(&json!("*"))]));
        assert_eq!(trust(&everybody, "sts:TagSession", JANE, &Context::new()), Trust::No);
    }

    #[test]
    fn a_deny_wins_wherever_it_stands() {
        let role = allow(&json!({"AWS": "arn:aws:iam::111122223333:role/Admin"}));
        let deny = json!({"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "sts:*"});
        for statements in [json!([role, deny]), json!([deny, role])] {
            assert_eq!(trust(&policy(&statements), "sts:AssumeRole", JANE, &Context::new()), Trust::No);
        }
    }

    #[test]
    fn a_provider_and_its_audience() {
        let provider = "arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE";
        let document = policy(&json!({
            "Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
        }));
        let ask = |provider, audience: &str| {
            let context = Context::from([("SAML:aud".to_owned(), vec![audience.to_owned()])]);
            trust(&document, "sts:AssumeRoleWithSAML", Assumer::Federated(provider), &context)
        };
        assert_eq!(ask(provider, "https://signin.aws.amazon.com/saml"), Trust::Direct);
        assert_eq!(ask(provider, "https://example.com/saml"), Trust::No);
        assert_eq!(
            ask("arn:aws:iam::111122223333:saml-provider/Other", "https://signin.aws.amazon.com/saml"),
            Trust::No
        );
        let anybody =
            policy(&json!({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRoleWithSAML"}));
        let stranger = Assumer::Federated("arn:aws:iam::111122223333:saml-provider/Other");
        assert_eq!(trust(&anybody, "sts:AssumeRoleWithSAML", stranger, &Context::new()), Trust::No);
    }

    #[test]
    fn a_deny_of_everybody_binds_providers_too() {
        let provider = "arn:aws:iam::111122223333:saml-provider/P";
        let allow = json!({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML"});
        let ask = |deny: &Value, audience: &str| {
            let context = Context::from([("SAML:aud".to_owned(), vec![audience.to_owned()])]);
            let document = policy(&json!([allow, deny]));
            trust(&document, "sts:AssumeRoleWithSAML", Assumer::Federated(provider), &context)
        };
        for principal in [json!("*"), json!({"AWS": "*"}), json!({"AWS": ["111122223333", "*"]})] {
            let deny = json!({"Effect": "Deny", "Principal": principal, "Action": "sts:*",
                "Condition": {"StringEquals": {"SAML:aud": "https://example.com/"}}});
            assert_eq!(ask(&deny, "https://example.com/"), Trust::No, "{principal}");
            assert_eq!(ask(&deny, "https://signin.aws.amazon.com/saml"), Trust::Direct, "{principal}");
        }
        let account = json!({"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "sts:*"});
        assert_eq!(ask(&account, "x"), Trust::Direct, "who comes from outside is not of the account");
    }

    #[test]
    fn trust_and_the_callers_own_policies_together() {
        let deny = Decision::ExplicitDeny(String::new());
        for (trust, same_account, decision, within_bounds, want) in [
            (Trust::No, true, &Decision::Allow, true, false),
            (Trust::Direct, true, &deny, true, false),
            (Trust::Account, true, &Decision::ImplicitDeny, true, false),
            (Trust::Account, false, &Decision::Allow, true, true),
            (Trust::Role, true, &Decision::ImplicitDeny, true, true),
            (Trust::Role, true, &Decision::ImplicitDeny, false, false),
            (Trust::Role, false, &Decision::ImplicitDeny, true, false),
            (Trust::Direct, true, &Decision::ImplicitDeny, false, true),
            (Trust::Direct, false, &Decision::ImplicitDeny, true, false),
            (Trust::Direct, false, &Decision::Allow, true, true),
        ] {
            assert_eq!(
                permits(trust, same_account, decision, within_bounds),
                want,
                "{trust:?} {same_account} {decision:?}"
            );
        }
    }
}
