//! What binds a role session, as a parsed set of policies. The texts are read from the role at every call, so that a changed role counts
//! at once; parsing them is remembered by what they say, so that a warm call parses nothing. Knows nothing of tokens.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{Context, SHA256};
use model::fault::Fault;
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use policy::managed;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::Value;
use store::accounts::policy_attachments::Level;
use store::accounts::roles::RoleBinding;

/// Sets remembered, about; what bounds them is [`REMEMBERED_BYTES_MAX`].
const REMEMBERED_ABOUT: usize = 1_024;
/// Bytes of policy text whose parsed form is remembered at most.
const REMEMBERED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// What was parsed, and the length of the texts that it was parsed from.
type Remembered<T> = (Arc<T>, u64);

#[derive(Debug, Clone)]
struct TextLength;

impl<T> Weighter<[u8; 32], Remembered<T>> for TextLength {
    fn weight(&self, _key: &[u8; 32], (_, bytes): &Remembered<T>) -> u64 {
        // The fixed part of an entry weighs something too.
        bytes + 256
    }
}

/// A pure memo: an entry's key is the whole content that it was made from, so that it can never be stale.
static PARSED: LazyLock<Cache<[u8; 32], Remembered<PolicySet>, TextLength>> =
    LazyLock::new(|| Cache::with_weighter(REMEMBERED_ABOUT, REMEMBERED_BYTES_MAX, TextLength));

/// The same of single service control policies.
static CONTROLS: LazyLock<Cache<[u8; 32], Remembered<Document>, TextLength>> =
    LazyLock::new(|| Cache::with_weighter(REMEMBERED_ABOUT, REMEMBERED_BYTES_MAX, TextLength));

/// What binds a session of a role: its policies, its boundary, what the organization lets its account do, and the policies passed when the session was made
/// (JSON texts and managed policy ARNs).
pub(crate) fn authority(role: &RoleBinding, session_policies: &[String]) -> Result<Arc<PolicySet>, Fault> {
    let boundary = role.permissions_boundary.as_deref().unwrap_or_default();
    let texts = [role.managed_policies.as_str(), role.inline_policies.as_str(), boundary];
    let texts = texts.into_iter().chain(session_policies.iter().map(String::as_str));
    // No session policy is empty, so that what follows an empty text is taken for none.
    let own = role.customer_policies.iter().flat_map(|(arn, document)| ["", arn, document]);
    // Nor is a document, so that two empty texts begin a level.
    let levels = role.service_controls.iter();
    let levels = levels
        .flat_map(|level| ["", ""].into_iter().chain(level.iter().map(|(_, document)| document.as_str())));
    let texts = texts.chain(own).chain(levels);
    let (key, bytes) = fingerprint(texts);
    if let Some((set, _)) = PARSED.get(&key) {
        return Ok(set);
    }
    let set = Arc::new(parse(role, session_policies)?);
    PARSED.insert(key, (set.clone(), bytes));
    Ok(set)
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
    let find = |arn: &str| match role.customer_policies.iter().find(|(own, _)| own == arn) {
        Some((_, document)) => Document::parse(document, Kind::Identity)
            .map(Arc::new)
            .map_err(|fault| Fault::internal(format!("{arn}: {}", fault.message()))),
        None => Ok(managed::find(arn)),
    };
    let mut identity: Vec<Arc<Document>> =
        managed_policies.iter().map(|arn| find(arn)).collect::<Result<_, _>>()?;
    for (name, policy) in &inline {
        let document = Document::from_value(policy, Kind::Identity)
            .map_err(|fault| Fault::internal(format!("inline policy {name}: {}", fault.message())))?;
        identity.push(Arc::new(document));
    }
    let session = session_policies
        .iter()
        .map(|policy| match policy.strip_prefix("arn:") {
            Some(_) => find(policy),
            None => Document::parse(policy, Kind::Identity).map(Arc::new),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let is_of_aws =
        |arn: &&String| arn.starts_with("arn:") && !role.customer_policies.iter().any(|(own, _)| own == *arn);
    let attached = managed_policies.iter().chain(&role.permissions_boundary).chain(session_policies);
    let managed = attached.filter(is_of_aws).cloned().collect();
    let level = |level: &Level| level.iter().map(control).collect::<Result<_, _>>();
    Ok(PolicySet {
        service_control: role.service_controls.iter().map(level).collect::<Result<_, _>>()?,
        identity,
        boundary: role.permissions_boundary.as_deref().map(find).transpose()?,
        session: (!session.is_empty()).then_some(session),
        managed,
    })
}

/// A service control policy, which whole accounts have in common: its parsed form too.
fn control((name, document): &(String, String)) -> Result<Arc<Document>, Fault> {
    let (key, bytes) = fingerprint([document.as_str()].into_iter());
    if let Some((known, _)) = CONTROLS.get(&key) {
        return Ok(known);
    }
    let read = Document::parse(document, Kind::Identity).map(Arc::new);
    let read =
        read.map_err(|fault| Fault::internal(format!("service control policy {name}: {}", fault.message())))?;
    CONTROLS.insert(key, (read.clone(), bytes));
    Ok(read)
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
            ..RoleBinding::default()
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
    fn the_accounts_own_policies_count_by_what_they_say() {
        let own = "arn:aws:iam::111122223333:policy/ours";
        let says = |action: &str| {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
            json!({"Version": "2012-10-17", "Statement": statement}).to_string()
        };
        let with = |mut role: RoleBinding, action: &str| {
            role.customer_policies = vec![(own.to_owned(), says(action))];
            role
        };
        for (role, session) in [
            (binding(&[own], "[]", None), &[][..]),
            (binding(&[ADMIN], "[]", Some(own)), &[]),
            (binding(&[ADMIN], "[]", None), &[own]),
        ] {
            assert_eq!(ask(&with(role.clone(), "sso:List*"), session), Decision::Allow);
            assert_eq!(ask(&with(role.clone(), "iam:*"), session), Decision::ImplicitDeny);
            assert!(
                matches!(ask(&role, session), Decision::ExplicitDeny(_)),
                "gone, it may be one that forbids"
            );
        }
        let mut broken = binding(&[own], "[]", None);
        broken.customer_policies = vec![(own.to_owned(), "{}".to_owned())];
        assert!(authority(&broken, &[]).is_err());
    }

    #[test]
    fn what_the_organization_lets_the_account_do_counts() {
        let says = |action: &str| {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
            let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
            ("p".to_owned(), document)
        };
        let with = |levels: Vec<Level>| {
            let mut role = binding(&[ADMIN], "[]", None);
            role.service_controls = levels;
            role
        };
        assert_eq!(ask(&with(vec![vec![says("*")], vec![says("sso:*")]]), &[]), Decision::Allow);
        assert_eq!(ask(&with(vec![vec![says("*")], vec![says("iam:*")]]), &[]), Decision::ImplicitDeny);
        // The same texts at one level are other bounds than at two.
        let (one, two) = (vec![vec![says("*"), says("iam:*")]], vec![vec![says("*")], vec![says("iam:*")]]);
        assert_eq!(ask(&with(one), &[]), Decision::Allow);
        assert_eq!(ask(&with(two), &[]), Decision::ImplicitDeny);
        let broken = with(vec![vec![("p".to_owned(), "{}".to_owned())]]);
        assert!(authority(&broken, &[]).is_err());
    }

    #[test]
    fn of_what_no_guess_is_made() {
        let own = "arn:aws:iam::111122223333:policy/ours";
        let storage = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
        let unknown = |attached: &[&str], boundary: Option<&str>, action: &str| {
            let set = authority(&binding(attached, "[]", boundary), &[]).unwrap();
            set.unknown_of(action).map(str::to_owned)
        };
        assert_eq!(unknown(&[ADMIN], Some(ADMIN), "s3:GetObject"), None, "short ones are known whole");
        assert_eq!(unknown(&[ADMIN, storage], None, "s3:GetObject"), Some(storage.to_owned()));
        assert_eq!(unknown(&[ADMIN], Some(storage), "s3:GetObject"), Some(storage.to_owned()));
        assert_eq!(
            unknown(&[ADMIN, storage], None, "sso:ListInstances"),
            None,
            "what is served here is known"
        );
        assert_eq!(unknown(&[own], None, "s3:GetObject"), Some(own.to_owned()), "gone");
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
