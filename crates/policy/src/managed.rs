//! AWS managed policies by ARN, with their meaning for the services that Portico serves: sso, identitystore, sso-directory,
//! organizations, iam, sts and cloudtrail. Actions of other services are left out; they could match nothing here. A policy that
//! is not in the list is attached like any other and grants nothing here, though it does in a real account.

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use crate::document::{Document, Kind};

/// The eleven reads of the identity store that read-only policies name one by one.
const IDENTITYSTORE_READS: &[&str] = &[
    "identitystore:DescribeGroup",
    "identitystore:DescribeGroupMembership",
    "identitystore:DescribeUser",
    "identitystore:GetGroupId",
    "identitystore:GetGroupMembershipId",
    "identitystore:GetUserId",
    "identitystore:IsMemberInGroups",
    "identitystore:ListGroupMemberships",
    "identitystore:ListGroupMembershipsForMember",
    "identitystore:ListGroups",
    "identitystore:ListUsers",
];

const ORGANIZATION_READS: &[&str] = &["organizations:Describe*", "organizations:List*"];
const IAM_READS: &[&str] = &["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"];
const SSO_READS: &[&str] = &[
    "sso:Describe*",
    "sso:Get*",
    "sso:List*",
    "sso:Search*",
    "sso-directory:Describe*",
    "sso-directory:List*",
    "sso-directory:Search*",
];
const CLOUDTRAIL_READS: &[&str] =
    &["cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents"];

/// The part of the ARN after `arn:aws:iam::aws:policy/`, and what the policy says.
const POLICIES: &[(&str, &[&[&str]])] = &[
    ("AdministratorAccess", &[&["*"]]),
    (
        "ReadOnlyAccess",
        &[
            IDENTITYSTORE_READS,
            SSO_READS,
            IAM_READS,
            ORGANIZATION_READS,
            CLOUDTRAIL_READS,
            &["sts:GetAccessKeyInfo", "sts:GetCallerIdentity", "sts:GetSessionToken"],
        ],
    ),
    (
        "SecurityAudit",
        &[
            IAM_READS,
            ORGANIZATION_READS,
            IDENTITYSTORE_READS,
            &[
                "sso:DescribePermissionsPolicies",
                "sso:List*",
                "cloudtrail:Describe*",
                "cloudtrail:Get*",
                "cloudtrail:List*",
            ],
        ],
    ),
    ("job-function/Billing", &[&["organizations:DescribeOrganization", "organizations:ListAccounts"]]),
    ("job-function/DatabaseAdministrator", &[&["iam:GetRole", "iam:ListRoles"]]),
    (
        "job-function/DataScientist",
        &[&["iam:GetRole", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListRoles"]],
    ),
    ("job-function/NetworkAdministrator", &[&["iam:GetRole", "iam:ListRoles"]]),
    (
        "job-function/SupportUser",
        &[&[
            "cloudtrail:DescribeTrails",
            "cloudtrail:GetTrailStatus",
            "cloudtrail:ListPublicKeys",
            "cloudtrail:ListTags",
            "cloudtrail:LookupEvents",
            "iam:Get*",
            "iam:List*",
        ]],
    ),
    (
        "job-function/SystemAdministrator",
        &[&[
            "cloudtrail:*",
            "iam:GetAccount*",
            "iam:GetContextKeys*",
            "iam:GetCredentialReport",
            "iam:ListAccountAliases",
            "iam:ListGroups",
            "iam:ListRoles",
            "iam:ListPolicies",
            "iam:ListUsers",
            "iam:GetUser*",
        ]],
    ),
    (
        "job-function/ViewOnlyAccess",
        &[&[
            "cloudtrail:DescribeTrails",
            "cloudtrail:LookupEvents",
            "iam:List*",
            "iam:GetAccountSummary",
            "iam:GetLoginProfile",
            "organizations:List*",
        ]],
    ),
    (
        "AWSSSOReadOnly",
        &[&[
            "sso:Describe*",
            "sso:Get*",
            "sso:List*",
            "sso:Search*",
            "sso-directory:DescribeDirectory",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:ListAccounts",
            "organizations:ListAccountsForParent",
            "organizations:ListChildren",
            "organizations:ListParents",
            "organizations:ListRoots",
            "iam:ListPolicies",
        ]],
    ),
    (
        "AWSSSODirectoryReadOnly",
        &[
            IDENTITYSTORE_READS,
            &[
                "sso-directory:Search*",
                "sso-directory:Describe*",
                "sso-directory:List*",
                "sso-directory:Get*",
                "identitystore:Describe*",
                "identitystore:List*",
            ],
        ],
    ),
    (
        "AWSSSODirectoryAdministrator",
        &[&["sso-directory:*", "identitystore:*", "sso:ListDirectoryAssociations"]],
    ),
    (
        "AWSSSOMasterAccountAdministrator",
        &[&[
            "sso:*",
            "sso-directory:*",
            "identitystore:*",
            "iam:ListPolicies",
            "organizations:Describe*",
            "organizations:List*",
        ]],
    ),
    (
        "AWSSSOMemberAccountAdministrator",
        &[&[
            "sso:*",
            "sso-directory:*",
            "identitystore:*",
            "iam:ListPolicies",
            "organizations:DescribeOrganization",
            "organizations:DescribeAccount",
            "organizations:List*",
        ]],
    ),
    ("IAMReadOnlyAccess", &[IAM_READS]),
    (
        "IAMFullAccess",
        &[&[
            "iam:*",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:DescribeOrganizationalUnit",
            "organizations:DescribePolicy",
            "organizations:List*",
        ]],
    ),
    ("AWSOrganizationsReadOnlyAccess", &[ORGANIZATION_READS]),
    ("AWSOrganizationsFullAccess", &[&["organizations:*"]]),
    (
        "AWSCloudTrail_ReadOnlyAccess",
        &[&["cloudtrail:Get*", "cloudtrail:Describe*", "cloudtrail:List*", "cloudtrail:LookupEvents"]],
    ),
    ("AWSCloudTrail_FullAccess", &[&["cloudtrail:*", "iam:ListRoles", "iam:GetRole"]]),
];

/// PowerUserAccess is the one policy that says what it does not allow.
fn power_user() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
        {"Effect": "Allow", "Resource": "*", "Action": [
            "account:GetAccountInformation", "account:ListRegions", "iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole",
            "iam:ListRoles", "organizations:DescribeEffectivePolicy", "organizations:DescribeOrganization"
        ]}
    ]})
}

fn all() -> &'static [(String, Arc<Document>)] {
    static ALL: OnceLock<Vec<(String, Arc<Document>)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let listed = POLICIES.iter().map(|(path, actions)| {
            let actions: Vec<&str> = actions.concat();
            (*path, json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}))
        });
        listed
            .chain([("PowerUserAccess", power_user())])
            .filter_map(|(path, value)| {
                let document = Document::from_value(&value, Kind::Identity).ok()?;
                Some((format!("arn:aws:iam::aws:policy/{path}"), Arc::new(document)))
            })
            .collect()
    })
}

/// The policy of this ARN.
pub fn find(arn: &str) -> Option<Arc<Document>> {
    all().iter().find(|(known, _)| known == arn).map(|(_, document)| document.clone())
}

/// A managed policy's name: what stands behind the last slash of its ARN.
pub fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use model::access::{Authority, Context, Decision, Question, Resource};

    use super::*;
    use crate::evaluate::PolicySet;

    fn allows(policy: &str, action: &str) -> bool {
        let document = find(&format!("arn:aws:iam::aws:policy/{policy}")).unwrap();
        let resource = Resource { arn: "*".to_owned(), ..Resource::default() };
        let set = PolicySet { identity: vec![document], ..PolicySet::default() };
        set.decide(&Question { action, resource: &resource, context: &Context::new() }) == Decision::Allow
    }

    #[test]
    fn every_listed_policy_is_a_valid_document() {
        assert_eq!(all().len(), POLICIES.len() + 1);
    }

    #[test]
    fn the_predefined_permission_sets_mean_what_they_mean_at_aws() {
        assert!(allows("AdministratorAccess", "iam:CreateRole"));
        assert!(allows("PowerUserAccess", "sso:CreatePermissionSet"));
        assert!(allows("PowerUserAccess", "organizations:DescribeOrganization"));
        assert!(!allows("PowerUserAccess", "organizations:CreateAccount"));
        assert!(!allows("PowerUserAccess", "iam:GetRole"));
        assert!(allows("ReadOnlyAccess", "sso:ListInstances"));
        assert!(!allows("ReadOnlyAccess", "sso:DeletePermissionSet"));
        assert!(!allows("job-function/ViewOnlyAccess", "identitystore:ListUsers"));
        assert!(find("arn:aws:iam::aws:policy/AmazonS3FullAccess").is_none());
    }
}
