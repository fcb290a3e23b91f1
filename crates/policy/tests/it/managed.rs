//! What AWS managed policies allow and do not allow: rows checked against the policies that AWS publishes.

use model::access::{Authority, Context, Decision, Question, Resource};
use policy::evaluate::PolicySet;
use policy::managed;

/// Policy, some actions that it allows, some that it does not.
const MEANINGS: &[(&str, &[&str], &[&str])] = &[
    (
        "AdministratorAccess",
        &[
            "sso:CreatePermissionSet",
            "identitystore:CreateUser",
            "iam:CreateRole",
            "organizations:CreateAccount",
        ],
        &[],
    ),
    (
        "PowerUserAccess",
        &[
            "sso:CreatePermissionSet",
            "identitystore:CreateUser",
            "organizations:DescribeOrganization",
            "iam:ListRoles",
        ],
        &[
            "organizations:CreateAccount",
            "organizations:ListAccounts",
            "iam:GetRole",
            "account:PutAccountName",
        ],
    ),
    (
        "ReadOnlyAccess",
        &[
            "sso:ListInstances",
            "identitystore:DescribeUser",
            "iam:GetRole",
            "organizations:ListAccounts",
            "cloudtrail:LookupEvents",
            "sts:GetCallerIdentity",
        ],
        &[
            "sso:DeletePermissionSet",
            "identitystore:CreateUser",
            "sts:AssumeRole",
            "sso:ProvisionPermissionSet",
        ],
    ),
    (
        "SecurityAudit",
        &[
            "sso:ListAccountAssignments",
            "sso:DescribePermissionSet",
            "identitystore:ListUsers",
            "iam:GetRole",
            "cloudtrail:LookupEvents",
        ],
        &["identitystore:DescribeUser", "sso:CreatePermissionSet", "sso:GetManagedApplicationInstance"],
    ),
    (
        "job-function/Billing",
        &[],
        &["organizations:DescribeOrganization", "sso:ListInstances", "iam:ListRoles"],
    ),
    (
        "job-function/DatabaseAdministrator",
        &["iam:ListRoles", "iam:GetRole"],
        &["iam:PassRole", "sso:ListInstances"],
    ),
    (
        "job-function/DataScientist",
        &["iam:GetRole", "iam:ListRoles"],
        &["iam:CreateRole", "sso:ListInstances"],
    ),
    ("job-function/NetworkAdministrator", &[], &["iam:GetRole", "iam:ListRoles", "sso:ListInstances"]),
    ("job-function/SupportUser", &["iam:GetRole", "cloudtrail:LookupEvents"], &["sso:ListInstances"]),
    (
        "job-function/SystemAdministrator",
        &["iam:GetRole", "cloudtrail:LookupEvents"],
        &["cloudtrail:DeleteTrail", "iam:CreateRole"],
    ),
    (
        "job-function/ViewOnlyAccess",
        &["iam:ListRoles", "organizations:ListAccounts", "cloudtrail:LookupEvents"],
        &["identitystore:ListUsers", "sso:ListInstances", "iam:GetRole", "organizations:DescribeAccount"],
    ),
    (
        "AWSSSOReadOnly",
        &["sso:ListInstances", "organizations:ListAccounts"],
        &["identitystore:ListUsers", "sso:CreateInstance"],
    ),
    (
        "AWSSSODirectoryReadOnly",
        &["identitystore:ListUsers", "identitystore:DescribeUser"],
        &["identitystore:GetUserId", "sso:ListInstances"],
    ),
    ("AWSSSODirectoryAdministrator", &["identitystore:CreateUser"], &["sso:CreatePermissionSet"]),
    (
        "AWSSSOMasterAccountAdministrator",
        &["sso:CreatePermissionSet", "identitystore:DeleteUser", "organizations:ListAccounts"],
        &["iam:CreateRole", "organizations:CreateAccount", "organizations:RegisterDelegatedAdministrator"],
    ),
    (
        "AWSSSOMemberAccountAdministrator",
        &["sso:CreatePermissionSet"],
        &["iam:PassRole", "organizations:CreateAccount"],
    ),
    ("IAMReadOnlyAccess", &["iam:GetRole"], &["iam:CreateRole", "sso:ListInstances"]),
    (
        "IAMFullAccess",
        &["iam:CreateRole", "organizations:ListRoots"],
        &["organizations:ListAccounts", "sso:ListInstances"],
    ),
    ("AWSOrganizationsReadOnlyAccess", &["organizations:ListAccounts"], &["organizations:CreateAccount"]),
    ("AWSOrganizationsFullAccess", &["organizations:CreateAccount"], &["iam:CreateServiceLinkedRole"]),
    ("AWSCloudTrail_ReadOnlyAccess", &["cloudtrail:LookupEvents"], &["cloudtrail:StopLogging"]),
    (
        "AWSCloudTrail_FullAccess",
        &["cloudtrail:StopLogging", "iam:ListRoles"],
        &["iam:GetRole", "iam:PassRole"],
    ),
];

#[test]
fn the_policies_mean_what_they_mean_at_aws() {
    let resource = Resource { arn: "arn:aws:x:::y".to_owned(), ..Resource::default() };
    for (policy, yes, no) in MEANINGS {
        let document = managed::find(&format!("arn:aws:iam::aws:policy/{policy}")).unwrap();
        let set = PolicySet { identity: vec![document], ..PolicySet::default() };
        for (action, want) in yes.iter().map(|yes| (yes, true)).chain(no.iter().map(|no| (no, false))) {
            let question = Question { action, resource: &resource, context: &Context::new() };
            assert_eq!(set.decide(&question) == Decision::Allow, want, "{policy} {action}");
        }
    }
    assert_eq!(MEANINGS.len(), managed::arns().count(), "each policy has its row");
}
