//! Rows of Regions, the pulse by which those that follow know how far behind they are, and what a database that follows knows of itself.

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::instances::region::{Here, Region, RegionName, RegionStatus};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO regions (instance_id, region_name, status, added_at) VALUES (?1, ?2, ?3, ?4)";
    FIND = "SELECT region_name, status, added_at FROM regions WHERE instance_id = ?1 AND region_name = ?2";
    LIST = "SELECT region_name, status, added_at FROM regions WHERE instance_id = ?1 ORDER BY region_name";
    SET_STATUS = "UPDATE regions SET status = ?3 WHERE instance_id = ?1 AND region_name = ?2";
    DELETE = "DELETE FROM regions WHERE instance_id = ?1 AND region_name = ?2 AND status = 'REMOVING'";
    BEAT = "INSERT INTO region_pulses (instance_id, beaten_at) VALUES (?1, ?2)
           ON CONFLICT (instance_id) DO UPDATE SET beaten_at = excluded.beaten_at";
    PULSE = "SELECT beaten_at FROM region_pulses WHERE instance_id = ?1";
    INSERT_HERE = "INSERT INTO region_followings (region_name, primary_url, followed_at) VALUES (?1, ?2, ?3)";
    HERE = "SELECT region_name, primary_url FROM region_followings LIMIT 1";
}

fn region(row: &Row<'_>) -> Result<Region, StoreError> {
    Ok(Region {
        name: RegionName::trusted(row.text(0)?),
        status: row.word(1, RegionStatus::parse)?,
        added_at: row.time(2)?,
    })
}

/// Adds a Region.
pub fn insert(tx: &mut Tx<'_>, instance: &InstanceId, new: &Region) -> Result<(), Fault> {
    let row = params![instance.as_str(), new.name.as_str(), new.status.as_str(), new.added_at];
    tx.execute_one(&INSERT, row)
}

/// A Region of the instance.
pub fn find(rx: &mut Rx<'_>, instance: &InstanceId, name: &RegionName) -> Result<Option<Region>, StoreError> {
    rx.first(&FIND, params![instance.as_str(), name.as_str()], region)
}

/// The Regions of the instance beside its primary, by name: a handful.
pub fn list(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<Vec<Region>, StoreError> {
    rx.all(&LIST, params![instance.as_str()], region)
}

/// Says how far one is.
pub fn set_status(
    tx: &mut Tx<'_>,
    instance: &InstanceId,
    name: &RegionName,
    status: RegionStatus,
) -> Result<(), Fault> {
    tx.execute_one(&SET_STATUS, params![instance.as_str(), name.as_str(), status.as_str()])
}

/// Removes one that is being removed; whether it was there.
pub fn delete(tx: &mut Tx<'_>, instance: &InstanceId, name: &RegionName) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![instance.as_str(), name.as_str()])? > 0)
}

/// Says what time it is here.
pub fn beat(tx: &mut Tx<'_>, cx: &Cx, instance: &InstanceId) -> Result<(), Fault> {
    tx.execute(&BEAT, params![instance.as_str(), cx.now])?;
    Ok(())
}

/// What time it was in the primary Region when it was heard of last.
pub fn pulse(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<Option<Timestamp>, StoreError> {
    rx.first(&PULSE, params![instance.as_str()], |row| row.time(0))
}

/// Says which Region this database is.
pub(crate) fn insert_here(tx: &mut Tx<'_>, here: &Here, now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&INSERT_HERE, params![here.name.as_str(), &here.primary_url, now])
}

/// Which Region this database is, when it follows.
pub fn here(rx: &mut Rx<'_>) -> Result<Option<Here>, StoreError> {
    rx.first(&HERE, params![], |row| {
        Ok(Here { name: RegionName::trusted(row.text(0)?), primary_url: row.text(1)? })
    })
}
