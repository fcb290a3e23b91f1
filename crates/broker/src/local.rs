//! The embedded account plane: the role that AWS would make, as a value. Names, path, trust policy and description follow
//! aws-capabilities §2.7.

use aws_lc_rs::digest::{SHA256, digest};
use model::accounts::account::AccountId;
use model::accounts::account_connection::ROLE_NAME_PREFIX;
use model::accounts::permission_set::{CustomerManagedPolicyReference, PermissionsBoundary};
use model::accounts::role::{Role, RoleName};
use model::cx::Cx;
use model::entropy::bytes;
use model::id::hex;
use model::instances::instance::InstanceId;
use model::limits::Mode;
use serde_json::{Value, json};

use crate::spec::RoleSpec;

/// The name of a permission set's inline policy inside its role.
pub const INLINE_POLICY_NAME: &str = "AwsSSOInlinePolicy";
/// The longest session that a provisioned role allows, whatever its permission set says.
pub const MAX_SESSION_SECONDS: i64 = 43_200;
/// The role by which the management account reaches an account that it made.
pub const ORGANIZATION_ROLE: &str = "OrganizationAccountAccessRole";

/// The role of `spec`. Relaxed mode derives the name's suffix from instance, permission set and account, so that a role that is
/// deleted and made again keeps its ARN; strict mode draws a new one each time, as AWS does.
pub fn role(spec: &RoleSpec<'_>, cx: &Cx) -> Role {
    let set = spec.permission_set;
    let suffix = match cx.mode {
        Mode::Relaxed => {
            derived_suffix(&[set.instance_id.as_str(), set.id.as_str(), spec.account_id.as_str()])
        }
        Mode::Strict => match spec.naming {
            Some(naming) => derived_suffix(&[naming.seed, set.id.as_str(), spec.account_id.as_str()]),
            None => hex(&bytes::<8>(cx.entropy())),
        },
    };
    let prefix = spec.naming.map_or(ROLE_NAME_PREFIX, |naming| naming.prefix);
    let customer = spec.customer_policies.iter().map(|policy| customer_policy_arn(spec.account_id, policy));
    Role {
        account_id: spec.account_id.clone(),
        // 15 + 32 + 1 + 16 is exactly the 64 characters that IAM allows.
        name: RoleName::trusted(format!("{prefix}{}_{suffix}", set.name)),
        path: spec.naming.and_then(|naming| naming.path).map_or_else(|| path(spec.region), str::to_owned),
        role_id: role_id(cx),
        description: set.description.clone(),
        max_session_seconds: MAX_SESSION_SECONDS,
        trust_policy: saml_trust(spec.account_id, &set.instance_id),
        managed_policies: spec.managed_policies.iter().cloned().chain(customer).collect(),
        inline_policies: spec
            .inline_policy
            .map(|policy| (INLINE_POLICY_NAME.to_owned(), policy.clone()))
            .into_iter()
            .collect(),
        permissions_boundary: spec.boundary.map(|boundary| match boundary {
            PermissionsBoundary::ManagedPolicyArn(arn) => arn.clone(),
            PermissionsBoundary::CustomerManaged(policy) => customer_policy_arn(spec.account_id, policy),
        }),
        permission_set_id: Some(set.id.clone()),
        created_at: cx.now,
    }
}

/// The role that CreateAccount makes in a new account: the management account may do everything there.
pub fn organization_role(account: &AccountId, management: &AccountId, name: RoleName, cx: &Cx) -> Role {
    Role {
        account_id: account.clone(),
        name,
        path: "/".to_owned(),
        role_id: role_id(cx),
        description: None,
        max_session_seconds: 3_600,
        trust_policy: json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{management}:root")},
            // AWS trusts with the first alone. An application's role must take an identity context.
            "Action": ["sts:AssumeRole", "sts:SetContext"]
        }]}),
        managed_policies: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
        inline_policies: Vec::new(),
        permissions_boundary: None,
        permission_set_id: None,
        created_at: cx.now,
    }
}

/// The ARN of an instance's SAML provider in an account.
pub fn saml_provider_arn(account: &AccountId, instance: &InstanceId) -> String {
    format!(
        "arn:aws:iam::{account}:saml-provider/AWSSSO_{}_DO_NOT_DELETE",
        derived_suffix(&[instance.as_str(), account.as_str()])
    )
}

/// The ARN of a customer managed policy in an account.
pub fn customer_policy_arn(account: &AccountId, policy: &CustomerManagedPolicyReference) -> String {
    format!("arn:aws:iam::{account}:policy{}{}", policy.path, policy.name)
}

fn saml_trust(account: &AccountId, instance: &InstanceId) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": saml_provider_arn(account, instance)},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    }]})
}

/// The path of roles of an instance in this Region.
pub fn path(region: &str) -> String {
    match region {
        "us-east-1" => "/aws-reserved/sso.amazonaws.com/".to_owned(),
        _ => format!("/aws-reserved/sso.amazonaws.com/{region}/"),
    }
}

/// Sixteen hexadecimal digits that depend on `parts` alone.
fn derived_suffix(parts: &[&str]) -> String {
    let digest = digest(&SHA256, parts.join("\0").as_bytes());
    hex(digest.as_ref()).chars().take(16).collect()
}

fn role_id(cx: &Cx) -> String {
    entity_id("AROA", cx)
}

/// The id of something of IAM's: a prefix that says what it is (`AROA` a role, `ANPA` a policy) and seventeen of `[A-Z2-7]`.
pub fn entity_id(prefix: &str, cx: &Cx) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let random = bytes::<17>(cx.entropy());
    let letters =
        random.iter().map(|byte| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'A')));
    prefix.chars().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::accounts::permission_set::{PermissionSet, PermissionSetId, SessionDuration};
    use model::caller::Caller;
    use model::cx::Surroundings;
    use model::entropy::SeededEntropy;
    use model::event::EventHead;
    use model::timestamp::Timestamp;

    use super::*;

    fn made(mode: Mode, name: &str, region: &str) -> Role {
        let cx = context(mode, 1);
        let owner = cx.owner.clone();
        let permission_set = permission_set(name);
        role(&bare(&owner, region, &permission_set), &cx)
    }

    fn context(mode: Mode, seed: u64) -> Cx {
        let owner = AccountId::trusted("111122223333");
        let surroundings = Surroundings {
            region: "us-east-1".into(),
            owner: owner.clone(),
            organization: None,
            mode,
            primary: None,
            entropy: Arc::new(SeededEntropy::new(seed)),
        };
        Cx::new(&surroundings, Caller::service(owner), Timestamp::from_seconds(1), EventHead::default())
    }

    fn permission_set(name: &str) -> PermissionSet {
        PermissionSet {
            id: PermissionSetId::trusted("ps-1234567890abcdef"),
            instance_id: InstanceId::trusted("ssoins-1234567890abcdef"),
            name: name.to_owned(),
            description: Some("What it is for".to_owned()),
            session_duration: SessionDuration::default(),
            relay_state: None,
            revision: 1,
            created_at: Timestamp::from_seconds(1),
        }
    }

    fn bare<'a>(
        account_id: &'a AccountId,
        region: &'a str,
        permission_set: &'a PermissionSet,
    ) -> RoleSpec<'a> {
        RoleSpec {
            account_id,
            region,
            permission_set,
            managed_policies: &[],
            customer_policies: &[],
            inline_policy: None,
            boundary: None,
            naming: None,
        }
    }

    #[test]
    fn the_longest_name_is_exactly_what_iam_allows() {
        let role = made(Mode::Relaxed, &"x".repeat(32), "us-east-1");
        assert_eq!(role.name.as_str().len(), 64);
        assert!(RoleName::parse(role.name.as_str()).is_ok());
        assert_eq!(role.path, "/aws-reserved/sso.amazonaws.com/");
        assert_eq!(made(Mode::Relaxed, "x", "eu-west-1").path, "/aws-reserved/sso.amazonaws.com/eu-west-1/");
    }

    #[test]
    fn relaxed_names_are_stable_and_strict_ones_are_not() {
        assert_eq!(
            made(Mode::Relaxed, "Admin", "us-east-1").name,
            made(Mode::Relaxed, "Admin", "us-east-1").name
        );
        assert_ne!(
            made(Mode::Relaxed, "Admin", "us-east-1").name,
            made(Mode::Strict, "Admin", "us-east-1").name
        );
    }

    #[test]
    fn a_role_holds_everything_of_its_permission_set() {
        let cx = context(Mode::Relaxed, 1);
        let permission_set = permission_set("Admin");
        let managed = ["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()];
        let customer =
            [CustomerManagedPolicyReference { name: "ours".to_owned(), path: "/team/".to_owned() }];
        let inline = json!({"Version": "2012-10-17", "Statement": []});
        let boundary = PermissionsBoundary::CustomerManaged(CustomerManagedPolicyReference {
            name: "fence".to_owned(),
            path: "/".to_owned(),
        });
        let spec = RoleSpec {
            managed_policies: &managed,
            customer_policies: &customer,
            inline_policy: Some(&inline),
            boundary: Some(&boundary),
            ..bare(&cx.owner, "us-east-1", &permission_set)
        };
        let made = role(&spec, &cx);
        assert_eq!(
            made.managed_policies,
            [managed[0].as_str(), "arn:aws:iam::111122223333:policy/team/ours"]
        );
        assert_eq!(made.inline_policies, [(INLINE_POLICY_NAME.to_owned(), inline.clone())]);
        assert_eq!(made.permissions_boundary.as_deref(), Some("arn:aws:iam::111122223333:policy/fence"));
        assert_eq!(made.description.as_deref(), Some("What it is for"));
        assert_eq!(made.max_session_seconds, 43_200);
        assert_eq!(made.permission_set_id, Some(permission_set.id.clone()));
        let id = made.role_id.strip_prefix("AROA").unwrap();
        assert!(id.len() == 17 && id.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')));
        // The same name, another role: whoever renews a role keeps the id that stands.
        assert_ne!(role(&spec, &cx).role_id, made.role_id);
    }

    #[test]
    fn only_the_instances_provider_is_trusted() {
        let made = made(Mode::Strict, "Admin", "us-east-1");
        let trust = &made.trust_policy["Statement"][0];
        let provider = trust["Principal"]["Federated"].as_str().unwrap();
        let name = provider.strip_prefix("arn:aws:iam::111122223333:saml-provider/AWSSSO_").unwrap();
        let digits = name.strip_suffix("_DO_NOT_DELETE").unwrap();
        assert!(digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(trust["Action"], json!(["sts:AssumeRoleWithSAML", "sts:TagSession"]));
        assert_eq!(trust["Condition"]["StringEquals"]["SAML:aud"], "https://signin.aws.amazon.com/saml");
        let other = saml_provider_arn(
            &AccountId::trusted("222233334444"),
            &InstanceId::trusted("ssoins-1234567890abcdef"),
        );
        assert!(!other.ends_with(name), "one for each account");
    }
}
