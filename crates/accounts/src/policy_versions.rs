//! Versions of managed policies: what they say, and which of an account's own counts. A version never changes; that another counts is heeded at the
//! next call of every session that the policy binds.

use ::policy::managed::ManagedPolicy;
use ::policy::require::Action;
use model::access::Context;
use model::accounts::policy::{Policy, PolicyVersion, version_id, version_number};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::POLICY_VERSIONS_MAX;
use model::timestamp::Timestamp;
use serde_json::json;
use store::accounts::policy_versions;
use store::db::Store;
use store::tx::Rx;

use crate::iam::{delete_conflict, invalid_input, no_entity};
use crate::policies::{Managed, change, check_document, guarded};

/// A version, whoever manages its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1.
    pub number: i64,
    /// What it says: a JSON text.
    pub document: String,
    /// Whether it counts.
    pub is_default: bool,
    /// When made.
    pub created_at: Timestamp,
}

impl Version {
    fn own(policy: &Policy, version: PolicyVersion) -> Self {
        Self {
            number: version.number,
            document: version.document,
            is_default: version.number == policy.default_version,
            created_at: version.created_at,
        }
    }

    /// What is not known whole is refused: a part of it, given out as the policy, would be another policy.
    fn aws(policy: ManagedPolicy) -> Result<Self, Fault> {
        let text = policy.text.ok_or_else(|| {
            invalid_input(format!(
                "PolicyArn is {}: this server knows only what this policy says about the services served here, not its whole document",
                policy.arn
            ))
        })?;
        Ok(Self {
            number: version_number(&policy.version).unwrap_or(1),
            document: text.to_string(),
            is_default: true,
            created_at: policy.updated_at,
        })
    }
}

fn no_version(arn: &str, id: &str) -> Fault {
    no_entity(format!("Policy {arn} version {id} does not exist."))
}

fn own(rx: &mut Rx<'_>, policy: &Policy, id: &str) -> Result<PolicyVersion, Fault> {
    let found = match version_number(id) {
        Some(number) => policy_versions::find(rx, policy, number)?,
        None => None,
    };
    found.ok_or_else(|| no_version(&policy.arn(), id))
}

/// GetPolicyVersion.
pub fn get(store: &Store, cx: &Cx, arn: &str, id: &str) -> Result<Version, Fault> {
    store.read(|rx| match guarded(rx, cx, (Action("iam:GetPolicyVersion"), arn), &Context::new())?.0 {
        Managed::Own(policy) => Ok(Version::own(&policy, own(rx, &policy, id)?)),
        Managed::Aws(policy) => {
            let last = version_number(&policy.version);
            if version_number(id).is_none_or(|asked| last.is_some_and(|last| asked > last)) {
                return Err(no_version(arn, id));
            }
            if id != policy.version {
                return Err(invalid_input(format!(
                    "VersionId is {id}: this server knows the default version of {arn} only, {}",
                    policy.version
                )));
            }
            Version::aws(policy)
        }
    })
}

/// ListPolicyVersions, the newest first.
pub fn list(store: &Store, cx: &Cx, arn: &str) -> Result<Vec<Version>, Fault> {
    store.read(|rx| match guarded(rx, cx, (Action("iam:ListPolicyVersions"), arn), &Context::new())?.0 {
        Managed::Own(policy) => {
            let all = policy_versions::list(rx, &policy)?;
            Ok(all.into_iter().map(|version| Version::own(&policy, version)).collect())
        }
        // A list says nothing of documents.
        Managed::Aws(policy) if policy.version == version_id(1) => Ok(vec![Version {
            number: 1,
            document: String::new(),
            is_default: true,
            created_at: policy.updated_at,
        }]),
        Managed::Aws(policy) => Err(invalid_input(format!(
            "PolicyArn is {arn}: this server knows the default version of this policy only, {}",
            policy.version
        ))),
    })
}

/// CreatePolicyVersion, which counts at once if it is to be the default.
pub async fn create(
    store: &Store,
    cx: &Cx,
    arn: &str,
    (document, set_as_default): (String, bool),
) -> Result<Version, Fault> {
    // Read here, off the writer's thread, and told only to those who may make it.
    let checked = check_document(&document);
    let ask = (Action("iam:CreatePolicyVersion"), arn);
    change(store, cx, ask, Context::new(), move |tx, cx, policy| {
        checked.clone()?;
        if policy_versions::list(tx, &policy)?.len() >= POLICY_VERSIONS_MAX {
            return Err(Fault::quota(format!(
                "A managed policy can have up to {POLICY_VERSIONS_MAX} versions. Before you create a new version, you must delete an existing \
                 version."
            )));
        }
        let number = policy.last_version + 1;
        let version = PolicyVersion { number, document: document.clone(), created_at: cx.now };
        policy_versions::insert(tx, &policy, &version)?;
        store::accounts::policies::set_last(tx, &policy, number, cx.now)?;
        if set_as_default {
            store::accounts::policies::set_default(tx, &policy, number)?;
        }
        cx.event().respond(json!({"policyVersion": {
            "versionId": version_id(number), "isDefaultVersion": set_as_default, "createDate": cx.now.rfc3339(),
        }}));
        Ok(Version { is_default: set_as_default, ..Version::own(&policy, version) })
    })
    .await
}

/// SetDefaultPolicyVersion.
pub async fn set_default(store: &Store, cx: &Cx, arn: &str, id: String) -> Result<(), Fault> {
    let ask = (Action("iam:SetDefaultPolicyVersion"), arn);
    change(store, cx, ask, Context::new(), move |tx, _, policy| {
        let version = own(tx, &policy, &id)?;
        store::accounts::policies::set_default(tx, &policy, version.number)
    })
    .await
}

/// DeletePolicyVersion: one that does not count.
pub async fn delete(store: &Store, cx: &Cx, arn: &str, id: String) -> Result<(), Fault> {
    let ask = (Action("iam:DeletePolicyVersion"), arn);
    change(store, cx, ask, Context::new(), move |tx, _, policy| {
        let version = own(tx, &policy, &id)?;
        if version.number == policy.default_version {
            return Err(delete_conflict("Cannot delete the default version of a policy."));
        }
        policy_versions::delete(tx, &policy, version.number)
    })
    .await
}
