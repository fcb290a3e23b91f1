//! What binds a role session, as a parsed set of policies. The texts are read from the role at every call, so that a changed role counts
//! at once; parsing them is remembered by what they say, so that a warm call parses nothing. Knows nothing of tokens.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{Context, SHA256};
use model::accounts::organizational_unit::UnitPath;
use model::accounts::service_user::ServiceUser;
use model::fault::Fault;
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use policy::managed;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::Value;
use store::accounts::roles::RoleBinding;

/// Sets remembered, about; what bounds them is [`REMEMBERED_BYTES_MAX`].
const REMEMBERED_ABOUT: usize = 1_024;
/// Bytes of policy text whose parsed form is remembered at most.
const REMEMBERED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// A parsed set and the length of the texts that it was parsed from.
type Remembered = (Arc<PolicySet>, u64);

#[derive(Debug, Clone)]
struct TextLength;

impl Weighter<[u8; 32], Remembered> for TextLength {
    fn weight(&self, _key: &[u8; 32], (_, bytes): &Remembered) -> u64 {
        // The fixed part of an entry weighs something too.
        bytes + 256
    }
}

/// A pure memo: an entry's key is the whole content that it was made from, so that it can never be stale.
static PARSED: LazyLock<Cache<[u8; 32], Remembered, TextLength>> =
    LazyLock::new(|| Cache::with_weighter(REMEMBERED_ABOUT, REMEMBERED_BYTES_MAX, TextLength));

/// What binds a session of a role: its policies, its boundary, and the policies passed when the session was made (JSON texts and
/// managed policy ARNs).
pub(crate) fn authority(role: &RoleBinding, session_policies: &[String]) -> Result<Arc<PolicySet>, Fault> {
    let boundary = role.permissions_boundary.as_deref().unwrap_or_default();
    let texts = [role.managed_policies.as_str(), role.inline_policies.as_str(), boundary];
    let texts = texts.into_iter().chain(session_policies.iter().map(String::as_str));
    let (key, bytes) = fingerprint(texts);
    if let Some((set, _)) = PARSED.get(&key) {
        return Ok(set);
    }
    let set = Arc::new(parse(role, session_policies)?);
    PARSED.insert(key, (set.clone(), bytes));
    Ok(set)
}

/// What binds a service user: its policies.
pub fn authority_of_service_user(user: &ServiceUser) -> Result<Arc<PolicySet>, Fault> {
    let inline: Vec<(&str, Value)> = match &user.inline_policy {
        Some(text) => vec![("inline", serde_json::from_str(text).map_err(Fault::internal)?)],
        None => Vec::new(),
    };
    let binding = RoleBinding {
        role_id: user.id.clone(),
        path: "/".to_owned(),
        managed_policies: serde_json::to_string(&user.managed_policies).map_err(Fault::internal)?,
        inline_policies: serde_json::to_string(&inline).map_err(Fault::internal)?,
        permissions_boundary: None,
        account_path: UnitPath::ROOT,
    };
    authority(&binding, &[])
}

/// The hash of texts, each with its length before it, and how long they are together.
fn fingerprint<'t>(texts: impl Iterator<Item = &'t str>) -> ([u8; 32], u64) {
    let mut hash = Context::new(&SHA256);
    let mut bytes = 0;
    for text in texts {
        let length = text.len() as u64;
        hash.update(&length.to_be_bytes());
        hash.update(text.as_bytes());
        bytes += length;
    }
    let mut key = [0; 32];
    key.copy_from_slice(hash.finish().as_ref());
    (key, bytes)
}

/// A policy that is attached but unknown forbids everything, as a boundary and as a session policy too: it may be one that forbids. One
/// that cannot be read leaves the session without an answer at all: what cannot be read must not be ignored.
fn parse(role: &RoleBinding, session_policies: &[String]) -> Result<PolicySet, Fault> {
    let managed_policies: Vec<String> =
        serde_json::from_str(&role.managed_policies).map_err(Fault::internal)?;
    let inline: Vec<(String, Value)> =
        serde_json::from_str(&role.inline_policies).map_err(Fault::internal)?;
    let mut identity: Vec<Arc<Document>> = managed_policies.iter().map(|arn| managed::find(arn)).collect();
    for (name, policy) in &inline {
        let document = Document::from_value(policy, Kind::Identity)
            .map_err(|fault| Fault::internal(format!("inline policy {name}: {}", fault.message())))?;
        identity.push(Arc::new(document));
    }
    let session = session_policies
        .iter()
        .map(|policy| match policy.strip_prefix("arn:") {
            Some(_) => Ok(managed::find(policy)),
            None => Document::parse(policy, Kind::Identity).map(Arc::new),
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(PolicySet {
        identity,
        boundary: role.permissions_boundary.as_deref().map(managed::find),
        session: (!session.is_empty()).then_some(session),
    })
}

#[cfg(test)]
mod tests {
    use model::access::{Authority as _, Context, Decision, Question, Resource};
    use serde_json::json;

    use super::*;

    const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    fn binding(managed: &[&str], inline: &str, boundary: Option<&str>) -> RoleBinding {
        RoleBinding {
            role_id: "AROAEXAMPLE".to_owned(),
            path: "/".to_owned(),
            managed_policies: json!(managed).to_string(),
            inline_policies: inline.to_owned(),
            permissions_boundary: boundary.map(str::to_owned),
            account_path: UnitPath::ROOT,
        }
    }

    fn ask(role: &RoleBinding, session: &[&str]) -> Decision {
        let session: Vec<String> = session.iter().map(|policy| (*policy).to_owned()).collect();
        let set = authority(role, &session).unwrap();
        let resource = Resource { arn: "*".to_owned(), ..Resource::default() };
        let context = Context::new();
        set.decide(&Question { action: "sso:ListInstances", resource: &resource, context: &context })
    }

    #[test]
    fn attached_inline_boundary_and_session_policies_all_count() {
        let inline = json!([["p", {"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sso:List*", "Resource": "*"}]}]])
        .to_string();
        let other =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#;
        assert_eq!(ask(&binding(&[ADMIN], "[]", None), &[]), Decision::Allow);
        assert_eq!(ask(&binding(&[], &inline, None), &[]), Decision::Allow);
        assert_eq!(ask(&binding(&[], "[]", None), &[]), Decision::ImplicitDeny);
        assert_eq!(ask(&binding(&[ADMIN], "[]", Some(ADMIN)), &[ADMIN]), Decision::Allow);
        assert_eq!(ask(&binding(&[ADMIN], "[]", None), &[other]), Decision::ImplicitDeny);
        assert_eq!(ask(&binding(&[ADMIN], "[]", None), &[other, ADMIN]), Decision::Allow);
    }

    #[test]
    fn what_is_unknown_forbids() {
        let unknown =
            ["arn:aws:iam::111122223333:policy/ours", "arn:aws:iam::aws:policy/YoungerThanTheFacts"];
        for unknown in unknown {
            for (role, session) in [
                (binding(&[ADMIN, unknown], "[]", None), &[][..]),
                (binding(&[ADMIN], "[]", Some(unknown)), &[]),
                (binding(&[ADMIN], "[]", None), &[ADMIN, unknown]),
            ] {
                assert!(matches!(ask(&role, session), Decision::ExplicitDeny(_)), "{unknown}");
            }
        }
    }

    #[test]
    fn a_policy_that_means_nothing_here_allows_and_forbids_nothing() {
        let storage = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
        assert_eq!(ask(&binding(&[ADMIN, storage], "[]", None), &[]), Decision::Allow);
        assert_eq!(ask(&binding(&[storage], "[]", None), &[]), Decision::ImplicitDeny);
        assert_eq!(ask(&binding(&[ADMIN], "[]", Some(storage)), &[]), Decision::ImplicitDeny);
        assert_eq!(ask(&binding(&[ADMIN], "[]", None), &[storage]), Decision::ImplicitDeny);
    }

    #[test]
    fn the_denies_of_managed_policies_count() {
        for forbidding in [
            "AWSDenyAll",
            "IAMAuditRootUserCredentials",
            "IAMCreateRootUserPassword",
            "IAMDeleteRootUserCredentials",
            "S3UnlockBucketPolicy",
            "SQSUnlockQueuePolicy",
            "AWSIAMIdentityCenterAllowListForIdentityContext",
            "AmazonDataZoneEnvironmentRolePermissionsBoundary",
        ] {
            let arns = [
                format!("arn:aws:iam::aws:policy/{forbidding}"),
                format!("arn:aws:iam::aws:policy/root-task/{forbidding}"),
            ];
            let arn = arns.iter().find(|arn| managed::lookup(arn).is_ok()).unwrap();
            let answer = ask(&binding(&[ADMIN, arn], "[]", None), &[]);
            assert!(matches!(answer, Decision::ExplicitDeny(_)), "{forbidding}: {answer:?}");
        }
    }

    #[test]
    fn a_policy_that_cannot_be_read_answers_nothing() {
        let inline =
            json!([["p", {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}]]).to_string();
        assert!(authority(&binding(&[ADMIN], &inline, None), &[]).is_err());
        assert!(authority(&binding(&[ADMIN], "[]", None), &["{}".to_owned()]).is_err());
    }

    #[test]
    fn the_same_texts_are_parsed_once_and_others_anew() {
        let role = binding(&[ADMIN], "[]", None);
        let first = authority(&role, &[]).unwrap();
        assert!(Arc::ptr_eq(&first, &authority(&role, &[]).unwrap()));
        assert!(!Arc::ptr_eq(&first, &authority(&role, &[ADMIN.to_owned()]).unwrap()));
        // A text must not change its meaning by standing in another place.
        assert_ne!(fingerprint(["ab", "c"].into_iter()).0, fingerprint(["a", "bc"].into_iter()).0);
    }
}
