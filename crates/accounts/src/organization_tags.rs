//! Tags of the organization's accounts, units and policies and of its root.

use std::collections::HashMap;

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::service_control_policy::ServiceControlPolicyId;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::ORGANIZATION_TAGS_MAX;
use policy::require::{Action, request_tags};
use store::accounts::service_control_policies;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::organization::{constraint, guarded, is_there, no_target, require_own};

/// The ARN of a target that is there, once the caller may do `action` on it, with its tags.
fn target(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    id: &str,
    further: &Context,
) -> Result<(String, Tags), Fault> {
    let organization = guarded(rx, cx, Action(action), id, further)?;
    let is_policy = match ServiceControlPolicyId::parse(id) {
        Ok(policy) => !policy.is_aws_managed() && service_control_policies::find(rx, &policy)?.is_some(),
        Err(_) => false,
    };
    if !is_policy && !is_there(rx, &organization, id)? {
        return Err(no_target());
    }
    let arn = organization.arn_of(id);
    let tags = store::instances::tags::all_of(rx, &arn)?;
    Ok((arn, tags))
}

/// What records call what is called so.
pub(crate) const fn kind(id: &str) -> &'static str {
    match id.as_bytes() {
        [b'r', ..] => "AWS::Organizations::Root",
        [b'o', ..] => crate::organizational_units::KIND,
        [b'p', ..] => crate::service_control_policies::KIND,
        _ => "AWS::Organizations::Account",
    }
}

/// The tags of an account, a unit, a policy or a root.
pub fn list(store: &Store, cx: &Cx, id: &str) -> Result<Tags, Fault> {
    store.read(|rx| Ok(target(rx, cx, "organizations:ListTagsForResource", id, &Context::new())?.1))
}

/// The tags of each of these accounts that has any, for people who may use the accounts: what they are for is no secret to them.
pub fn of_accounts<'a>(
    store: &Store,
    accounts: impl Iterator<Item = &'a AccountId>,
) -> Result<HashMap<AccountId, Tags>, Fault> {
    store.read(|rx| {
        let Some(organization) = store::accounts::organizations::find(rx)? else {
            return Ok(HashMap::new());
        };
        let arns: Vec<(String, &AccountId)> =
            accounts.map(|account| (organization.account_arn(account), account)).collect();
        let mut tags = store::instances::tags::all_of_each(rx, arns.iter().map(|(arn, _)| arn.as_str()))?;
        let found = arns.iter().filter_map(|(arn, account)| Some(((*account).clone(), tags.remove(arn)?)));
        Ok(found.collect())
    })
}

/// Refuses keys that are AWS's own, and more tags than AWS keeps on one thing.
pub fn check(tags: &Tags) -> Result<(), Fault> {
    if let Some(key) = tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return Err(Fault::validation(format!(
            "Tags holds the key '{key}': keys must not begin with 'aws:'"
        )));
    }
    if tags.len() > ORGANIZATION_TAGS_MAX {
        let message = format!("Tags would be {}, {ORGANIZATION_TAGS_MAX} at most", tags.len());
        return Err(constraint("MAX_TAG_LIMIT_EXCEEDED", message));
    }
    Ok(())
}

/// Sets tags.
pub async fn tag(store: &Store, cx: &Cx, id: String, tags: Tags) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let (arn, mut all) = target(tx, cx, "organizations:TagResource", &id, &request_tags(&tags))?;
            require_own(tx, &id)?;
            all.extend(tags.clone());
            check(&tags)?;
            check(&all)?;
            insert_in(tx, &arn, &tags)?;
            cx.event().touch(kind(&id), arn);
            Ok(())
        })
        .await
}

/// Sets tags in a transaction, with no question of who asks.
pub fn insert_in(tx: &mut Tx<'_>, arn: &str, tags: &Tags) -> Result<(), Fault> {
    tags.iter().try_for_each(|(key, value)| store::instances::tags::upsert(tx, arn, key, value))
}

/// Makes these the tags of what has the ARN, and none else, with no question of who asks.
pub(crate) fn replace_in(tx: &mut Tx<'_>, arn: &str, tags: &Tags) -> Result<(), Fault> {
    store::instances::tags::delete_all(tx, arn)?;
    insert_in(tx, arn, tags)
}

/// Takes tags away.
pub async fn untag(store: &Store, cx: &Cx, id: String, keys: Vec<String>) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let further = Context::from([("aws:TagKeys".to_owned(), keys.clone())]);
            let (arn, _) = target(tx, cx, "organizations:UntagResource", &id, &further)?;
            require_own(tx, &id)?;
            keys.iter().try_for_each(|key| store::instances::tags::delete(tx, &arn, key))?;
            cx.event().touch(kind(&id), arn);
            Ok(())
        })
        .await
}
