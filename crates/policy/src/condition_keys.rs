//! The condition keys that AWS has for every service, and those of the services served here that say something of a request: which have a
//! value here and when, which never have one and why. IAM user guide, "AWS global condition context keys". What is set is put together
//! in [`require`](crate::require), [`trust`](crate::trust) and by who asks; a test holds the two against each other, and this table against
//! `docs/compat/condition-keys.md`.

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionKey {
    /// Its name as AWS writes it; a name that ends in `/` has a tag's key behind it.
    pub name: &'static str,
    /// Whether requests can have it.
    pub standing: Standing,
}

/// Whether requests can have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has a value: when, and which.
    Set(&'static str),
    /// It never has one: why.
    Never(&'static str),
}

const fn set(name: &'static str, when: &'static str) -> ConditionKey {
    ConditionKey { name, standing: Standing::Set(when) }
}

const fn never(name: &'static str, why: &'static str) -> ConditionKey {
    ConditionKey { name, standing: Standing::Never(why) }
}

const ALWAYS: &str = "always";
const NO_SERVICE: &str = "no AWS service calls this server";
const NO_VPC: &str = "no request comes through a VPC endpoint";
const NO_SESSION: &str = "no session here is made by that service";
const NO_MCP: &str = "there is no MCP server of AWS before this server";
const SAML: &str = "`AssumeRoleWithSAML`";

/// The keys, in AWS's order.
pub const KEYS: &[ConditionKey] = &[
    set("aws:PrincipalArn", "always; of a role session the role's ARN"),
    set("aws:PrincipalAccount", ALWAYS),
    set("aws:PrincipalOrgPaths", "always: the root and the organizational units around the caller's account"),
    set("aws:PrincipalOrgID", ALWAYS),
    set("aws:PrincipalOrgMasterAccountId", "always: the management account"),
    set(
        "aws:PrincipalTag/",
        "session tags: of AssumeRole, AssumeRoleWithSAML and AssumeRoleWithWebIdentity, of a sign-in, and [attributes for access control](sso-admin.md#what-to-know); the tags of an account's own role, where no session tag has the key; and those of a user",
    ),
    set("aws:PrincipalIsAWSService", "always `false`"),
    never("aws:PrincipalServiceName", NO_SERVICE),
    never("aws:PrincipalServiceNamesList", NO_SERVICE),
    set("aws:PrincipalType", "always: `AssumedRole`, `User` or `Account`"),
    set("aws:userid", ALWAYS),
    set("aws:username", "users of IAM, service users among them"),
    never("aws:AssumedRoot", "`AssumeRoot` is not served"),
    set(
        "aws:FederatedProvider",
        "role sessions of the portal, of `AssumeRoleWithSAML` and of `AssumeRoleWithWebIdentity`: the ARN of the provider; not for a session made from another",
    ),
    set("aws:TokenIssueTime", "role sessions, and those of `GetSessionToken`"),
    set("aws:MultiFactorAuthAge", "role sessions of a person who gave a second factor"),
    set(
        "aws:MultiFactorAuthPresent",
        "role sessions: whether its person gave a second factor; `false` for a session made from another, and for one of `GetSessionToken`; absent for a key",
    ),
    never("aws:ChatbotSourceArn", NO_SESSION),
    never("aws:Ec2InstanceSourceVpc", NO_SESSION),
    never("aws:Ec2InstanceSourcePrivateIPv4", NO_SESSION),
    set(
        "aws:SourceIdentity",
        "role sessions for which `AssumeRole` was given a `SourceIdentity`, or whose web identity token says one, and those made from one",
    ),
    never("ec2:RoleDelivery", NO_SESSION),
    never("ec2:SourceInstanceArn", NO_SESSION),
    never("glue:RoleAssumedBy", NO_SESSION),
    never("glue:CredentialIssuingService", NO_SESSION),
    never("codebuild:BuildArn", NO_SESSION),
    never("codebuild:ProjectArn", NO_SESSION),
    never("lambda:SourceFunctionArn", NO_SESSION),
    never("ssm:SourceInstanceArn", NO_SESSION),
    set(
        "identitystore:UserId",
        "role sessions of a person, of the portal, by the identity context of an application, or made from one: the person",
    ),
    set("identitystore:IdentityStoreArn", "the same: the person's identity store"),
    set(
        "identitycenter:ApplicationArn",
        "role sessions with the identity context of an application (`AssumeRole`, `ProvidedContexts`), and those made from one: the application",
    ),
    set("identitycenter:CredentialId", "the same: what the application was given for the person"),
    set("identitycenter:InstanceArn", "the same: the instance"),
    set("aws:SourceIp", "always: the connection's peer, or what a trusted proxy says of its"),
    never("aws:SourceVpc", NO_VPC),
    never("aws:SourceVpcArn", NO_VPC),
    never("aws:SourceVpce", NO_VPC),
    never("aws:VpceAccount", NO_VPC),
    never("aws:VpceOrgID", NO_VPC),
    never("aws:VpceOrgPaths", NO_VPC),
    never("aws:VpcSourceIp", NO_VPC),
    set("aws:ResourceAccount", "always; for an action without a resource the caller's account"),
    set("aws:ResourceOrgPaths", "always, as `aws:ResourceAccount`"),
    set("aws:ResourceOrgID", "always, as `aws:ResourceAccount`"),
    set(
        "aws:ResourceTag/",
        "resources with tags: instances, permission sets, applications, trusted token issuers, accounts of the organization and its root, roles, users and policies of accounts",
    ),
    never("aws:CalledVia", NO_SERVICE),
    never("aws:CalledViaFirst", NO_SERVICE),
    never("aws:CalledViaLast", NO_SERVICE),
    set("aws:ViaAWSService", "always `false`"),
    never("aws:CalledViaAWSMCP", NO_MCP),
    never("aws:ViaAWSMCPService", NO_MCP),
    never("aws:IsMcpServiceAction", NO_MCP),
    set("aws:CurrentTime", ALWAYS),
    set("aws:EpochTime", ALWAYS),
    set("aws:referer", "requests with a `Referer` header"),
    set("aws:RequestedRegion", "always: the server's Region"),
    set("aws:RequestTag/", "requests that bring tags"),
    set("aws:TagKeys", "requests that bring tags or keys of tags"),
    set(
        "aws:SecureTransport",
        "always: whether the caller's side is TLS, by this server's own listener or, from a trusted proxy, by its `X-Forwarded-Proto`",
    ),
    never("aws:SourceAccount", NO_SERVICE),
    never("aws:SourceArn", NO_SERVICE),
    never("aws:SourceOrgID", NO_SERVICE),
    never("aws:SourceOrgPaths", NO_SERVICE),
    set("aws:UserAgent", "requests with a `User-Agent` header"),
    never("iam:AWSServiceName", "no service-linked role is made here"),
    never("iam:AssociatedResourceArn", "no role is passed to a service here"),
    never("iam:PassedToService", "no role is passed to a service here"),
    set(
        "iam:PermissionsBoundary",
        "calls that make a role or a user or change its policies or its boundary: the boundary that it has, or that it is to have",
    ),
    set("iam:PolicyARN", "calls that attach a policy to a role, a user or a group, or detach it: the policy"),
    set("iam:ResourceTag/", "calls on a role, a user or a policy of an account: its tags"),
    set("organizations:PolicyType", "calls about policies of the organization: their type"),
    set(
        "portico:SigningName",
        "`AuthorizeRequest`: the service for which the request is signed that is asked about",
    ),
    set("saml:aud", SAML),
    set("saml:iss", SAML),
    set("saml:namequalifier", SAML),
    set("saml:sub", SAML),
    set("saml:sub_type", SAML),
    set("sso:ApplicationAccount", "calls on an application: the account that made it"),
    set("sts:ExternalId", "`AssumeRole`"),
    set("sts:RequestContextProviders", "`AssumeRole` with `ProvidedContexts`: their ARNs"),
    set("sts:RoleSessionName", "`AssumeRole`, `AssumeRoleWithSAML`, `AssumeRoleWithWebIdentity`"),
    set(
        "sts:SourceIdentity",
        "`AssumeRole` with `SourceIdentity`; `AssumeRoleWithWebIdentity` with a token that says one",
    ),
    set(
        "sts:TransitiveTagKeys",
        "`AssumeRole` with `TransitiveTagKeys`; `AssumeRoleWithWebIdentity` with a token that says some",
    ),
];

/// Services whose keys are all in [`KEYS`], if a request here can have them at all.
const COMPLETE: &[&str] = &["aws", "iam", "identitycenter", "identitystore", "saml", "sts"];

/// Why no request ever has a value for a key; `None` for one that some have, and for keys of other services: those are absent here as they
/// are at AWS when the services served here are called.
pub fn never_set(key: &str) -> Option<&'static str> {
    let fits = |known: &&ConditionKey| {
        if known.name.ends_with('/') {
            key.get(..known.name.len()).is_some_and(|head| head.eq_ignore_ascii_case(known.name))
        } else {
            key.eq_ignore_ascii_case(known.name)
        }
    };
    match KEYS.iter().find(fits).map(|known| known.standing) {
        Some(Standing::Set(_)) => None,
        Some(Standing::Never(why)) => Some(why),
        None => {
            let service = key.split(':').next().unwrap_or_default();
            let ours = COMPLETE.iter().any(|ours| ours.eq_ignore_ascii_case(service));
            ours.then_some("this server knows no such key")
        }
    }
}
