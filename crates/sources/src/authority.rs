//! What a provisioning token may do: with users, groups and memberships of its tenant's identity store, and nothing else. It has no policies, so that
//! nobody can give it more by mistake.

use model::access::{Authority, Decision, Question};

/// Every action that provisioning comes to.
const ACTIONS: &[&str] = &[
    "identitystore:CreateUser",
    "identitystore:DescribeUser",
    "identitystore:GetUserId",
    "identitystore:ListUsers",
    "identitystore:UpdateUser",
    "identitystore:DeleteUser",
    "identitystore:CreateGroup",
    "identitystore:DescribeGroup",
    "identitystore:GetGroupId",
    "identitystore:ListGroups",
    "identitystore:UpdateGroup",
    "identitystore:DeleteGroup",
    "identitystore:ListGroupMemberships",
    "identitystore:ListGroupMembershipsForMember",
];

/// The authority of a token.
#[derive(Debug)]
pub(crate) struct Provisioning {
    /// The ARN of the identity store that its tenant writes into.
    pub(crate) identity_store: String,
}

impl Authority for Provisioning {
    fn decide(&self, question: &Question<'_>) -> Decision {
        let arn = question.resource.arn.as_str();
        let own = match arn.strip_prefix("arn:aws:identitystore:") {
            // Users, groups and memberships name no store: the gate has looked into this one alone.
            Some(rest) if rest.starts_with("::") => true,
            Some(_) => arn == self.identity_store,
            None => false,
        };
        if own && ACTIONS.contains(&question.action) { Decision::Allow } else { Decision::ImplicitDeny }
    }

    fn asks_context(&self) -> bool {
        false
    }

    fn silent(&self, _question: &Question<'_>) -> &'static str {
        "provisioning tenant"
    }
}

#[cfg(test)]
mod tests {
    use model::access::{Context, Resource};

    use super::*;

    #[test]
    fn only_people_and_groups_of_its_own_store() {
        let authority =
            Provisioning { identity_store: "arn:aws:identitystore::1:identitystore/d-1".to_owned() };
        let may = |action: &str, arn: &str| {
            let resource = Resource { arn: arn.to_owned(), ..Resource::default() };
            authority.decide(&Question { action, resource: &resource, context: &Context::new() })
                == Decision::Allow
        };
        assert!(may("identitystore:CreateUser", "arn:aws:identitystore::1:identitystore/d-1"));
        assert!(may("identitystore:UpdateUser", "arn:aws:identitystore:::user/x"));
        assert!(!may("identitystore:CreateUser", "arn:aws:identitystore::1:identitystore/d-2"));
        assert!(!may("portico:CreateBearerToken", "arn:aws:identitystore::1:identitystore/d-1"));
        assert!(!may("sso:CreateAccountAssignment", "*") && !may("identitystore:CreateUser", "*"));
    }
}
