//! What AWS managed policies allow, for the services that Portico serves: sso, identitystore, sso-directory, organizations, iam, sts and
//! cloudtrail. Actions of other services are left out; they could match nothing here. Facts as of the versions that AWS published
//! between 2018 and 2026 (`iam:GetPolicyVersion` of the default version of each).

/// A statement, always an `Allow`.
pub(super) struct Rule {
    /// Its actions, in lists that policies share.
    pub(super) actions: &'static [&'static [&'static str]],
    /// Whether the actions are those that it does not allow.
    pub(super) all_but: bool,
    /// On what.
    pub(super) resource: &'static [&'static str],
    /// Operator, key and value.
    pub(super) condition: Option<(&'static str, &'static str, &'static str)>,
}

const fn allow(actions: &'static [&'static [&'static str]]) -> Rule {
    Rule { actions, all_but: false, resource: &["*"], condition: None }
}

const fn on(resource: &'static [&'static str], actions: &'static [&'static [&'static str]]) -> Rule {
    Rule { actions, all_but: false, resource, condition: None }
}

const fn when(
    condition: (&'static str, &'static str, &'static str),
    actions: &'static [&'static [&'static str]],
) -> Rule {
    Rule { actions, all_but: false, resource: &["*"], condition: Some(condition) }
}

const ORGANIZATION_READS: &[&str] = &["organizations:Describe*", "organizations:List*"];

const IAM_READS: &[&str] = &["iam:Get*", "iam:List*"];

const IAM_REPORTS: &[&str] = &["iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails"];

const IAM_SIMULATIONS: &[&str] = &["iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"];

/// The reads of the identity store that both audit and read-only policies name one by one.
const IDENTITYSTORE_READS: &[&str] = &[
    "identitystore:DescribeGroupMembership",
    "identitystore:GetGroupId",
    "identitystore:GetGroupMembershipId",
    "identitystore:GetUserId",
    "identitystore:IsMemberInGroups",
    "identitystore:ListGroupMemberships",
    "identitystore:ListGroupMembershipsForMember",
    "identitystore:ListGroups",
    "identitystore:ListUsers",
];

/// What the three administrators' policies of IAM Identity Center read of the organization.
const SSO_ORGANIZATION_READS: &[&str] = &[
    "organizations:DescribeAccount",
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListChildren",
    "organizations:ListDelegatedAdministrators",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListParents",
    "organizations:ListRoots",
];

const DIRECTORY_ALL: &[&str] = &["sso-directory:*", "identitystore:*", "identitystore-auth:*"];

/// What an auditor reads of IAM Identity Center: named one by one, so that later reads are not included.
const SSO_AUDIT: &[&str] = &[
    "sso:DescribeAccountAssignmentCreationStatus",
    "sso:DescribeAccountAssignmentDeletionStatus",
    "sso:DescribeApplication",
    "sso:DescribeApplicationAssignment",
    "sso:DescribeApplicationProvider",
    "sso:DescribeInstance",
    "sso:DescribeInstanceAccessControlAttributeConfiguration",
    "sso:DescribePermissionSet",
    "sso:DescribePermissionSetProvisioningStatus",
    "sso:DescribeRegion",
    "sso:DescribeTrustedTokenIssuer",
    "sso:GetApplicationAccessScope",
    "sso:GetApplicationAssignmentConfiguration",
    "sso:GetApplicationAuthenticationMethod",
    "sso:GetApplicationGrant",
    "sso:GetApplicationSessionConfiguration",
    "sso:GetInlinePolicyForPermissionSet",
    "sso:GetPermissionsBoundaryForPermissionSet",
    "sso:ListAccountAssignmentCreationStatus",
    "sso:ListAccountAssignmentDeletionStatus",
    "sso:ListAccountAssignments",
    "sso:ListAccountAssignmentsForPrincipal",
    "sso:ListAccountsForProvisionedPermissionSet",
    "sso:ListApplicationAccessScopes",
    "sso:ListApplicationAssignments",
    "sso:ListApplicationAssignmentsForPrincipal",
    "sso:ListApplicationAuthenticationMethods",
    "sso:ListApplicationGrants",
    "sso:ListApplicationInstanceCertificates",
    "sso:ListApplicationInstances",
    "sso:ListApplicationProviders",
    "sso:ListApplications",
    "sso:ListApplicationTemplates",
    "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
    "sso:ListDirectoryAssociations",
    "sso:ListInstances",
    "sso:ListManagedPoliciesInPermissionSet",
    "sso:ListPermissionSetProvisioningStatus",
    "sso:ListPermissionSets",
    "sso:ListPermissionSetsProvisionedToAccount",
    "sso:ListProfileAssociations",
    "sso:ListProfiles",
    "sso:ListRegions",
    "sso:ListTagsForResource",
    "sso:ListTrustedTokenIssuers",
    "sso-directory:ListExternalIdPConfigurationsForDirectory",
];

const SYSTEM_ADMINISTRATOR_IAM: &[&str] = &[
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccount*",
    "iam:GetContextKeys*",
    "iam:GetCredentialReport",
    "iam:GetGroup*",
    "iam:GetInstanceProfile",
    "iam:GetLoginProfile",
    "iam:GetOpenIDConnectProvider",
    "iam:GetPolicy*",
    "iam:GetRole*",
    "iam:GetSAMLProvider",
    "iam:GetSSHPublicKey",
    "iam:GetServerCertificate",
    "iam:GetServiceLastAccessed*",
    "iam:GetUser*",
    "iam:ListAccessKeys",
    "iam:ListAccountAliases",
    "iam:ListAttached*",
    "iam:ListEntitiesForPolicy",
    "iam:ListGroupPolicies",
    "iam:ListGroups",
    "iam:ListGroupsForUser",
    "iam:ListInstanceProfiles*",
    "iam:ListMFADevices",
    "iam:ListOpenIDConnectProviders",
    "iam:ListPolicies",
    "iam:ListPoliciesGrantingServiceAccess",
    "iam:ListPolicyVersions",
    "iam:ListRolePolicies",
    "iam:ListRoles",
    "iam:ListSAMLProviders",
    "iam:ListSSHPublicKeys",
    "iam:ListServerCertificates",
    "iam:ListSigningCertificates",
    "iam:ListUserPolicies",
    "iam:Simulate*",
    "iam:UpdateServerCertificate",
    "iam:UpdateSigningCertificate",
    "iam:Upload*",
];

const SUPPORT_CLOUDTRAIL: &[&str] = &[
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:ListPublicKeys",
    "cloudtrail:ListTags",
    "cloudtrail:LookupEvents",
];

const CLOUDTRAIL_READS: &[&str] =
    &["cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents"];

const SSO_DELEGATION: Rule = when(
    ("StringEquals", "organizations:ServicePrincipal", "sso.amazonaws.com"),
    &[&["organizations:RegisterDelegatedAdministrator", "organizations:DeregisterDelegatedAdministrator"]],
);

const SSO_ROLE: &[&str] = &["arn:aws:iam::*:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"];

const CLOUDTRAIL_AUDIT: &[&str] = &[
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetInsightSelectors",
    "cloudtrail:GetTrail",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:ListTags",
    "cloudtrail:ListTrails",
    "cloudtrail:LookupEvents",
];

const SSO_ADMINISTRATION: &[&str] = &["iam:ListPolicies", "organizations:EnableAWSServiceAccess", "sso:*"];

/// What stands behind `arn:aws:iam::aws:policy/`, and what the policy allows.
pub(super) const POLICIES: &[(&str, &[Rule])] = &[
    ("AdministratorAccess", &[allow(&[&["*"]])]),
    (
        "PowerUserAccess",
        &[
            Rule { all_but: true, ..allow(&[&["iam:*", "organizations:*", "account:*"]]) },
            allow(&[&[
                "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole",
                "iam:ListRoles",
                "organizations:DescribeEffectivePolicy",
                "organizations:DescribeOrganization",
            ]]),
        ],
    ),
    (
        "ReadOnlyAccess",
        &[allow(&[
            CLOUDTRAIL_READS,
            IAM_READS,
            &["iam:Generate*", "iam:Simulate*"],
            IDENTITYSTORE_READS,
            &["identitystore:DescribeGroup", "identitystore:DescribeUser"],
            &["identitystore-auth:BatchGetSession", "identitystore-auth:ListSessions"],
            ORGANIZATION_READS,
            &["sso:Describe*", "sso:Get*", "sso:List*"],
            &["sso-directory:Describe*", "sso-directory:List*", "sso-directory:Search*"],
            &["sts:GetAccessKeyInfo", "sts:GetCallerIdentity", "sts:GetSessionToken"],
        ])],
    ),
    (
        "SecurityAudit",
        &[allow(&[
            CLOUDTRAIL_AUDIT,
            IAM_READS,
            IAM_REPORTS,
            IAM_SIMULATIONS,
            IDENTITYSTORE_READS,
            ORGANIZATION_READS,
            SSO_AUDIT,
            &["sts:GetAccessKeyInfo"],
        ])],
    ),
    // Billing allows nothing of the services served.
    ("job-function/Billing", &[]),
    (
        "job-function/DatabaseAdministrator",
        &[
            allow(&[&["iam:GetRole", "iam:ListRoles"]]),
            on(
                &[
                    "arn:aws:iam::*:role/rds-monitoring-role",
                    "arn:aws:iam::*:role/rdbms-lambda-access",
                    "arn:aws:iam::*:role/lambda_exec_role",
                    "arn:aws:iam::*:role/lambda-dynamodb-*",
                    "arn:aws:iam::*:role/lambda-vpc-execution-role",
                    "arn:aws:iam::*:role/DataPipelineDefaultRole",
                    "arn:aws:iam::*:role/DataPipelineDefaultResourceRole",
                ],
                &[&["iam:PassRole"]],
            ),
        ],
    ),
    (
        "job-function/DataScientist",
        &[
            allow(&[&[
                "iam:GetInstanceProfile",
                "iam:GetPolicy",
                "iam:GetPolicyVersion",
                "iam:GetRole",
                "iam:ListRoles",
            ]]),
            on(
                &[
                    "arn:aws:iam::*:role/DataPipelineDefaultRole",
                    "arn:aws:iam::*:role/DataPipelineDefaultResourceRole",
                    "arn:aws:iam::*:role/EMR_EC2_DefaultRole",
                    "arn:aws:iam::*:role/EMR_DefaultRole",
                    "arn:aws:iam::*:role/kinesis-*",
                ],
                &[&["iam:PassRole"]],
            ),
            when(("StringEquals", "iam:PassedToService", "sagemaker.amazonaws.com"), &[&["iam:PassRole"]]),
        ],
    ),
    (
        "job-function/NetworkAdministrator",
        &[
            on(&["arn:aws:iam::*:role/flow-logs-*"], &[&["iam:GetRole", "iam:ListRoles", "iam:PassRole"]]),
            when(
                ("StringLike", "iam:AWSServiceName", "transitgateway.amazonaws.com"),
                &[&["iam:CreateServiceLinkedRole"]],
            ),
        ],
    ),
    ("job-function/SupportUser", &[allow(&[SUPPORT_CLOUDTRAIL, IAM_READS, IAM_REPORTS])]),
    (
        "job-function/SystemAdministrator",
        &[
            allow(&[
                SUPPORT_CLOUDTRAIL,
                &["cloudtrail:StartLogging", "cloudtrail:StopLogging"],
                SYSTEM_ADMINISTRATOR_IAM,
            ]),
            on(
                &[
                    "arn:aws:iam::*:role/rds-monitoring-role",
                    "arn:aws:iam::*:role/ec2-sysadmin-*",
                    "arn:aws:iam::*:role/ecr-sysadmin-*",
                    "arn:aws:iam::*:role/lambda-sysadmin-*",
                ],
                &[&["iam:PassRole"]],
            ),
        ],
    ),
    (
        "job-function/ViewOnlyAccess",
        &[allow(&[&[
            "cloudtrail:DescribeTrails",
            "cloudtrail:ListEventDataStores",
            "cloudtrail:ListTrails",
            "cloudtrail:LookupEvents",
            "iam:GetAccountSummary",
            "iam:GetLoginProfile",
            "iam:List*",
            "organizations:List*",
        ]])],
    ),
    (
        "AWSSSOReadOnly",
        &[allow(&[
            SSO_ORGANIZATION_READS,
            &["iam:ListPolicies", "sso:Describe*", "sso:Get*", "sso:List*", "sso:Search*"],
            &["sso-directory:DescribeDirectory"],
        ])],
    ),
    (
        "AWSSSOMasterAccountAdministrator",
        &[
            Rule {
                resource: SSO_ROLE,
                ..when(
                    ("StringLike", "iam:AWSServiceName", "sso.amazonaws.com"),
                    &[&["iam:CreateServiceLinkedRole"]],
                )
            },
            Rule {
                resource: SSO_ROLE,
                ..when(("StringLike", "iam:PassedToService", "sso.amazonaws.com"), &[&["iam:PassRole"]])
            },
            allow(&[SSO_ORGANIZATION_READS, SSO_ADMINISTRATION, DIRECTORY_ALL]),
            SSO_DELEGATION,
        ],
    ),
    (
        "AWSSSOMemberAccountAdministrator",
        &[allow(&[SSO_ORGANIZATION_READS, SSO_ADMINISTRATION, DIRECTORY_ALL]), SSO_DELEGATION],
    ),
    (
        "AWSSSODirectoryReadOnly",
        &[allow(&[
            &[
                "sso-directory:Search*",
                "sso-directory:Describe*",
                "sso-directory:List*",
                "sso-directory:Get*",
            ],
            &["identitystore:Describe*", "identitystore:List*"],
            &["identitystore-auth:BatchGetSession", "identitystore-auth:ListSessions"],
        ])],
    ),
    ("AWSSSODirectoryAdministrator", &[allow(&[DIRECTORY_ALL, &["sso:ListDirectoryAssociations"]])]),
    ("IAMReadOnlyAccess", &[allow(&[IAM_READS, IAM_REPORTS, IAM_SIMULATIONS])]),
    (
        "IAMFullAccess",
        &[allow(&[&[
            "iam:*",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:DescribeOrganizationalUnit",
            "organizations:DescribePolicy",
            "organizations:ListChildren",
            "organizations:ListParents",
            "organizations:ListPolicies",
            "organizations:ListPoliciesForTarget",
            "organizations:ListRoots",
            "organizations:ListTargetsForPolicy",
        ]])],
    ),
    ("AWSOrganizationsReadOnlyAccess", &[allow(&[ORGANIZATION_READS])]),
    (
        "AWSOrganizationsFullAccess",
        &[
            allow(&[&["organizations:*"]]),
            when(
                ("StringEquals", "iam:AWSServiceName", "organizations.amazonaws.com"),
                &[&["iam:CreateServiceLinkedRole"]],
            ),
        ],
    ),
    ("AWSCloudTrail_ReadOnlyAccess", &[allow(&[CLOUDTRAIL_READS])]),
    (
        "AWSCloudTrail_FullAccess",
        &[
            allow(&[&["cloudtrail:*", "iam:GetRolePolicy", "iam:GetUser", "iam:ListRoles"]]),
            when(("StringEquals", "iam:PassedToService", "cloudtrail.amazonaws.com"), &[&["iam:PassRole"]]),
        ],
    ),
];
