//! What whoever works in an account must be allowed there, and no more: a policy of an action for every call that [`roles`](crate::aws::roles),
//! [`survey`](crate::aws::survey), [`revocation`](crate::aws::revocation) and [`trial`](crate::aws::trial) make. `docs/connect-aws-account.md` has it line by line.

use serde_json::{Value, json};

/// What the names of SAML providers of identity centers are like: each account's has a suffix of its own.
const PROVIDERS: &str = "saml-provider/AWSSSO_*_DO_NOT_DELETE";

/// The policy in an account, for roles below this path. `account`: its id, or what stands for it in a template.
pub fn policy(account: &str, path: &str) -> Value {
    let roles = format!("arn:aws:iam::{account}:role{path}*");
    let provider_arn = format!("arn:aws:iam::{account}:{PROVIDERS}");
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TheProviderThatRolesTrust",
                "Effect": "Allow",
                "Action": ["iam:GetSAMLProvider", "iam:CreateSAMLProvider", "iam:UpdateSAMLProvider"],
                "Resource": provider_arn,
            },
            {
                "Sid": "RolesOfPermissionSets",
                "Effect": "Allow",
                "Action": [
                    "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy",
                    "iam:CreateRole", "iam:TagRole", "iam:UpdateRole", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole",
                    "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy",
                    "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary",
                ],
                "Resource": roles,
            },
            {
                "Sid": "WhetherPoliciesAreThere",
                "Effect": "Allow",
                "Action": "iam:GetPolicy",
                "Resource": "*",
            },
            {
                "Sid": "WhatStandsThere",
                "Effect": "Allow",
                "Action": ["iam:ListRoles", "iam:ListSAMLProviders"],
                "Resource": "*",
            },
        ],
    })
}

/// Who may take a role that has it.
pub fn trust(principal: &str, external_id: Option<&str>) -> Value {
    let mut statement =
        json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"});
    if let (Some(id), Some(members)) = (external_id, statement.as_object_mut()) {
        members.insert("Condition".to_owned(), json!({"StringEquals": {"sts:ExternalId": id}}));
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}
