//! What the rooms of IAM share: whose they are, their words for what is wrong, and tags. Knows nothing of roles and policies.

use std::collections::BTreeSet;

use model::access::Context;
use model::accounts::account::AccountId;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::tag::Tags;
use model::limits::IAM_TAGS_MAX;
use policy::document;
use policy::require::request_tags;
use store::tx::Tx;

/// The caller's account: IAM is each account's own.
pub(crate) fn own_account(cx: &Cx) -> Result<AccountId, Fault> {
    cx.caller.account_id().cloned().ok_or_else(|| Fault::access_denied("The caller has no account"))
}

/// There is no such thing.
pub(crate) fn no_entity(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Service("NoSuchEntity"), message)
}

/// It hangs on something else still.
pub(crate) fn delete_conflict(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Service("DeleteConflict"), message)
}

/// A value that IAM takes nowhere, or not here.
pub(crate) fn invalid_input(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Service("InvalidInput"), message)
}

/// Refuses a document that is longer than IAM takes, by IAM's name of the quota.
pub(crate) fn check_length(text: &str, (quota, most): (&str, usize), member: &str) -> Result<(), Fault> {
    let length = document::length(text);
    if length <= most {
        return Ok(());
    }
    Err(Fault::quota(format!(
        "Cannot exceed quota for {quota}: {most}: {member} has {length} characters that are not white space"
    )))
}

/// Tags as they came: keys differ in more than case, and none is AWS's own.
pub(crate) fn tags(given: &[(String, String)]) -> Result<Tags, Fault> {
    let mut keys = BTreeSet::new();
    for (key, _) in given {
        let lower = key.to_lowercase();
        if lower.starts_with("aws:") {
            return Err(invalid_input(format!("Tags has the key {key}: aws: is reserved")));
        }
        if !keys.insert(lower) {
            return Err(invalid_input(format!(
                "Tags has the key {key} twice: keys must differ in more than case"
            )));
        }
    }
    check_count(given.len())?;
    Ok(given.iter().cloned().collect())
}

fn check_count(count: usize) -> Result<(), Fault> {
    if count <= IAM_TAGS_MAX {
        return Ok(());
    }
    Err(Fault::quota(format!(
        "Cannot exceed quota for TagsPerResource: {IAM_TAGS_MAX}: Tags would be {count}"
    )))
}

/// The condition keys of tags as they came, whatever is wrong with them.
pub(crate) fn of_tags(given: &[(String, String)]) -> Context {
    request_tags(&given.iter().cloned().collect())
}

/// The condition keys of the tags that a role or a policy has, by one of the names that they have.
pub(crate) fn of_resource_tags(prefix: &str, tags: &Tags) -> Context {
    tags.iter().map(|(key, value)| (format!("{prefix}:ResourceTag/{key}"), vec![value.clone()])).collect()
}

/// The condition keys of keys of tags.
pub(crate) fn of_tag_keys(keys: &[String]) -> Context {
    Context::from([("aws:TagKeys".to_owned(), keys.to_vec())])
}

/// Sets tags; one whose key differs only in case from one that is there takes its place.
pub(crate) fn put_tags(tx: &mut Tx<'_>, arn: &str, given: &[(String, String)]) -> Result<(), Fault> {
    let (new, standing) = (tags(given)?, store::instances::tags::all_of(tx, arn)?);
    let replaced = |key: &&String| new.keys().any(|other| other.to_lowercase() == key.to_lowercase());
    let (gone, kept): (Vec<_>, Vec<_>) = standing.keys().partition(replaced);
    check_count(kept.len() + new.len())?;
    gone.iter().try_for_each(|key| store::instances::tags::delete(tx, arn, key))?;
    new.iter().try_for_each(|(key, value)| store::instances::tags::upsert(tx, arn, key, value))
}

/// Takes tags away, in whatever case their keys are written.
pub(crate) fn take_tags(tx: &mut Tx<'_>, arn: &str, keys: &[String]) -> Result<(), Fault> {
    let standing = store::instances::tags::all_of(tx, arn)?;
    let named = |key: &&String| keys.iter().any(|other| other.to_lowercase() == key.to_lowercase());
    standing.keys().filter(named).try_for_each(|key| store::instances::tags::delete(tx, arn, key))
}
