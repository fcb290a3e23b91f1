//! Regions: added and removed in the primary; each is a database that follows the primary's, with servers of its own. `portico region follow` makes one,
//! and says so here when all of it is there.

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::instance::{Instance, InstanceId};
use model::instances::region::{Region, RegionName, RegionStatus};
use policy::gate::require_organizations;
use policy::require::Action;
use serde_json::json;
use store::db::Store;
use store::instances::following;
use store::instances::regions;
use store::tx::Rx;

use crate::instances::{KIND, guarded};

/// Regions of an instance at most, the primary among them: AWS's quota. The primary's database keeps for each what it has not seen yet.
pub const REGIONS_MAX: usize = 6;

/// AddRegion: from now on `portico region follow` may make it.
pub async fn add(store: &Store, cx: &Cx, id: &InstanceId, name: &RegionName) -> Result<RegionStatus, Fault> {
    let (id, name) = (id.clone(), name.clone());
    let follows = store.can_be_followed();
    store
        .write(cx, move |tx, cx| {
            let instance = guarded(tx, cx, Action("sso:AddRegion"), &id)?;
            require_organizations(cx, &instance, "Regions")?;
            let there = regions::list(tx, &id)?;
            if name.as_str() == instance.region || there.iter().any(|region| region.name == name) {
                return Err(Fault::conflict(format!("{name} is a Region of {} already", id.arn())));
            }
            refuse_unless_it_can_be_followed(tx, follows)?;
            refuse_beside_another(&there)?;
            if there.len() + 1 >= REGIONS_MAX {
                let message =
                    format!("An instance has {REGIONS_MAX} Regions at most, the primary among them");
                return Err(Fault::new(FaultKind::QuotaExceeded, message));
            }
            let region = Region { name: name.clone(), status: RegionStatus::Adding, added_at: cx.now };
            regions::insert(tx, &id, &region)?;
            regions::beat(tx, cx, &id)?;
            cx.event().touch(KIND, id.arn());
            cx.event().respond(json!({"status": region.status.as_str()}));
            Ok(region.status)
        })
        .await
}

fn refuse_unless_it_can_be_followed(rx: &mut Rx<'_>, is_postgres: bool) -> Result<(), Fault> {
    if !is_postgres {
        let why =
            "RegionName: other Regions follow a PostgreSQL database, and this instance is kept in SQLite";
        return Err(Fault::validation(why));
    }
    match following::unfit_to_be_followed(rx)? {
        Some(level) => Err(Fault::validation(format!(
            "RegionName: other Regions cannot follow this database: its wal_level is {level} and must be logical"
        ))),
        None => Ok(()),
    }
}

/// One change at a time, as at AWS.
fn refuse_beside_another(there: &[Region]) -> Result<(), Fault> {
    match there.iter().find(|region| region.status != RegionStatus::Active) {
        Some(Region { name, status, .. }) => {
            Err(Fault::conflict(format!("Region {name} is {}: wait until that is done", status.as_str())))
        }
        None => Ok(()),
    }
}

/// RemoveRegion: its servers answer nothing from when they hear of it, and the primary forgets it then. One that never came is gone at once.
pub async fn remove(
    store: &Store,
    cx: &Cx,
    id: &InstanceId,
    name: &RegionName,
) -> Result<RegionStatus, Fault> {
    let (id, name) = (id.clone(), name.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = guarded(tx, cx, Action("sso:RemoveRegion"), &id)?;
            if name.as_str() == instance.region {
                return Err(Fault::validation(format!(
                    "RegionName: {name} is the primary Region of {}, which cannot be removed",
                    id.arn()
                )));
            }
            let there = regions::list(tx, &id)?;
            let found = there.iter().find(|region| region.name == name).ok_or_else(|| unknown(&id, &name))?;
            if found.status == RegionStatus::Removing {
                return Err(Fault::conflict(format!("Region {name} is being removed already")));
            }
            let others: Vec<_> = there.iter().filter(|region| region.name != name).cloned().collect();
            refuse_beside_another(&others)?;
            regions::set_status(tx, &id, &name, RegionStatus::Removing)?;
            cx.event().touch(KIND, id.arn());
            cx.event().respond(json!({"status": RegionStatus::Removing.as_str()}));
            Ok(RegionStatus::Removing)
        })
        .await
}

fn unknown(id: &InstanceId, name: &RegionName) -> Fault {
    Fault::not_found(format!("Region {name} was not found in {}", id.arn())).with_resource_id(name.as_str())
}

/// The primary Region, and whether that is what it is.
fn primary(instance: &Instance) -> (Region, bool) {
    let name = RegionName::trusted(&*instance.region);
    (Region { name, status: RegionStatus::Active, added_at: instance.created_at }, true)
}

/// DescribeRegion: a Region, and whether it is the primary.
pub fn describe(store: &Store, cx: &Cx, id: &InstanceId, name: &RegionName) -> Result<(Region, bool), Fault> {
    store.read(|rx| {
        let instance = guarded(rx, cx, Action("sso:DescribeRegion"), id)?;
        if name.as_str() == instance.region {
            return Ok(primary(&instance));
        }
        regions::find(rx, id, name)?.map(|region| (region, false)).ok_or_else(|| unknown(id, name))
    })
}

/// ListRegions: all of them by name, and whether each is the primary.
pub fn list(store: &Store, cx: &Cx, id: &InstanceId) -> Result<Vec<(Region, bool)>, Fault> {
    store.read(|rx| {
        let instance = guarded(rx, cx, Action("sso:ListRegions"), id)?;
        of(rx, &instance)
    })
}

/// The Regions of an instance that the caller was shown.
pub fn of_shown(store: &Store, instance: &Instance) -> Result<Vec<(Region, bool)>, Fault> {
    store.read(|rx| of(rx, instance))
}

fn of(rx: &mut Rx<'_>, instance: &Instance) -> Result<Vec<(Region, bool)>, Fault> {
    let beside = regions::list(rx, &instance.id)?.into_iter().map(|region| (region, false));
    let mut all: Vec<_> = std::iter::once(primary(instance)).chain(beside).collect();
    all.sort_unstable_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    Ok(all)
}

/// Says that a Region follows, once all of it is there. One that was taken back meanwhile is refused.
pub async fn activate(store: &Store, cx: &Cx, id: &InstanceId, name: &RegionName) -> Result<(), Fault> {
    let (id, name) = (id.clone(), name.clone());
    store
        .write(cx, move |tx, cx| {
            let found = regions::find(tx, &id, &name)?.ok_or_else(|| unknown(&id, &name))?;
            if found.status == RegionStatus::Removing {
                return Err(Fault::conflict(format!("Region {name} is being removed")));
            }
            regions::set_status(tx, &id, &name, RegionStatus::Active)?;
            cx.event().touch(KIND, id.arn());
            Ok(())
        })
        .await
}

/// Forgets a Region that was removed: nothing is kept for it any more. Who still follows hears nothing from now on.
pub async fn forget(store: &Store, cx: &Cx, id: &InstanceId, region: &Region) -> Result<(), Fault> {
    let slot = following::slot_name(id, region);
    store.aside(move |store| following::forget(store, &slot)).await?;
    let (id, name) = (id.clone(), region.name.clone());
    store
        .write(cx, move |tx, cx| {
            if regions::delete(tx, &id, &name)? {
                cx.event().touch(KIND, id.arn());
            } else {
                // Another server of the primary was first, and said so.
                cx.event().mark_recorded();
            }
            Ok(())
        })
        .await
}
