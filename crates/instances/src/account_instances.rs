//! Account instances: made for one account by itself, ended by it. Making one is a row with its job; from the moment that one is to end, nobody finds it, and
//! a job clears away what it held.

use model::accounts::account::AccountId;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::entropy::bytes;
use model::event::EventHead;
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::{Instance, InstanceId, InstanceStatus};
use model::instances::tag::Tags;
use model::job::{Job, JobKind};
use model::limits::TAGS_MAX;
use policy::require::{Action, request_tags, require, require_unnamed, unseen};
use policy::resource;
use serde_json::json;
use store::db::Store;
use store::instances::account_instances::AccountInstance;
use store::instances::{account_instances, endings, key_checks};
use store::tx::{Rx, Tx};

use crate::instances::KIND;

/// Things that one transaction clears away at most.
const BATCH: i64 = 200;

/// An account instance to make.
#[derive(Debug, Clone)]
pub struct NewInstance {
    /// Its name.
    pub name: Option<String>,
    /// The same call again, with the same token, makes nothing.
    pub client_token: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl NewInstance {
    /// What was asked for, besides the token.
    fn digest(&self) -> String {
        json!([self.name, self.tags]).to_string()
    }
}

/// CreateInstance: an instance for the caller's account.
pub async fn create(store: &Store, cx: &Cx, new: NewInstance) -> Result<InstanceId, Fault> {
    store
        .write(cx, move |tx, cx| {
            let to_be = may_create(tx, cx, &new)?;
            let id = match made_before(tx, &to_be.owner, &new)? {
                Some(before) => before,
                None => insert(tx, cx, to_be, &new)?,
            };
            cx.event().touch(KIND, id.arn());
            cx.event().respond(json!({"instanceArn": id.arn()}));
            Ok(id)
        })
        .await
}

/// The instance that is to be, once the caller may make it. The management account has the organization's, and has no other.
fn may_create(rx: &mut Rx<'_>, cx: &Cx, new: &NewInstance) -> Result<Instance, Fault> {
    const ANY: &str = "arn:aws:sso:::instance/*";
    let action = Action("sso:CreateInstance");
    let owner = cx.caller.account_id().ok_or_else(|| unseen(cx, action, ANY))?.clone();
    let instance = Instance {
        id: InstanceId::trusted(format!("ssoins-{}", hex(&bytes::<8>(cx.entropy())))),
        owner,
        identity_store_id: IdentityStoreId::trusted(format!("d-{}", hex(&bytes::<5>(cx.entropy())))),
        name: new.name.clone().filter(|name| !name.is_empty()),
        region: cx.region.to_string(),
        created_at: cx.now,
    };
    // The one that is to be has an id that nobody named.
    let asked = [resource::instance(&instance, Tags::new())];
    require_unnamed(cx, action, &asked, &request_tags(&new.tags), ANY)?;
    if instance.owner == cx.owner {
        return Err(Fault::validation(format!(
            "An account instance cannot be made in account {}, which manages the organization: it has the organization's instance",
            cx.owner
        )));
    }
    if store::accounts::accounts::find(rx, &instance.owner)?.is_none() {
        return Err(unseen(cx, action, ANY));
    }
    Ok(instance)
}

/// The instance that this call has made before; refuses where the account has one by another call.
fn made_before(rx: &mut Rx<'_>, owner: &AccountId, new: &NewInstance) -> Result<Option<InstanceId>, Fault> {
    let Some(found) = account_instances::find_by_owner(rx, owner)? else { return Ok(None) };
    let arn = found.instance.id.arn();
    if found.status == InstanceStatus::DeleteInProgress {
        return Err(Fault::conflict(format!(
            "Account {owner} has the instance {arn}, which is being deleted: try again when it is gone"
        )));
    }
    if new.client_token.is_none() || new.client_token != found.client_token {
        return Err(Fault::conflict(format!("Account {owner} has an instance already: {arn}")));
    }
    if new.digest() != found.request_digest {
        return Err(Fault::conflict(format!(
            "IdempotentParameterMismatch: ClientToken was used for {arn} with other parameters"
        )));
    }
    Ok(Some(found.instance.id))
}

fn insert(tx: &mut Tx<'_>, cx: &Cx, instance: Instance, new: &NewInstance) -> Result<InstanceId, Fault> {
    if new.tags.len() > TAGS_MAX {
        return Err(Fault::validation(format!("Tags has {} entries, {TAGS_MAX} at most", new.tags.len())));
    }
    let row = AccountInstance {
        instance,
        status: InstanceStatus::CreateInProgress,
        client_token: new.client_token.clone(),
        request_digest: new.digest(),
    };
    account_instances::insert(tx, &row)?;
    let arn = row.instance.id.arn();
    new.tags.iter().try_for_each(|(key, value)| store::instances::tags::upsert(tx, &arn, key, value))?;
    account_instances::ask(tx, cx, JobKind::CreateInstance, &row.instance)?;
    Ok(row.instance.id)
}

/// DeleteInstance: nobody finds the instance from now on, nor anybody or anything in it.
pub async fn delete(store: &Store, cx: &Cx, id: &InstanceId) -> Result<(), Fault> {
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            let action = Action("sso:DeleteInstance");
            let (instance, status) =
                crate::instances::find_any(tx, &id)?.ok_or_else(|| unseen(cx, action, &id.arn()))?;
            let tags = store::instances::tags::all_of(tx, &id.arn())?;
            require(cx, action, &[resource::instance(&instance, tags)])?;
            if instance.owner == cx.owner {
                return Err(Fault::validation(format!(
                    "{} is the organization's instance, which cannot be deleted by a call: stop the server and remove its data",
                    id.arn()
                )));
            }
            if status == InstanceStatus::DeleteInProgress {
                return Err(Fault::conflict(format!("{} is being deleted already", id.arn())));
            }
            account_instances::end(tx, cx, &instance)?;
            cx.event().touch(KIND, id.arn());
            Ok(())
        })
        .await
}

/// The instance that a job is about, if it is still at this step.
fn at_step(rx: &mut Rx<'_>, job: &Job, step: InstanceStatus) -> Result<Option<Instance>, Fault> {
    let id = InstanceId::parse(job.subject.clone())?;
    let found = account_instances::find(rx, &id)?;
    Ok(found.filter(|found| found.status == step).map(|found| found.instance))
}

/// Carries out one creation: from now on the instance is there.
pub async fn run_creation(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let cx = cx.with_event(EventHead::of_service("sso.amazonaws.com", "CreateInstanceResult"));
    let job = job.clone();
    store
        .write(&cx, move |tx, cx| {
            if let Some(instance) = at_step(tx, &job, InstanceStatus::CreateInProgress)? {
                store::instances::instances::insert(tx, &instance)?;
                key_checks::put(tx, cx, &instance.id)?;
                account_instances::set_status(tx, &instance.id, InstanceStatus::Active)?;
                cx.event().touch(KIND, instance.id.arn());
            }
            store::jobs::delete(tx, &job.id)
        })
        .await?;
    tracing::trace!(target: model::counted::TARGET, what = "job", result = "done");
    Ok(())
}

/// Carries out one deletion, in as many transactions as there is to clear away. A worker that dies in the middle leaves the rest to the next one.
pub async fn run_deletion(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let cx = cx.with_event(EventHead::of_service("sso.amazonaws.com", "DeleteInstanceResult"));
    while let Some(instance) = store.read(|rx| at_step(rx, job, InstanceStatus::DeleteInProgress))? {
        let more = store.maintain(&cx, move |tx, _| endings::sweep(tx, &instance, BATCH)).await?;
        if !more {
            break;
        }
    }
    let job = job.clone();
    store
        .write(&cx, move |tx, cx| {
            if let Some(instance) = at_step(tx, &job, InstanceStatus::DeleteInProgress)? {
                account_instances::delete(tx, &instance.id)?;
                cx.event().touch(KIND, instance.id.arn());
            }
            store::jobs::delete(tx, &job.id)
        })
        .await?;
    tracing::trace!(target: model::counted::TARGET, what = "job", result = "done");
    Ok(())
}
