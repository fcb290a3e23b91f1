//! `portico region follow`: an empty PostgreSQL database becomes that of another Region. What is there of the primary is copied while the primary goes on;
//! a failure leaves nothing at the primary, and a database that the next try wants empty again.

use std::time::Duration;

use anyhow::{Context as _, bail};
use instances::regions;
use model::clock::Clock as _;
use model::cx::Cx;
use model::instances::instance::Instance;
use model::instances::region::{Here, Region, RegionName, RegionStatus};
use store::db::{Location, Store};
use store::instances::following;
use store::migrate::Standing;

use crate::cli::Follow;
use crate::clock::SystemClock;
use crate::readable::readable;
use crate::settings::{self, File};
use crate::{beginning, host, serve};

/// How often to look how far the copy is.
const LOOK: Duration = Duration::from_millis(500);

/// Runs `portico region follow`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) async fn follow(follow: &Follow) -> anyhow::Result<()> {
    let file = File::read(&follow.place)?;
    let (location, mode) = (settings::location(&follow.place, &file)?, settings::mode(None, &file)?);
    let name = RegionName::parse(follow.region.clone()).map_err(|fault| readable(&fault))?;
    let here = Here { name, primary_url: settings::check_public_url(&follow.primary_url)? };
    let primary_location = postgres(Some(&follow.primary_database), follow)?;
    if !matches!(location, Location::Postgres(_)) {
        bail!(
            "--database must name the PostgreSQL database of this Region, which is to follow the primary's"
        );
    }
    if location.place() == primary_location.place() {
        bail!("--database and --primary-database are the same: {}", location.place());
    }
    let (primary, instance) = serve::open(&follow.place.data_dir, &primary_location, 1)?;
    let region = expected(&primary, &instance, &here)?;
    let store = empty(follow, &location)?;
    let slot = following::slot_name(&instance.id, &region);
    println!("{} follows {}", location.place(), primary_location.place());
    following::publish(&primary, &slot).map_err(|fault| readable(&fault)).with_context(|| {
        "the primary's database: its user must own the tables and may replicate (ALTER ROLE … REPLICATION)"
    })?;
    let subscribed = following::follow(
        &store,
        (&here, &instance.region),
        (&follow.primary_database, &slot),
        SystemClock.now(),
    );
    let followed = match subscribed {
        Ok(()) => {
            let cx = host::call(&instance, mode, "AddRegionResult");
            whole(&store, &primary, (&cx, &instance, &here.name), &slot).await
        }
        Err(fault) => Err(readable(&fault)).context(
            "this Region's database: its user must be a superuser while it is made to follow (PostgreSQL 15: CREATE SUBSCRIPTION), and its server must reach the primary's",
        ),
    };
    if let Err(error) = followed {
        // Or the primary would keep everything for somebody who never comes.
        following::forget(&primary, &slot).map_err(|fault| readable(&fault))?;
        return Err(error);
    }
    println!("The Region {} follows. `portico serve` on this database is that Region.", here.name);
    Ok(())
}

fn postgres(url: Option<&str>, follow: &Follow) -> anyhow::Result<Location> {
    match Location::parse(url, &follow.place.data_dir).map_err(|fault| readable(&fault))? {
        location @ Location::Postgres(_) => Ok(location),
        Location::Sqlite(_) => bail!("--primary-database must be a postgres:// URL"),
    }
}

/// The Region as it was added; refuses one that nobody has added.
fn expected(primary: &Store, instance: &Instance, here: &Here) -> anyhow::Result<Region> {
    let found = primary.read(|rx| Ok(store::instances::regions::find(rx, &instance.id, &here.name)?));
    let found = found.map_err(|fault| readable(&fault))?;
    match found.as_ref().map(|region| region.status) {
        Some(RegionStatus::Active) => {
            bail!("the Region {} follows already: remove it and add it again to make it anew", here.name)
        }
        Some(RegionStatus::Removing) => bail!("the Region {} is being removed", here.name),
        Some(RegionStatus::Adding) | None => found.with_context(|| format!(
            "the instance has no Region {0}: add it first, `aws sso-admin add-region --instance-arn {1} --region-name {0}`",
            here.name,
            instance.id.arn()
        )),
    }
}

/// The database of the Region, with tables and nothing in them. One that holds anything else stays as it is.
fn empty(follow: &Follow, location: &Location) -> anyhow::Result<Store> {
    let keyring = beginning::keyring(&follow.place.data_dir, location)?;
    let store = Store::open(location, keyring, 1).map_err(|fault| readable(&fault))?;
    let held = store.read(|rx| {
        let standing = store::migrate::standing_in(rx)?;
        let may = store::migrate::has_run(rx, "_regions")?;
        let here = if may { store::instances::regions::here(rx)? } else { None };
        let found = match standing {
            Standing::Nothing => None,
            _ => store::instances::instances::find_organizations(rx)?.map(|found| found.id),
        };
        Ok((standing, here, found))
    });
    match held.map_err(|fault| readable(&fault))? {
        (_, Some(here), _) => bail!(
            "{} was made to follow as the Region {} before: begin with an empty database",
            location.place(),
            here.name
        ),
        (_, None, Some(id)) => bail!("{} holds the instance {id}: nothing was changed", location.place()),
        (Standing::Nothing | Standing::Current, None, None) => {
            store::migrate::run(&store, SystemClock.now()).map_err(|fault| readable(&fault))?;
            Ok(store)
        }
        _ => bail!("{} holds the tables of another version: begin with an empty database", location.place()),
    }
}

/// Waits until everything is there, and says so at the primary.
async fn whole(
    store: &Store,
    primary: &Store,
    (cx, instance, name): (&Cx, &Instance, &RegionName),
    slot: &str,
) -> anyhow::Result<()> {
    copied(store, primary, slot).await?;
    regions::activate(primary, cx, &instance.id, name).await.map_err(|fault| readable(&fault))
}

/// Waits until everything is there, and says how far it is.
#[expect(clippy::print_stdout, reason = "progress")]
async fn copied(store: &Store, primary: &Store, slot: &str) -> anyhow::Result<()> {
    let mut said = u64::MAX;
    loop {
        let (left, all) = store
            .read(|rx| following::still_copied(rx, slot))
            .map_err(|fault| readable(&fault))
            .context("how far the copy is")?;
        if left != said {
            println!("{} of {all} tables copied", all.saturating_sub(left));
            said = left;
        }
        if left == 0 && all > 0 {
            return Ok(());
        }
        let kept = primary.read(|rx| following::slot_is_read(rx, slot)).map_err(|fault| readable(&fault))?;
        if kept.is_none() {
            bail!("the primary keeps nothing for this Region any more: it was removed meanwhile");
        }
        tokio::time::sleep(LOOK).await;
    }
}
