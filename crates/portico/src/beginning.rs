//! What a data directory and its database hold together, and what an `init`, a `serve` or a `migrate` may do there. The database decides:
//! an `init` that was killed anywhere leaves a directory in which the next one begins anew, and nothing that was ever used is cleared
//! away.
//!
//! `init` keeps its new key as `portico.key.new` until the instance is in the database, and gives it its name then. So `portico.key` is
//! never a key that no database was made with, and a database that opens with `portico.key.new` is one whose secrets nobody has seen.

use std::path::Path;

use anyhow::{Context as _, bail};
use audit::folder::Folder;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use store::db::{Location, Store};
use store::migrate::Standing;
use store::sealing::Keyring;
use store::tx::Rx;

use crate::readable::readable;
use crate::root_key;

/// What a database holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// No instance: it is not there, is empty, or has the tables alone.
    Nothing,
    /// An instance.
    Instance {
        /// Which.
        id: InstanceId,
        /// Whether the key that it was looked at with is its own.
        ours: bool,
        /// Whether nobody has done anything since it was made.
        unused: bool,
    },
}

/// How an `init` begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// In a database that holds nothing. A key that belongs to no database that is known here is kept under another name.
    Fresh,
    /// In the place of this instance, which nobody has used. Its key is `portico.key` itself, unless `key_is_pending`.
    Instead {
        /// The instance that gives way.
        id: InstanceId,
        /// Whether its key never got its name, so that whatever has that name belongs elsewhere.
        key_is_pending: bool,
    },
}

/// Looks at a database with a key, and changes nothing but what a killed process left half written.
pub(crate) fn look(location: &Location, keyring: Keyring) -> anyhow::Result<Held> {
    if !may_hold(location) {
        return Ok(Held::Nothing);
    }
    let store = Store::open_to_fill(location, keyring).map_err(|fault| readable(&fault))?;
    let in_files = in_files(&store)?;
    let held = store.read(|rx| {
        let Some((id, ours)) = instance_in(rx)? else { return Ok(Held::Nothing) };
        Ok(Held::Instance { id, ours, unused: store::instances::beginnings::is_unused(rx, in_files)? })
    });
    store.close();
    held.map_err(|fault| readable(&fault))
}

/// The instance that a database holds, and whether the store's root key is its.
fn instance_in(rx: &mut Rx<'_>) -> Result<Option<(InstanceId, bool)>, Fault> {
    if store::migrate::standing_in(rx)? == Standing::Nothing {
        return Ok(None);
    }
    let Some(found) = store::instances::instances::find_organizations(rx)? else { return Ok(None) };
    let ours = store::instances::key_checks::fits(rx, &found.id)?;
    Ok(Some((found.id, ours)))
}

/// How many records of the trail are in files, two at most.
pub(crate) fn in_files(store: &Store) -> anyhow::Result<u64> {
    let Some(folder) = Folder::of(store) else { return Ok(0) };
    Ok(folder.glance().map_err(|fault| readable(&fault))?.0)
}

/// Whether there is anything to open: opening a SQLite database that is not there would make one.
pub(crate) fn may_hold(location: &Location) -> bool {
    match location {
        Location::Sqlite(path) => path.exists(),
        Location::Postgres(_) => true,
    }
}

/// Whether an `init` may begin in `data_dir`, and how. `anew` says that whoever runs it wants what was begun there to be begun anew.
pub(crate) fn decide(data_dir: &Path, location: &Location, anew: bool) -> anyhow::Result<Start> {
    let (place, folder) = (location.place(), data_dir.display());
    if let Some(pending) = root_key::read_pending(data_dir)
        && let Held::Instance { id, ours: true, unused } = look(location, pending)?
    {
        if unused {
            return Ok(Start::Instead { id, key_is_pending: true });
        }
        bail!(
            "{place} holds the instance {id}, which was used, with the key {folder}/portico.key.new: nothing was changed"
        );
    }
    let has_key = root_key::exists(data_dir);
    let keyring = if has_key { root_key::read(data_dir).ok() } else { None };
    let broken = has_key && keyring.is_none();
    let held = look(location, keyring.map_or_else(root_key::none, Ok)?)?;
    if held == Held::Nothing
        && let Some(folder) = Folder::at(location)
        && folder.glance().map_err(|fault| readable(&fault))?.0 > 0
    {
        bail!(
            "{} holds the audit trail of an instance whose database is not there: nothing was changed. Move it away to begin anew",
            folder.path().display()
        );
    }
    match held {
        Held::Nothing if !has_key || anew => Ok(Start::Fresh),
        Held::Nothing => bail!(
            "{folder}/portico.key is there{}, but {place} holds no instance: nothing was changed. If the key belongs to an instance in \
             another database, name that with --database. If an `init` was interrupted here, or that database is gone, \
             `portico init --anew` begins anew and keeps the old key as portico.key.old",
            if broken { " and is not whole" } else { "" }
        ),
        Held::Instance { id, ours: false, .. } if has_key => bail!(
            "{place} holds the instance {id} already, and {folder}/portico.key is not its key: nothing was changed"
        ),
        Held::Instance { id, ours: false, .. } => bail!(
            "{place} holds the instance {id} already, and its portico.key is not in {folder}: nothing was changed. Put the key back to \
             serve it; it is in every copy of its data directory"
        ),
        Held::Instance { id, unused: true, .. } if anew => Ok(Start::Instead { id, key_is_pending: false }),
        Held::Instance { id, unused: false, .. } if anew => bail!(
            "the instance {id} in {place} was used since it was made: --anew clears away only what nobody has used. Nothing was changed"
        ),
        Held::Instance { .. } => bail!(
            "{folder} holds an instance already: nothing was changed. If nobody has seen the secrets that its `init` printed, \
             `portico init --anew` makes it anew with new ones, as long as nobody has used it"
        ),
    }
}

/// The keyring for the database of `data_dir`, or what to do when it is not there.
pub(crate) fn keyring(data_dir: &Path, location: &Location) -> anyhow::Result<Keyring> {
    let folder = data_dir.display();
    if root_key::exists(data_dir) {
        if root_key::has_next(data_dir) && may_hold(location) {
            end_rotation(data_dir, location)?;
        }
        return root_key::read(data_dir);
    }
    if root_key::is_pending(data_dir) {
        bail!("an `init` in {folder} did not end: run it again, it begins anew");
    }
    match look(location, root_key::none()?)? {
        Held::Instance { id, .. } => bail!(
            "the root key {folder}/portico.key is missing, and {} holds the instance {id}: put its key back, from a copy of the data \
             directory or from another server of the instance. Without it nothing opens that the instance has sealed",
            location.place()
        ),
        Held::Nothing => bail!(
            "the root key {folder}/portico.key is not there: run `portico init`, or point --data-dir at the instance"
        ),
    }
}

/// Ends a `keys rotate-root` that was killed: if the database has taken the next root key, so does the data directory.
fn end_rotation(data_dir: &Path, location: &Location) -> anyhow::Result<()> {
    // The next one is looked at only if it is needed: it may be in a security module that is away.
    if root_key::read(data_dir).is_ok_and(|key| fits(location, key).unwrap_or(true)) {
        return Ok(());
    }
    let next = root_key::read_next(data_dir).context("a `portico keys rotate-root` did not end")?;
    if fits(location, next)? {
        root_key::settle_next(data_dir)?;
    }
    Ok(())
}

/// Whether a root key is that of the instance that the database holds; true of a database that holds none.
fn fits(location: &Location, key: Keyring) -> anyhow::Result<bool> {
    let store = Store::open(location, key, 1).map_err(|fault| readable(&fault))?;
    let fits = store.read(|rx| Ok(instance_in(rx)?.is_none_or(|(_, ours)| ours)));
    store.close();
    fits.map_err(|fault| readable(&fault))
}

/// Why the database of `data_dir` cannot be served with the key that is there.
pub(crate) fn unfit(data_dir: &Path, location: &Location, held: &Held) -> anyhow::Error {
    let (place, folder) = (location.place(), data_dir.display());
    if root_key::is_pending(data_dir) {
        return anyhow::anyhow!("an `init` in {folder} did not end: run it again, it begins anew");
    }
    match held {
        Held::Instance { id, .. } => anyhow::anyhow!(
            "the key in {folder}/portico.key is not the one that this database was made with ({place} holds the instance {id}): \
             put back the key of that instance, or name the database that belongs to this key with --database"
        ),
        Held::Nothing => anyhow::anyhow!(
            "{place} holds no instance, though {folder}/portico.key is there: name the database that belongs to this key with \
             --database. If an `init` was interrupted here, `portico init --anew` begins anew"
        ),
    }
}
