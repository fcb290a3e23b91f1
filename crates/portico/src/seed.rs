//! Puts a seed into a new instance, in the one transaction that `init` makes: all of it or nothing. Its documents are parsed and their
//! passwords hashed on one side of a short queue, and written on the other, so that only a few are in memory at a time. What is kept of
//! all of them are the names by which later entries refer to earlier ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::clock::Clock as _;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::signin::portal_settings::PortalSettings;
use signin::hashing::{Hasher, PasswordHash};
use signin::portal_settings::NewPortalSettings;
use sources::our_side::OurSide;
use store::tx::Tx;
use tokio::sync::mpsc;

use crate::clock::SystemClock;
use crate::seed_applications::{self, Applications};
use crate::seed_file::{self, Documents, SeedFile};
use crate::seed_instance;
use crate::seed_names::Names;
use crate::seed_people_file::User;
use crate::seed_reading::Around;
use crate::seed_sources::{self, Sources};

/// Documents that wait to be written.
const QUEUE: usize = 2;
/// How often a long seed says how far it is.
const PROGRESS: Duration = Duration::from_secs(5);

/// A document with its passwords hashed.
struct Document {
    file: SeedFile,
    sources: Sources,
    applications: Applications,
    passwords: BTreeMap<String, PasswordHash>,
}

/// What comes through the queue. Without [`Part::End`] the seed is not whole and nothing of it may stay.
enum Part {
    Document(Box<Document>),
    End,
}

/// The reading end of a seed.
pub(crate) struct Feed {
    documents: Documents,
    around: Around,
    queue: mpsc::Sender<Part>,
}

/// The writing end. Its documents come once: a transaction that runs again finds none and fails.
#[derive(Clone)]
pub(crate) struct Seed {
    queue: Arc<Mutex<Option<mpsc::Receiver<Part>>>>,
    ours: OurSide,
}

/// The two ends of a seed, to be run side by side.
pub(crate) fn ends(documents: Documents, around: Around) -> (Feed, Seed) {
    let (queue, written) = mpsc::channel(QUEUE);
    let seed = Seed { queue: Arc::new(Mutex::new(Some(written))), ours: around.ours.clone() };
    (Feed { documents, around, queue }, seed)
}

impl Feed {
    /// Parses and hashes everything. Errors name the place in the file or the user. Ends early, without an error, when the writing end
    /// is gone: that has its own reason.
    pub(crate) async fn run(self, hasher: &Hasher, cx: &Cx) -> anyhow::Result<()> {
        let mut progress = Progress::new();
        for file in self.documents {
            let file = file?;
            seed_file::warn_of_gaps(&file);
            progress.count(&file);
            let passwords = hash(&file, hasher, cx).await?;
            let sources = seed_sources::read(&file, (&self.around, cx)).await?;
            let applications = seed_applications::read(&file, (&self.around, cx)).await?;
            let document = Document { file, sources, applications, passwords };
            if self.queue.send(Part::Document(Box::new(document))).await.is_err() {
                return Ok(());
            }
        }
        let _ = self.queue.send(Part::End).await;
        Ok(())
    }
}

async fn hash(file: &SeedFile, hasher: &Hasher, cx: &Cx) -> anyhow::Result<BTreeMap<String, PasswordHash>> {
    let mut passwords = BTreeMap::new();
    for user in &file.users {
        let Some(password) = &user.password else { continue };
        let hashed = match (&password.plain, &password.argon2) {
            (Some(plain), None) => signin::passwords::hash(hasher, cx, plain).await,
            (None, Some(hash)) => PasswordHash::import(hash.expose()),
            _ => Err(Fault::validation("password must hold either plain or argon2")),
        };
        let hashed =
            hashed.map_err(|fault| anyhow::anyhow!("user {}: {}", user.user_name, fault.message()))?;
        passwords.insert(user.user_name.clone(), hashed);
    }
    Ok(passwords)
}

/// Tells people how far a long seed is.
struct Progress {
    said: Instant,
    users: usize,
    groups: usize,
    memberships: usize,
    assignments: usize,
}

impl Progress {
    fn new() -> Self {
        Self { said: Instant::now(), users: 0, groups: 0, memberships: 0, assignments: 0 }
    }

    #[expect(clippy::print_stderr, reason = "for the person who waits; the answer goes to standard output")]
    fn count(&mut self, file: &SeedFile) {
        self.users += file.users.len();
        self.groups += file.groups.len();
        self.memberships += file.groups.iter().map(|group| group.members.len()).sum::<usize>();
        self.assignments +=
            file.assignments.iter().map(|assignment| assignment.accounts.len()).sum::<usize>();
        if self.said.elapsed() >= PROGRESS {
            self.said = Instant::now();
            eprintln!(
                "seed: {} users, {} groups, {} memberships, {} assignments",
                self.users, self.groups, self.memberships, self.assignments
            );
        }
    }
}

impl Seed {
    /// Writes everything, as it comes. Runs on a thread that may wait.
    pub(crate) fn write(&self, tx: &mut Tx<'_>, cx: &Cx, instance: &Instance) -> Result<(), Fault> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let again = || Fault::conflict("somebody else changed the database meanwhile: run init again");
        let mut queue = queue.ok_or_else(again)?;
        let mut names = Names::default();
        names.add_owner(&instance.owner);
        loop {
            match queue.blocking_recv() {
                Some(Part::Document(document)) => {
                    // Each document is of its own moment: ids that sort by time are then appended to their indexes, not scattered.
                    let mut cx = cx.clone();
                    cx.now = SystemClock.now();
                    document.write(tx, &cx, (instance, &self.ours), &mut names)?;
                }
                Some(Part::End) => return Ok(()),
                None => return Err(Fault::validation("the seed ended too early")),
            }
        }
    }
}

impl Document {
    fn write(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (instance, ours): (&Instance, &OurSide),
        names: &mut Names,
    ) -> Result<(), Fault> {
        if let Some(settings) = &self.file.instance {
            seed_instance::settle(tx, instance, settings).map_err(|fault| about("instance", "", &fault))?;
        }
        if let Some(organization) = &self.file.organization {
            seed_instance::settle_organization(tx, organization)
                .map_err(|fault| about("organization", "", &fault))?;
        }
        if let Some(portal) = &self.file.portal {
            signin::portal_settings::put_in(tx, cx, instance, settings(portal))
                .map_err(|fault| about("portal", "", &fault))?;
        }
        for unit in &self.file.organizational_units {
            let made = names.add_unit(tx, cx, unit);
            made.map_err(|fault| about("organizational unit", &unit.names.to_string(), &fault))?;
        }
        for account in &self.file.accounts {
            names.add_account(tx, cx, account).map_err(|fault| about("account", &account.name, &fault))?;
        }
        for user in &self.file.users {
            self.add_user(tx, cx, instance, (names, user))
                .map_err(|fault| about("user", &user.user_name, &fault))?;
        }
        for group in &self.file.groups {
            names
                .add_group(tx, cx, instance, group)
                .map_err(|fault| about("group", &group.display_name, &fault))?;
        }
        // Once all of them are there: a group may stand before its members.
        for group in &self.file.groups {
            names
                .nest(tx, cx, instance, group)
                .map_err(|fault| about("group", &group.display_name, &fault))?;
        }
        for set in &self.file.permission_sets {
            names
                .add_permission_set(tx, cx, instance, set)
                .map_err(|fault| about("permission set", &set.name, &fault))?;
        }
        for (at, assignment) in self.file.assignments.iter().enumerate() {
            let number = format!("{} of {}", at + 1, assignment.permission_set);
            names
                .add_assignment(tx, cx, instance, assignment)
                .map_err(|fault| about("assignment", &number, &fault))?;
        }
        self.sources.write(tx, cx, (instance, ours), names.groups())?;
        self.applications.write(tx, cx, instance, (names.users(), names.groups()))
    }

    fn add_user(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        (names, user): (&mut Names, &User),
    ) -> Result<(), Fault> {
        let id = names.add_user(tx, cx, instance, user)?;
        match self.passwords.get(&user.user_name) {
            Some(hash) => signin::passwords::put(tx, cx, &id, hash),
            None => Ok(()),
        }
    }
}

fn settings(portal: &seed_file::Portal) -> NewPortalSettings {
    NewPortalSettings {
        settings: PortalSettings {
            name: portal.name.clone(),
            accent_color: portal.accent_color,
            accent_color_dark: portal.accent_color_dark,
            help_text: portal.help_text.clone(),
            help_link: portal.help_link.clone(),
        },
        logo: portal.logo.clone(),
    }
}

/// Says which entry of the file a fault is about.
pub(crate) fn about(kind: &str, name: &str, fault: &Fault) -> Fault {
    let said = Fault::validation(format!("{}: {}", format!("{kind} {name}").trim_end(), fault.message()));
    match fault.context() {
        Some(context) => said.with_context(context),
        None => said,
    }
}
