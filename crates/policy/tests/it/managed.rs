//! What AWS managed policies allow and do not allow: rows checked against the policies that AWS publishes.

use std::collections::BTreeSet;

use model::access::{Authority, Context, Decision, Question, Resource};
use policy::evaluate::PolicySet;
use policy::managed;
use serde_json::{Value, json};

use crate::differences::met;
use crate::oracle::{Answer, Layers, Request, ours, theirs};

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
        &["organizations:CreateAccount", "organizations:ListAccounts", "iam:GetRole"],
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
        let document = managed::lookup(&format!("arn:aws:iam::aws:policy/{policy}")).unwrap().document;
        let set = PolicySet { identity: vec![document], ..PolicySet::default() };
        for (action, want) in yes.iter().map(|yes| (yes, true)).chain(no.iter().map(|no| (no, false))) {
            let question = Question { action, resource: &resource, context: &Context::new() };
            assert_eq!(set.decide(&question) == Decision::Allow, want, "{policy} {action}");
        }
    }
}

/// What every policy that forbids anything leaves of `AdministratorAccess`: some actions that stay, some that go.
const PROHIBITIONS: &[(&str, &[&str], &[&str])] = &[
    ("AWSDenyAll", &[], &["sso:ListInstances", "iam:GetRole", "sts:GetCallerIdentity"]),
    (
        "AWSIAMIdentityCenterAllowListForIdentityContext",
        &[],
        &["sso:ListInstances", "identitystore:ListUsers", "iam:GetRole"],
    ),
    (
        "root-task/IAMAuditRootUserCredentials",
        &[],
        &["sso:ListInstances", "iam:GetRole", "cloudtrail:LookupEvents"],
    ),
    ("root-task/IAMCreateRootUserPassword", &[], &["sso:ListInstances", "iam:GetRole"]),
    ("root-task/IAMDeleteRootUserCredentials", &[], &["sso:ListInstances", "iam:GetRole"]),
    ("root-task/S3UnlockBucketPolicy", &[], &["sso:ListInstances", "iam:GetRole"]),
    ("root-task/SQSUnlockQueuePolicy", &[], &["sso:ListInstances", "iam:GetRole"]),
    ("AWSCompromisedKeyQuarantine", &["sso:ListInstances", "iam:GetRole"], &["organizations:CreateAccount"]),
    (
        "AWSCompromisedKeyQuarantineV3",
        &["sso:ListInstances", "iam:GetRole"],
        &["organizations:CreateAccount", "cloudtrail:LookupEvents"],
    ),
    (
        "AmazonDataZoneEnvironmentRolePermissionsBoundary",
        &["iam:GetRole", "iam:ListRoles"],
        &["sso:ListInstances", "sts:GetCallerIdentity"],
    ),
    (
        "AmazonDataZoneSageMakerEnvironmentRolePermissionsBoundary",
        &["iam:GetRole"],
        &["sso:ListInstances", "sts:GetCallerIdentity"],
    ),
    ("AmazonSecurityLakePermissionsBoundary", &[], &["sso:ListInstances", "iam:GetRole"]),
    (
        "SageMakerStudioProjectUserRolePermissionsBoundary",
        &["iam:GetRole", "sts:GetCallerIdentity"],
        &["sso:ListInstances"],
    ),
    ("AWSQuickSetupManagedInstanceProfileExecutionPolicy", &["sso:ListInstances", "iam:GetRole"], &[]),
    ("AWSCompromisedKeyQuarantineV2", &["sso:ListInstances", "iam:GetRole"], &["cloudtrail:LookupEvents"]),
];

#[test]
fn the_denies_of_managed_policies_are_known() {
    let resource = Resource { arn: "arn:aws:x:::y".to_owned(), ..Resource::default() };
    let read = |policy: &str| managed::lookup(&format!("arn:aws:iam::aws:policy/{policy}")).unwrap().document;
    let facts = include_str!("../../../../api/managed-policies.txt");
    let forbidding = facts.lines().filter(|line| line.contains(r#""Effect":"Deny""#)).count();
    assert_eq!(PROHIBITIONS.len(), forbidding, "each policy that forbids has its row");
    for (policy, yes, no) in PROHIBITIONS {
        let set =
            PolicySet { identity: vec![read("AdministratorAccess"), read(policy)], ..PolicySet::default() };
        for (action, want) in yes.iter().map(|yes| (yes, true)).chain(no.iter().map(|no| (no, false))) {
            let question = Question { action, resource: &resource, context: &Context::new() };
            assert_eq!(set.decide(&question) == Decision::Allow, want, "{policy} {action}");
        }
    }
}

#[test]
fn some_permissions_hang_on_the_resource_or_the_request() {
    let decide = |policy: &str, action, arn: &str, key: &str, value: &str| {
        let resource = Resource { arn: arn.to_owned(), ..Resource::default() };
        let context = Context::from([(key.to_owned(), vec![value.to_owned()])]);
        let document = managed::find(&format!("arn:aws:iam::aws:policy/{policy}"));
        let set = PolicySet { identity: vec![document], ..PolicySet::default() };
        set.decide(&Question { action, resource: &resource, context: &context }) == Decision::Allow
    };
    let flow_logs = "arn:aws:iam::111122223333:role/flow-logs-x";
    assert!(decide("job-function/NetworkAdministrator", "iam:GetRole", flow_logs, "a:b", ""));
    let (register, key) = ("organizations:RegisterDelegatedAdministrator", "organizations:ServicePrincipal");
    let master = "AWSSSOMasterAccountAdministrator";
    assert!(decide(master, register, "*", key, "sso.amazonaws.com"));
    assert!(!decide(master, register, "*", key, "ram.amazonaws.com"));
}

/// Every policy that forbids, as iam-rs reads its statements: it and we must answer alike about every action that the rows above name.
#[test]
fn another_evaluator_reads_them_alike() {
    let administrator =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let actions: BTreeSet<&str> =
        MEANINGS.iter().chain(PROHIBITIONS).flat_map(|(_, yes, no)| yes.iter().chain(*no)).copied().collect();
    let facts = include_str!("../../../../api/managed-policies.txt");
    let (mut asked, mut denied) = (0, 0);
    for line in facts.lines().filter(|line| line.contains(r#""Effect":"Deny""#)) {
        let (path, facts) = line.split_once(' ').unwrap();
        let facts: Value = serde_json::from_str(facts).unwrap();
        let all = facts["statements"].as_array().unwrap();
        for action in &actions {
            let request = Request {
                action: (*action).to_owned(),
                arn: "arn:aws:iam::111122223333:role/Some".to_owned(),
                context: Context::new(),
            };
            let version = json!("2012-10-17");
            let agreed = |statement: &&Value| met(Some(&version), statement, &request).is_empty();
            let kept = all.iter().filter(agreed).cloned();
            let one = |statement| json!({"Version": version, "Statement": statement});
            let identity = std::iter::once(administrator.clone()).chain(kept.map(one)).collect();
            let layers = Layers { identity, ..Layers::default() };
            let answer = theirs(&layers, &request);
            assert_eq!(ours(&layers, &request), answer, "{path} {action}");
            asked += 1;
            denied += usize::from(answer == Answer::Deny);
        }
    }
    assert!(asked > 400 && denied > 200, "{asked} {denied}");
}
