//! Runs of a directory: what one is, how far it is, what it did, and what a dry run would have done.

use serde::{Deserialize, Serialize};

use crate::id::{is_uuid, string_id};
use crate::sources::directory::DirectoryId;
use crate::timestamp::Timestamp;
use crate::words::words;

string_id!(
    /// A UUID that sorts by time.
    DirectorySyncId,
    "directory sync id",
    is_uuid
);

words! {
    /// What a run reads.
    SyncKind {
        /// Everybody.
        Full = "FULL",
        /// What changed since the run before.
        Incremental = "INCREMENTAL",
        /// Everybody, and changes nothing: it says what a full one would do.
        DryRun = "DRY_RUN",
    }
}

words! {
    /// How far a run is.
    SyncState {
        /// It waits for its turn.
        Queued = "QUEUED",
        /// It works.
        Running = "RUNNING",
        /// It is done.
        Succeeded = "SUCCEEDED",
        /// It came to an end before it was done.
        Failed = "FAILED",
        /// Somebody stopped it.
        Stopped = "STOPPED",
        /// It would have taken away more than it may, and took nothing away.
        Held = "HELD",
    }
}

impl SyncState {
    /// Whether nothing more comes of it.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

words! {
    /// What a run does now; each phase may be done again from its beginning.
    SyncPhase {
        /// Finds out where the directory is.
        Begin = "BEGIN",
        /// Makes and changes people.
        People = "PEOPLE",
        /// Makes and changes groups.
        Groups = "GROUPS",
        /// Says who is in which group.
        Members = "MEMBERS",
        /// Takes away.
        Departures = "DEPARTURES",
    }
}

words! {
    /// What becomes of somebody.
    ChangeKind {
        /// They are made.
        Create = "CREATE",
        /// They get other attributes.
        Update = "UPDATE",
        /// They may sign in again.
        Enable = "ENABLE",
        /// They may not sign in any more.
        Disable = "DISABLE",
        /// They are deleted, or the group is.
        Delete = "DELETE",
        /// The group has other members.
        Members = "MEMBERS",
        /// Nothing, and why.
        Skip = "SKIP",
    }
}

words! {
    /// What an entry is.
    EntryKind {
        /// A person.
        User = "USER",
        /// A group.
        Group = "GROUP",
    }
}

words! {
    /// How somebody who was read stands here.
    EntryStanding {
        /// They are as the directory says.
        In = "IN",
        /// They are disabled there, or gone, and are to be disabled or emptied here once the brake lets it pass.
        Leaving = "LEAVING",
        /// That is done.
        Out = "OUT",
    }
}

/// What a run counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncCounts {
    /// Entries that were read.
    pub read: u64,
    /// People and groups that were made.
    pub created: u64,
    /// That got other attributes, or were let in again.
    pub updated: u64,
    /// That were as they should be.
    pub unchanged: u64,
    /// Groups that got other members.
    pub members_changed: u64,
    /// People that were disabled, and groups that were emptied.
    pub disabled: u64,
    /// That were deleted.
    pub deleted: u64,
    /// Of which nothing came; the changes of the run say why.
    pub skipped: u64,
    /// Members that no entry in scope is.
    pub members_unknown: u64,
    /// Memberships that were taken away of those who stay; in a dry run, that would be.
    pub members_removed: u64,
}

/// What the brake counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// People who are disabled or deleted, and groups that are emptied or deleted.
    pub entries: u64,
    /// Memberships that are taken away of those who stay.
    pub memberships: u64,
}

impl Taken {
    /// Both together.
    pub const fn all(self) -> u64 {
        self.entries.saturating_add(self.memberships)
    }

    /// This and that.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            entries: self.entries.saturating_add(other.entries),
            memberships: self.memberships.saturating_add(other.memberships),
        }
    }
}

impl SyncCounts {
    /// What the run counted as well.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.members_changed += other.members_changed;
        self.disabled += other.disabled;
        self.deleted += other.deleted;
        self.skipped += other.skipped;
        self.members_unknown += other.members_unknown;
        self.members_removed += other.members_removed;
    }

    /// What of it was taken away.
    pub const fn taken(&self) -> Taken {
        Taken { entries: self.disabled.saturating_add(self.deleted), memberships: self.members_removed }
    }

    /// Whether nothing was done and nothing refused.
    pub const fn is_quiet(&self) -> bool {
        self.created == 0
            && self.updated == 0
            && self.members_changed == 0
            && self.disabled == 0
            && self.deleted == 0
            && self.skipped == 0
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectorySync {
    /// The id.
    pub id: DirectorySyncId,
    /// Of which directory.
    pub directory_id: DirectoryId,
    /// What it reads.
    pub kind: SyncKind,
    /// How far it is.
    pub state: SyncState,
    /// What it does, or did last.
    pub phase: SyncPhase,
    /// What it counts.
    pub counts: SyncCounts,
    /// How many it may take away whatever the brake says: what an administrator let pass.
    pub let_pass: Taken,
    /// How many it wanted to take away, where it was held.
    pub held_back: Taken,
    /// Why it failed, was held or stopped.
    pub reason: Option<String>,
    /// Whether somebody asked it to stop.
    pub is_to_stop: bool,
    /// Who asked for it (an ARN).
    pub requested_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it began.
    pub begun_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What a run did to somebody of whom nothing came, or what a dry run would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncChange {
    /// What.
    pub kind: ChangeKind,
    /// To what.
    pub entry: EntryKind,
    /// Their stable id in the directory.
    pub external_id: String,
    /// What people call them.
    pub name: String,
    /// The user or group here, if there is one.
    pub principal_id: Option<String>,
    /// What exactly: attributes, members, or why nothing comes of it.
    pub detail: String,
}
