//! Puts a seed into a new instance, in the one transaction that `init` makes: all of it or nothing. Its documents are parsed and their
//! passwords hashed on one side of a short queue, and written on the other, so that only a few are in memory at a time. What is kept of
//! all of them are the names by which later entries refer to earlier ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use accounts::accounts::NewAccount;
use accounts::permission_sets::NewPermissionSet;
use directory::groups::NewGroup;
use directory::memberships::NewMembership;
use directory::users::NewUser;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::PermissionSetId;
use model::clock::Clock as _;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::{TypedValue, UserId, UserProfile, UserStatus};
use model::fault::Fault;
use model::instances::instance::Instance;
use model::signin::portal_settings::PortalSettings;
use signin::hashing::{Hasher, PasswordHash};
use signin::portal_settings::NewPortalSettings;
use sources::our_side::OurSide;
use store::tx::Tx;
use tokio::sync::mpsc;

use crate::clock::SystemClock;
use crate::seed_file::{self, Documents, SeedFile, UnitNames};
use crate::seed_sources::{self, Around, Sources};

/// Documents that wait to be written.
const QUEUE: usize = 2;
/// How often a long seed says how far it is.
const PROGRESS: Duration = Duration::from_secs(5);

/// A document with its passwords hashed.
struct Document {
    file: SeedFile,
    sources: Sources,
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
            progress.count(&file);
            let passwords = hash(&file, hasher, cx).await?;
            let (tenants, providers) = (&file.provisioning_tenants, &file.external_identity_providers);
            let sources = seed_sources::read(tenants, providers, (&self.around, cx)).await?;
            let document = Document { file, sources, passwords };
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
        names.account_ids.insert(instance.owner.clone());
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
        if let Some(portal) = &self.file.portal {
            signin::portal_settings::put_in(tx, cx, instance, settings(portal))
                .map_err(|fault| about("portal", "", &fault))?;
        }
        for unit in &self.file.organizational_units {
            let made = names.add_unit(tx, cx, unit);
            made.map_err(|fault| about("organizational unit", &unit.to_string(), &fault))?;
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
            let number = (at + 1).to_string();
            names
                .add_assignment(tx, cx, instance, assignment)
                .map_err(|fault| about("assignment", &number, &fault))?;
        }
        self.sources.write(tx, cx, (instance, ours), &names.groups)
    }

    fn add_user(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        (names, user): (&mut Names, &seed_file::User),
    ) -> Result<(), Fault> {
        let new = NewUser {
            identity_store_id: instance.identity_store_id.clone(),
            id: user.id.clone().map(UserId::parse).transpose()?,
            profile: profile(user),
            status: if user.active { UserStatus::Enabled } else { UserStatus::Disabled },
            external_ids: Vec::new(),
        };
        let made = directory::users::insert_in(tx, cx, new)?;
        if let Some(hash) = self.passwords.get(&user.user_name) {
            signin::passwords::put(tx, cx, &made.id, hash)?;
        }
        names.users.insert(user.user_name.clone(), made.id);
        Ok(())
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
    Fault::validation(format!("{}: {}", format!("{kind} {name}").trim_end(), fault.message()))
        .with_context(fault.context().unwrap_or_default())
}

fn profile(user: &seed_file::User) -> UserProfile {
    let given = user.name.given_name.clone().unwrap_or_else(|| user.user_name.clone());
    let family = user.name.family_name.clone().unwrap_or_else(|| user.user_name.clone());
    let display = user.display_name.clone().unwrap_or_else(|| format!("{given} {family}"));
    UserProfile {
        user_name: user.user_name.clone(),
        display_name: display,
        name: model::directory::user::Name {
            given_name: Some(given),
            family_name: Some(family),
            middle_name: user.name.middle_name.clone(),
            formatted: user.name.formatted.clone(),
            ..model::directory::user::Name::default()
        },
        emails: user
            .emails
            .iter()
            .map(|email| TypedValue {
                value: Some(email.value.clone()),
                kind: email.kind.clone(),
                primary: email.primary,
            })
            .collect(),
        ..UserProfile::default()
    }
}

/// What the seed's names stand for.
#[derive(Debug, Default)]
struct Names {
    /// The organization, once one of its units was made.
    organization: Option<Organization>,
    /// What lies in each unit, by the names of it and of those around it.
    units: BTreeMap<Vec<String>, UnitPath>,
    /// Accounts by their names; `None` where two have the same.
    accounts: BTreeMap<String, Option<AccountId>>,
    account_ids: BTreeSet<AccountId>,
    users: BTreeMap<String, UserId>,
    groups: BTreeMap<String, GroupId>,
    permission_sets: BTreeMap<String, PermissionSetId>,
}

/// What an entry refers to is not there.
pub(crate) fn unknown(kind: &str, name: &str) -> Fault {
    Fault::validation(format!("{kind} '{name}' is not in the seed"))
}

impl Names {
    /// Makes a unit and those around it, as far as they are not there.
    fn add_unit(&mut self, tx: &mut Tx<'_>, cx: &Cx, unit: &UnitNames) -> Result<(), Fault> {
        let organization = match &self.organization {
            Some(organization) => organization,
            None => self.organization.insert(
                store::accounts::organizations::find(tx)?
                    .ok_or_else(|| Fault::internal("a seed without an organization"))?,
            ),
        };
        let mut path = UnitPath::ROOT;
        for (at, name) in unit.0.iter().enumerate() {
            let names: Vec<String> = unit.0.iter().take(at + 1).cloned().collect();
            path = if let Some(inside) = self.units.get(&names) {
                inside.clone()
            } else {
                let made = accounts::organizational_units::insert_in(tx, cx, organization, (&path, name))?;
                self.units.entry(names).or_insert(made.inside()).clone()
            };
        }
        Ok(())
    }

    fn add_account(&mut self, tx: &mut Tx<'_>, cx: &Cx, account: &seed_file::Account) -> Result<(), Fault> {
        let new = NewAccount {
            id: account.id.clone().map(AccountId::parse).transpose()?,
            name: account.name.clone(),
            email: account.email.clone(),
            path: match &account.ou {
                Some(unit) => {
                    let found = self.units.get(&unit.0).cloned();
                    found.ok_or_else(|| unknown("organizational unit", &unit.to_string()))?
                }
                None => UnitPath::ROOT,
            },
        };
        let made = accounts::accounts::insert_in(tx, cx, &new, "INVITED")?;
        self.account_ids.insert(made.id.clone());
        let id = Some(made.id);
        self.accounts.entry(account.name.clone()).and_modify(|other| *other = None).or_insert(id);
        Ok(())
    }

    /// The account that an entry means. Twelve digits are an id, whatever accounts are called; anything else is a name.
    fn account(&self, text: &str) -> Result<AccountId, Fault> {
        if let Ok(id) = AccountId::parse(text) {
            return self.account_ids.get(&id).cloned().ok_or_else(|| unknown("account", text));
        }
        match self.accounts.get(text) {
            Some(Some(id)) => Ok(id.clone()),
            Some(None) => Err(Fault::validation(format!(
                "two accounts have the name '{text}': refer to them by their ids, twelve digits each"
            ))),
            None => Err(unknown("account", text)),
        }
    }

    fn add_group(
        &mut self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        group: &seed_file::Group,
    ) -> Result<(), Fault> {
        let new = NewGroup {
            identity_store_id: instance.identity_store_id.clone(),
            id: group.id.clone().map(GroupId::parse).transpose()?,
            display_name: group.display_name.clone(),
            description: group.description.clone(),
            external_ids: Vec::new(),
        };
        let made = directory::groups::insert_in(tx, cx, new)?;
        for member in &group.members {
            let user = self.users.get(member).ok_or_else(|| unknown("user", member))?;
            let membership =
                NewMembership::new(instance.identity_store_id.clone(), made.id.clone(), user.clone());
            directory::memberships::insert_in(tx, cx, membership)?;
        }
        self.groups.insert(group.display_name.clone(), made.id);
        Ok(())
    }

    /// Makes the groups that a group names its members.
    fn nest(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        group: &seed_file::Group,
    ) -> Result<(), Fault> {
        for member in &group.member_groups {
            let named = |name: &str| self.groups.get(name).ok_or_else(|| unknown("group", name));
            let pair = (named(&group.display_name)?, named(member)?);
            directory::member_groups::insert_in(tx, cx, &instance.identity_store_id, pair)?;
        }
        Ok(())
    }

    fn add_permission_set(
        &mut self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        set: &seed_file::PermissionSet,
    ) -> Result<(), Fault> {
        let new = NewPermissionSet {
            id: set.id.clone().map(PermissionSetId::parse).transpose()?,
            name: set.name.clone(),
            description: set.description.clone(),
            session_duration: set.session_duration.clone(),
            relay_state: set.relay_state.clone(),
            tags: BTreeMap::new(),
        };
        let made = accounts::permission_sets::insert_in(tx, cx, &instance.id, &new)?;
        for seed_file::ManagedPolicyArn(arn) in &set.managed_policies {
            let policy = accounts::permission_set_policies::attach_managed_in(tx, &made.id, arn)?;
            if !policy.means_something() {
                warn_of_no_effect(&set.name, arn);
            }
        }
        if let Some(policy) = set.inline_policy.as_ref().map(ToString::to_string) {
            accounts::permission_set_policies::check_inline(&policy)?;
            store::accounts::permission_sets::set_inline_policy(tx, &made.id, Some(&policy))?;
        }
        self.permission_sets.insert(set.name.clone(), made.id);
        Ok(())
    }

    fn add_assignment(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        assignment: &seed_file::Assignment,
    ) -> Result<(), Fault> {
        let principal = match (&assignment.user, &assignment.group) {
            (Some(user), None) => {
                Principal::User(self.users.get(user).cloned().ok_or_else(|| unknown("user", user))?)
            }
            (None, Some(group)) => {
                Principal::Group(self.groups.get(group).cloned().ok_or_else(|| unknown("group", group))?)
            }
            _ => return Err(Fault::validation("exactly one of user and group must be given")),
        };
        let name = &assignment.permission_set;
        let set = self.permission_sets.get(name).ok_or_else(|| unknown("permission set", name))?;
        for account in &assignment.accounts {
            let new = AccountAssignment {
                account_id: self.account(account)?,
                permission_set_id: set.clone(),
                principal: principal.clone(),
            };
            accounts::account_assignments::assign_in(tx, cx, instance, &new)?;
        }
        Ok(())
    }
}

#[expect(clippy::print_stderr, reason = "for the person who seeds; the answer goes to standard output")]
fn warn_of_no_effect(set: &str, arn: &str) {
    eprintln!(
        "Note: permission set {set}: {arn} says nothing about the services of this server, so it allows nothing here"
    );
}
