//! A directory and its runs, as operations answer them.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::page::encoded;

/// More than an identity store has directories: the most that there are in an answer.
const ALL: usize = 100;

/// A directory.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Directory {
    pub(crate) directory_id: String,
    pub(crate) configuration: Value,
    status: String,
    pub(crate) held_sync_id: Option<String>,
    pub(crate) next_incremental_at: Option<Moment>,
    pub(crate) next_full_at: Option<Moment>,
    pub(crate) failures: usize,
    pub(crate) watch: Option<Watch>,
}

/// How listening for changes goes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Watch {
    state: String,
    pub(crate) server: Option<String>,
    pub(crate) since: Moment,
    pub(crate) said: Option<String>,
}

impl Watch {
    /// How it goes, in the catalogs.
    pub(crate) fn name(&self) -> &'static str {
        match self.state.as_str() {
            "LISTENING" => "dir-watch-listening",
            "RETRYING" => "dir-watch-retrying",
            "UNSUPPORTED" => "dir-watch-unsupported",
            _ => "dir-watch-waiting",
        }
    }
}

/// One of the list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    pub(crate) directory_id: String,
    pub(crate) name: String,
    schema: String,
    status: String,
    pub(crate) held_sync_id: Option<String>,
    pub(crate) last_sync: Option<Run>,
}

impl Summary {
    /// Where its page is.
    pub(crate) fn place(&self) -> String {
        place(&self.directory_id, "")
    }

    /// Whether its runs are scheduled.
    pub(crate) fn is_enabled(&self) -> bool {
        self.status == "ENABLED"
    }

    /// What kind of directory it is.
    pub(crate) fn kind(&self) -> &'static str {
        kind(&self.schema)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    directories: Vec<Summary>,
}

/// A run.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Run {
    pub(crate) directory_sync_id: String,
    kind: String,
    state: String,
    phase: String,
    counts: Counts,
    pub(crate) held_back: usize,
    pub(crate) let_pass: usize,
    pub(crate) reason: Option<String>,
    pub(crate) requested_by: String,
    pub(crate) created_at: Moment,
    pub(crate) ended_at: Option<Moment>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counts {
    read: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    members_changed: usize,
    disabled: usize,
    deleted: usize,
    skipped: usize,
    members_unknown: usize,
}

/// The phases of a run, as they come.
const PHASES: [(&str, &str); 5] = [
    ("BEGIN", "dir-phase-begin"),
    ("PEOPLE", "dir-phase-people"),
    ("GROUPS", "dir-phase-groups"),
    ("MEMBERS", "dir-phase-members"),
    ("DEPARTURES", "dir-phase-departures"),
];

impl Run {
    /// How many phases there are.
    pub(crate) const PHASES: usize = PHASES.len();

    /// What it is, in the catalogs.
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind.as_str() {
            "DRY_RUN" => "dir-kind-dry-run",
            "INCREMENTAL" => "dir-kind-incremental",
            _ => "dir-kind-full",
        }
    }

    /// Whether it changes nothing.
    pub(crate) fn is_dry(&self) -> bool {
        self.kind == "DRY_RUN"
    }

    /// How it stands, in the catalogs.
    pub(crate) fn state(&self) -> &'static str {
        match self.state.as_str() {
            "QUEUED" => "dir-state-queued",
            "RUNNING" => "dir-state-running",
            "SUCCEEDED" => "dir-state-succeeded",
            "STOPPED" => "dir-state-stopped",
            "HELD" => "dir-state-held",
            _ => "dir-state-failed",
        }
    }

    /// How good or bad that is: a class of a tag.
    pub(crate) fn look(&self) -> &'static str {
        match self.state.as_str() {
            "SUCCEEDED" => " good",
            "FAILED" => " bad",
            "HELD" | "STOPPED" => " warn",
            _ => "",
        }
    }

    /// Whether it is not over.
    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self.state.as_str(), "QUEUED" | "RUNNING")
    }

    /// Whether the brake held it.
    pub(crate) fn is_held(&self) -> bool {
        self.state == "HELD"
    }

    fn phase(&self) -> usize {
        PHASES.iter().position(|(word, _)| *word == self.phase).unwrap_or_default()
    }

    /// In which phase it is, in the catalogs.
    pub(crate) fn phase_name(&self) -> &'static str {
        PHASES.get(self.phase()).map_or("dir-phase-begin", |(_, name)| name)
    }

    /// How many phases are behind it.
    pub(crate) fn phases_done(&self) -> usize {
        if self.state == "SUCCEEDED" { Self::PHASES } else { self.phase() }
    }

    /// What it counts, or would: what each is called in the catalogs, and how many. What is nothing is left out, but for what was read.
    pub(crate) fn counts(&self) -> Vec<(&'static str, usize)> {
        let Counts {
            read,
            created,
            updated,
            unchanged,
            members_changed,
            disabled,
            deleted,
            skipped,
            members_unknown,
        } = self.counts;
        let all = [
            ("dir-count-created", created),
            ("dir-count-updated", updated),
            ("dir-count-unchanged", unchanged),
            ("dir-count-members", members_changed),
            ("dir-count-disabled", disabled),
            ("dir-count-deleted", deleted),
            ("dir-count-held", self.held_back),
            ("dir-count-skipped", skipped),
            ("dir-count-unknown", members_unknown),
        ];
        let some = all.into_iter().filter(|(_, count)| *count > 0);
        [("dir-count-read", read)].into_iter().chain(some).collect()
    }
}

impl Directory {
    /// The one of this id.
    pub(crate) async fn of(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Self, Fault> {
        admin.call(desk, Op("portico", "DescribeDirectory"), input(desk, id)).await
    }

    /// All of them; nothing where the role may not know.
    pub(crate) async fn all_if_allowed(
        desk: &Desk,
        admin: &mut Administrator,
    ) -> Result<Option<Vec<Summary>>, Fault> {
        let asked = json!({ "IdentityStoreId": desk.identity_store_id(), "MaxResults": ALL });
        let all: Option<Listed> =
            admin.call_if_allowed(desk, Op("portico", "ListDirectories"), asked).await?;
        Ok(all.map(|all| all.directories))
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        self.configuration["Name"].as_str().unwrap_or_default()
    }

    /// What kind of directory it is.
    pub(crate) fn kind(&self) -> &'static str {
        kind(self.configuration["Schema"].as_str().unwrap_or_default())
    }

    /// Where it is: its servers, or the domain that names them.
    pub(crate) fn whereabouts(&self) -> String {
        let servers = self.configuration["Servers"].as_array().into_iter().flatten();
        let servers: Vec<&str> = servers.filter_map(Value::as_str).collect();
        match self.configuration["DnsDomain"].as_str() {
            Some(domain) if servers.is_empty() => domain.to_owned(),
            _ => servers.join(", "),
        }
    }

    /// Whether its runs are scheduled.
    pub(crate) fn is_enabled(&self) -> bool {
        self.status == "ENABLED"
    }

    /// Where its page is, and below it what is its own.
    pub(crate) fn below(&self, end: &str) -> String {
        place(&self.directory_id, end)
    }
}

/// What calls about one say.
pub(crate) fn input(desk: &Desk, id: &str) -> Value {
    json!({ "IdentityStoreId": desk.identity_store_id(), "DirectoryId": id })
}

/// Where a directory's page is, by an id that may be anything.
pub(crate) fn place(id: &str, end: &str) -> String {
    format!("/console/directories/{}{end}", encoded(id))
}

fn kind(schema: &str) -> &'static str {
    match schema {
        "ACTIVE_DIRECTORY" => "Active Directory",
        "OPENLDAP" => "OpenLDAP",
        _ => "389 Directory Server, FreeIPA",
    }
}
