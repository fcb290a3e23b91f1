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
const ROLES: &str = "role sessions";
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
    set("aws:PrincipalTag/", "session tags"),
    set("aws:PrincipalIsAWSService", "always `false`"),
    never("aws:PrincipalServiceName", NO_SERVICE),
    never("aws:PrincipalServiceNamesList", NO_SERVICE),
    set("aws:PrincipalType", "always: `AssumedRole` or `Account`"),
    set("aws:userid", ALWAYS),
    never("aws:username", "there are no IAM users"),
    never("aws:AssumedRoot", "`AssumeRoot` is not served"),
    set(
        "aws:FederatedProvider",
        "role sessions of the portal and of `AssumeRoleWithSAML`: the ARN of the SAML provider; not for a session made from another",
    ),
    set("aws:TokenIssueTime", ROLES),
    set("aws:MultiFactorAuthAge", "role sessions of a person who gave a second factor"),
    set(
        "aws:MultiFactorAuthPresent",
        "role sessions: whether its person gave a second factor; `false` for a session made from another; absent for an account's root key",
    ),
    never("aws:ChatbotSourceArn", NO_SESSION),
    never("aws:Ec2InstanceSourceVpc", NO_SESSION),
    never("aws:Ec2InstanceSourcePrivateIPv4", NO_SESSION),
    never("aws:SourceIdentity", "`AssumeRole` refuses `SourceIdentity`"),
    never("ec2:RoleDelivery", NO_SESSION),
    never("ec2:SourceInstanceArn", NO_SESSION),
    never("glue:RoleAssumedBy", NO_SESSION),
    never("glue:CredentialIssuingService", NO_SESSION),
    never("codebuild:BuildArn", NO_SESSION),
    never("codebuild:ProjectArn", NO_SESSION),
    never("lambda:SourceFunctionArn", NO_SESSION),
    never("ssm:SourceInstanceArn", NO_SESSION),
    set("identitystore:UserId", "role sessions of a person, of the portal or made from one: the person"),
    set("identitystore:IdentityStoreArn", "the same: the person's identity store"),
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
        "resources with tags: instances, permission sets, accounts of the organization and its root",
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
    set("saml:aud", SAML),
    set("saml:iss", SAML),
    set("saml:namequalifier", SAML),
    set("saml:sub", SAML),
    set("saml:sub_type", SAML),
    set("sts:ExternalId", "`AssumeRole`"),
    set("sts:RoleSessionName", "`AssumeRole`, `AssumeRoleWithSAML`"),
    never("sts:SourceIdentity", "`AssumeRole` refuses `SourceIdentity`"),
    never("sts:TransitiveTagKeys", "`AssumeRole` refuses `TransitiveTagKeys`"),
];

/// Services whose keys are all in [`KEYS`], if a request here can have them at all.
const COMPLETE: &[&str] = &["aws", "identitystore", "saml", "sts"];

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
