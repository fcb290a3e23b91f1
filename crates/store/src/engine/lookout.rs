//! The look-out of the thread that writes: notices others who commit, and lets go of what stands from before.

use std::sync::Arc;
use std::time::Instant;

use rusqlite::Connection;

use crate::engine::outsiders::Outsiders;
use crate::engine::snapshots::Snapshots;
use crate::generations::{Changes, Generations};

/// What notices others who commit, and ends what stands of before.
#[derive(Debug)]
pub(super) struct Lookout {
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) generations: Arc<Generations>,
    /// None for a database that is filled: nobody else knows of it yet.
    pub(super) outsiders: Option<Outsiders>,
    pub(super) looked: Instant,
}

impl Lookout {
    /// Looks for what others have committed, and ends the snapshots that are old.
    pub(super) fn look(&mut self, writer: &Connection) {
        self.looked = Instant::now();
        let Some(outsiders) = &mut self.outsiders else { return };
        outsiders.look(writer, || {
            self.snapshots.count_commit();
            self.generations.count_whole(Changes::ALL);
        });
        self.snapshots.end_old();
    }
}
