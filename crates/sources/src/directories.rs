//! CreateDirectory, DescribeDirectory, ListDirectories, UpdateDirectory, EnableDirectory, PauseDirectory, DeleteDirectory, TestDirectory. A directory is paused until it is
//! enabled, so that it can be tried, and a dry run read, before anybody comes of it. Taking one away takes nobody away whom it brought.

use std::sync::Arc;

use model::accounts::account::AccountId;
use model::caller::Caller;
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::limits::Mode;
use model::page::{Page, PageRequest};
use model::secret::Secret;
use model::sources::directory::{
    DIRECTORIES_MAX, Directory, DirectoryId, DirectorySettings, DirectoryStatus, Synchronizer,
};
use model::sources::directory_sync::DirectorySync;
use model::sources::directory_watch::DirectoryWatch;
use outbound::client::Outbound;
use outbound::ldap::trial::Trial;
use serde_json::json;
use store::db::Store;
use store::directory::owners;
use store::jobs;
use store::sources::directories::{self, NextRuns, Standing};
use store::sources::{
    directory_entries, directory_members, directory_sync_changes, directory_syncs, directory_watches,
};
use store::tx::{Rx, Tx};

use crate::authority::Provisioning;
use crate::directory_connections::{connect, connected, moment};
use crate::directory_listening::standing as watching;
use crate::directory_secrets::{GivenSecret, missing, opened, sealed};
use crate::gate::enter;

/// The record's word for a directory.
pub(crate) const KIND: &str = "AWS::IdentityStore::Directory";

/// The directory of this id in the instance's identity store.
pub(crate) fn existing(rx: &mut Rx<'_>, instance: &Instance, id: &DirectoryId) -> Result<Directory, Fault> {
    directories::find_in(rx, &instance.identity_store_id, id)?.ok_or_else(|| {
        Fault::not_found(format!("There is no directory {id}: ListDirectories lists those that there are"))
    })
}

pub(crate) fn require_relaxed(mode: Mode) -> Result<(), Fault> {
    match mode {
        Mode::Relaxed => Ok(()),
        Mode::Strict => {
            Err(Fault::validation("Directories are not there in strict mode: AWS has no such thing"))
        }
    }
}

/// A directory as who changes people: users, groups and memberships of its identity store, and nothing else.
pub fn caller_of(owner: &AccountId, directory: &Directory) -> Caller {
    let synchronizer = Synchronizer {
        account_id: owner.clone(),
        identity_store_id: directory.identity_store_id.clone(),
        directory_id: directory.id.clone(),
        name: directory.settings.name.clone(),
    };
    let identity_store = directory.identity_store_id.arn(owner);
    Caller::synchronizer(synchronizer, Arc::new(Provisioning { identity_store }))
}

/// A directory to be connected.
#[derive(Debug, Clone)]
pub struct NewDirectory {
    /// What is decided of it.
    pub settings: DirectorySettings,
    /// By what we are somebody there.
    pub secret: GivenSecret,
}

/// CreateDirectory.
pub async fn create(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (at, new): (&IdentityStoreRef, NewDirectory),
) -> Result<Directory, Fault> {
    store.read(|rx| enter("portico:CreateDirectory", rx, cx, at))?;
    require_relaxed(cx.mode)?;
    let settings = new.settings.checked()?;
    // Nothing is asked yet: it is tried by TestDirectory.
    let secret = new.secret.of(&settings)?.ok_or_else(|| missing(&settings, ""))?;
    connected(outbound, &settings, secret.clone())?;
    let (at, id) = (at.clone(), DirectoryId::fresh(cx.entropy()));
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:CreateDirectory", tx, cx, &at)?;
            let directory = insert_in(tx, cx, &instance, (&id, settings.clone(), &secret))?;
            cx.event().touch(KIND, id.as_str());
            cx.event().respond(json!({ "directoryId": id.as_str() }));
            Ok(directory)
        })
        .await
}

pub(crate) fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    (id, settings, secret): (&DirectoryId, DirectorySettings, &Secret),
) -> Result<Directory, Fault> {
    if directories::count(tx, &instance.identity_store_id)? >= DIRECTORIES_MAX {
        return Err(Fault::quota(format!(
            "An identity store has at most {DIRECTORIES_MAX} directories: delete one first"
        )));
    }
    let by = cx.caller.arn();
    let directory = Directory {
        id: id.clone(),
        identity_store_id: instance.identity_store_id.clone(),
        status: DirectoryStatus::Paused,
        settings,
        created_at: cx.now,
        created_by: by.clone(),
        updated_at: cx.now,
        updated_by: by,
    };
    let sealed = sealed(tx, cx, id, secret)?;
    directories::insert(tx, &directory, &sealed)?;
    Ok(directory)
}

/// A directory as an administrator is shown it.
#[derive(Debug, Clone)]
pub struct Described {
    /// It.
    pub directory: Directory,
    /// When it is read next, and what was held.
    pub standing: Standing,
    /// The run that waits or works, or the last one.
    pub last: Option<DirectorySync>,
    /// How listening to it goes.
    pub watch: Option<DirectoryWatch>,
}

fn described(rx: &mut Rx<'_>, cx: &Cx, directory: Directory) -> Result<Described, Fault> {
    let standing = directories::standing(rx, &directory.id)?
        .ok_or_else(|| Fault::internal("a directory without its row"))?;
    let last = directory_syncs::page(rx, &directory.id, &PageRequest::first(1))?.into_iter().next();
    let watch = watching(rx, &directory, cx.now)?;
    Ok(Described { directory, standing, last, watch })
}

/// DescribeDirectory.
pub fn describe(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
) -> Result<Described, Fault> {
    store.read(|rx| {
        let instance = enter("portico:DescribeDirectory", rx, cx, at)?;
        let directory = existing(rx, &instance, id)?;
        described(rx, cx, directory)
    })
}

/// ListDirectories, by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    page: &PageRequest,
) -> Result<Page<Described>, Fault> {
    store.read(|rx| {
        let instance = enter("portico:ListDirectories", rx, cx, at)?;
        let rows = directories::page(rx, &instance.identity_store_id, page)?;
        let rows: Vec<Described> =
            rows.into_iter().map(|directory| described(rx, cx, directory)).collect::<Result<_, _>>()?;
        Ok(page.page(rows, |row| row.directory.id.as_str().to_owned()))
    })
}

/// UpdateDirectory: what is decided of a directory; without a secret that stays. What it is read by is other than before, so that the next run reads all.
pub async fn update(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    (settings, secret): (DirectorySettings, GivenSecret),
) -> Result<Directory, Fault> {
    let action = "portico:UpdateDirectory";
    let before = store.read(|rx| {
        let instance = enter(action, rx, cx, at)?;
        existing(rx, &instance, id)
    })?;
    require_relaxed(cx.mode)?;
    let settings = settings.checked()?;
    let secret = secret.of(&settings)?;
    require_updatable(&before.settings, (&settings, secret.as_ref()))?;
    let counts = secret.clone().map_or_else(|| opened(store, &before), Ok)?;
    connected(outbound, &settings, counts)?;
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(action, tx, cx, &at)?;
            let before = existing(tx, &instance, &id)?;
            require_updatable(&before.settings, (&settings, secret.as_ref()))?;
            if !takes_away_alike(&before.settings, &settings) {
                let standing = directories::standing(tx, &id)?;
                let (incremental_at, failures) = standing
                    .map_or((cx.now, 0), |standing| (standing.next_incremental_at, standing.failures));
                directories::set_asks(tx, &id, Some(cx.now))?;
                directories::set_schedule(tx, &id, NextRuns { incremental_at, full_at: cx.now, failures })?;
            }
            let is_read_alike = before.settings.scope == settings.scope
                && before.settings.attributes == settings.attributes
                && before.settings.user_name_from == settings.user_name_from;
            if !is_read_alike {
                directories::set_place(tx, &id, None)?;
            }
            let changed = Directory {
                settings: settings.clone(),
                updated_at: cx.now,
                updated_by: cx.caller.arn(),
                ..before
            };
            directories::update(tx, &changed)?;
            if let Some(secret) = &secret {
                let sealed = sealed(tx, cx, &id, secret)?;
                directories::set_password(tx, &id, &sealed)?;
            }
            cx.event().touch(KIND, id.as_str());
            Ok(changed)
        })
        .await
}

/// Whether settings may take the place of others, with the secret that comes with them.
fn require_updatable(
    before: &DirectorySettings,
    (new, secret): (&DirectorySettings, Option<&Secret>),
) -> Result<(), Fault> {
    if before.schema != new.schema {
        return Err(Fault::validation(format!(
            "Schema stays {}: people are known by what that schema has as their id. Connect another directory with CreateDirectory",
            before.schema.as_str()
        )));
    }
    if secret.is_none() && !is_same_place(before, new) {
        return Err(missing(
            new,
            ": where Servers, DnsDomain, BindDn, ClientCertificate or the certificates that are believed are others, it must be given again, since it is \
             used there",
        ));
    }
    Ok(())
}

/// Whether whoever is taken away is so for the directory's sake, and not because something was decided here: that somebody has to look at first.
fn takes_away_alike(before: &DirectorySettings, new: &DirectorySettings) -> bool {
    let (was, is) = (before.schedule, new.schedule);
    before.scope == new.scope
        && before.servers == new.servers
        && before.dns_domain == new.dns_domain
        && before.bind_dn == new.bind_dn
        && before.client_certificate == new.client_certificate
        && was.brake_percent == is.brake_percent
        && was.remove_after_days == is.remove_after_days
}

/// Whether the password goes to nobody but those whom it was given for.
fn is_same_place(before: &DirectorySettings, new: &DirectorySettings) -> bool {
    let known = |server: &String| before.servers.contains(server);
    new.servers.iter().all(known)
        && (new.dns_domain.is_none() || new.dns_domain == before.dns_domain)
        && new.bind_dn == before.bind_dn
        && new.client_certificate == before.client_certificate
        && new.ca_certificates == before.ca_certificates
        && new.pinned_certificates == before.pinned_certificates
}

/// EnableDirectory and PauseDirectory: whether runs are scheduled. The first comes at once.
pub async fn set_status(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    status: DirectoryStatus,
) -> Result<(), Fault> {
    let action = match status {
        DirectoryStatus::Enabled => "portico:EnableDirectory",
        DirectoryStatus::Paused => "portico:PauseDirectory",
    };
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(action, tx, cx, &at)?;
            let before = existing(tx, &instance, &id)?;
            cx.event().touch(KIND, id.as_str());
            if before.status == status {
                return Ok(());
            }
            if status == DirectoryStatus::Enabled {
                require_relaxed(cx.mode)?;
                let standing = directories::standing(tx, &id)?;
                let full_at = standing.map_or(cx.now, |standing| standing.next_full_at);
                let next = NextRuns { incremental_at: cx.now, full_at, failures: 0 };
                directories::set_schedule(tx, &id, next)?;
            }
            let changed = Directory { status, updated_at: cx.now, updated_by: cx.caller.arn(), ..before };
            directories::update(tx, &changed)
        })
        .await
}

/// DeleteDirectory, with its runs. Whoever came of it stays with what they may use, and is the administrators' own from then on; they need another way in.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
) -> Result<(), Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:DeleteDirectory", tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            cx.event().touch(KIND, id.as_str());
            if let Some(open) = directory_syncs::find_open(tx, &id)? {
                // What it read so far, if it is a dry run.
                remove_list_in(tx, open.id.as_str())?;
            }
            directory_sync_changes::delete_by_directory(tx, &id)?;
            directory_syncs::delete_by_directory(tx, &id)?;
            // Of a run that is under way too: it finds its row gone, and would leave its job to whoever claims it when its hold lapses.
            jobs::delete_lane(tx, &lane(&id))?;
            remove_list_in(tx, id.as_str())?;
            directory_watches::delete(tx, &id)?;
            let released = owners::delete_by_source(tx, &id.issuer())?;
            cx.event().respond(json!({ "released": released }));
            directories::delete(tx, &id)
        })
        .await
}

/// The lane of a directory's runs.
pub(crate) fn lane(id: &DirectoryId) -> String {
    format!("}}{id}")
}

/// Forgets what was read.
pub(crate) fn remove_list_in(tx: &mut Tx<'_>, list: &str) -> Result<(), Fault> {
    directory_members::delete_list(tx, list)?;
    directory_entries::delete_list(tx, list)
}

/// TestDirectory: what is asked of the directory step by step, and what came of each.
pub async fn test(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (at, id): (&IdentityStoreRef, &DirectoryId),
) -> Result<Trial, Fault> {
    let directory = store.read(|rx| {
        let instance = enter("portico:TestDirectory", rx, cx, at)?;
        existing(rx, &instance, id)
    })?;
    cx.event().touch(KIND, id.as_str());
    let trial = connect(store, outbound, &directory)?.trial(moment(cx.now)?).await;
    Ok(trial)
}
