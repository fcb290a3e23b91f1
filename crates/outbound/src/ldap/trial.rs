//! A connection that is tried step by step, so that an administrator sees how far it comes and what to do where it does not. Every server is tried as far
//! as TLS; the rest on the first that comes so far.

use ldap::control::{DIR_SYNC, SYNC_REQUEST};
use ldap::cursor::Point;
use ldap::found::Deletions;
use ldap::request::Search;
use ldap::schema::Schema;
use time::OffsetDateTime;

use crate::failure::{Step as LinkStep, Why as LinkWhy};
use crate::ldap::asking;
use crate::ldap::binding;
use crate::ldap::changes;
use crate::ldap::directory::Directory;
use crate::ldap::failure::{Failure, Why};
use crate::ldap::full::{self, What};
use crate::ldap::points;
use crate::ldap::root::Root;
use crate::ldap::session::Session;
use crate::ldap::settings::{Account, Servers, Settings};
use crate::ldap::watch;

/// Entries that are looked at to see whether they can be read.
const SAMPLE: u32 = 5;

/// What came of trying.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    /// The steps, in their order.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// At which server, by host and port; none where it is not one server's.
    pub server: Option<String>,
    /// How it went.
    pub result: StepResult,
    /// A sentence about it.
    pub said: String,
}

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepName {
    /// Having DNS name the servers of a domain.
    Discover,
    /// Finding the addresses of a server.
    Resolve,
    /// Reaching it.
    Connect,
    /// Making the connection safe.
    Tls,
    /// Signing in as the account that asks.
    Bind,
    /// Finding the bases.
    Base,
    /// Reading people.
    People,
    /// Reading groups.
    Groups,
    /// Hearing of changes.
    Changes,
    /// Hearing of deletions.
    Deletions,
    /// Being told at once that something changed.
    Watch,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepResult {
    /// Well.
    Passed,
    /// Well enough; the sentence says what is missing.
    Warned,
    /// Not.
    Failed,
}

impl StepName {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discover => "DISCOVER",
            Self::Resolve => "RESOLVE",
            Self::Connect => "CONNECT",
            Self::Tls => "TLS",
            Self::Bind => "BIND",
            Self::Base => "BASE",
            Self::People => "PEOPLE",
            Self::Groups => "GROUPS",
            Self::Changes => "CHANGES",
            Self::Deletions => "DELETIONS",
            Self::Watch => "WATCH",
        }
    }
}

impl StepResult {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Warned => "WARNED",
            Self::Failed => "FAILED",
        }
    }
}

impl Trial {
    /// Whether the directory can be used: one server came to its end without a failure.
    pub fn passed(&self) -> bool {
        let last = self.steps.last();
        last.is_some_and(|step| step.server.is_none() && step.result != StepResult::Failed)
            && !self.steps.iter().any(|step| step.server.is_none() && step.result == StepResult::Failed)
    }

    fn add(&mut self, name: StepName, server: Option<&str>, result: StepResult, said: impl Into<String>) {
        let server = server.map(str::to_owned);
        self.steps.push(Step { name, server, result, said: said.into() });
    }

    /// A step that ends the trying where it failed.
    fn took(&mut self, name: StepName, outcome: Result<(StepResult, String), String>) -> bool {
        let is_over = outcome.is_err();
        let (result, said) = outcome.unwrap_or_else(|said| (StepResult::Failed, said));
        self.add(name, None, result, said);
        !is_over
    }
}

impl Directory {
    /// Tries the settings, and changes nothing.
    pub async fn trial(&self, now: OffsetDateTime) -> Trial {
        let mut trial = Trial::default();
        let mut reached = None;
        let servers = match self.servers().await {
            Ok(servers) => servers,
            Err(failure) => {
                trial.add(StepName::Discover, None, StepResult::Failed, failure.to_string());
                return trial;
            }
        };
        if matches!(self.settings().servers, Servers::OfDomain { .. }) {
            let named: Vec<String> = servers.iter().map(ToString::to_string).collect();
            let said = format!("DNS names {}.", named.join(", "));
            trial.add(StepName::Discover, None, StepResult::Passed, said);
        }
        for server in &servers {
            let place = server.place();
            match self.connect_to(server).await {
                Ok(session) => {
                    for name in [StepName::Resolve, StepName::Connect, StepName::Tls] {
                        trial.add(name, Some(&place), StepResult::Passed, said_of(name));
                    }
                    reached.get_or_insert(session);
                }
                Err(failure) => fell_short(&mut trial, &place, &failure),
            }
        }
        if let Some(session) = reached {
            self.tried_on(session, &mut trial, now).await;
        }
        trial
    }

    async fn tried_on(&self, mut session: Session, trial: &mut Trial, now: OffsetDateTime) {
        let settings = self.settings();
        let bound = binding::as_account(&mut session, &settings.account).await;
        let who = match &settings.account {
            Account::Simple { name, .. } => format!("Signed in as {name:?}."),
            Account::Certificate { .. } => "Signed in by certificate.".to_owned(),
        };
        if !trial.took(StepName::Bind, told(bound.map(|()| (StepResult::Passed, who)))) {
            return;
        }
        let bases = bases(&mut session, settings).await;
        if !trial.took(StepName::Base, told(bases)) {
            return;
        }
        let people = self.sample(&mut session, What::People, now).await;
        if !trial.took(StepName::People, told(people)) {
            return;
        }
        let groups = self.sample(&mut session, What::Groups, now).await;
        if !trial.took(StepName::Groups, told(groups)) {
            return;
        }
        match points::now(&mut session, settings).await {
            Ok(point) => {
                let (result, said) = of_point(point.as_ref());
                trial.add(StepName::Changes, None, result, said);
                let deletions = of_deletions(&mut session, settings, point.as_ref()).await;
                if trial.took(StepName::Deletions, told(deletions)) {
                    let (result, said) = of_watch(watch::is_offered(&mut session, settings).await);
                    trial.add(StepName::Watch, None, result, said);
                }
            }
            Err(why) => {
                trial.took(StepName::Changes, Err(why.to_string()));
            }
        }
        session.end().await;
    }

    /// Reads a few, and says whom.
    async fn sample(
        &self,
        session: &mut Session,
        what: What,
        now: OffsetDateTime,
    ) -> Result<(StepResult, String), Why> {
        let (kind, mut found, mut nameless, mut first) = (said_of_kind(what), 0_u32, 0_u32, None);
        for (_, search) in
            full::searches(self.settings(), self.reading()).into_iter().filter(|(is, _)| *is == what)
        {
            let search = Search { entries_max: SAMPLE, ..search };
            for entry in asking::few(session, &search, &full::controls(self.settings().schema)).await? {
                let name = match full::change(self.reading(), what, &entry, now)? {
                    ldap::found::Change::Person(person) => person.user_name,
                    ldap::found::Change::Group(group) => group.name,
                    _ => None,
                };
                found += 1;
                nameless += u32::from(name.is_none());
                first = first.or(name);
            }
        }
        let said = match (found, first) {
            (0, _) => {
                let said = format!(
                    "No {kind} are found. Check the bases and the filter, and that the account may read them: what it may not see is not there for it."
                );
                return Ok((StepResult::Warned, said));
            }
            (_, None) => {
                let said = format!(
                    "Of {found} {kind} none has a name. Check the mapping, and that the account may read it."
                );
                return Ok((StepResult::Warned, said));
            }
            (_, Some(name)) => format!("{kind} can be read, {name:?} among them."),
        };
        if nameless > 0 {
            return Ok((
                StepResult::Warned,
                format!("{said} Of {found}, {nameless} have no name and will be left out."),
            ));
        }
        Ok((StepResult::Passed, said))
    }
}

fn told(outcome: Result<(StepResult, String), Why>) -> Result<(StepResult, String), String> {
    outcome.map_err(|why| why.to_string())
}

const fn said_of(name: StepName) -> &'static str {
    match name {
        StepName::Resolve => "Its name has an address.",
        StepName::Connect => "It takes connections.",
        _ => "The connection is safe, and the certificate is believed.",
    }
}

const fn said_of_kind(what: What) -> &'static str {
    match what {
        What::People => "people",
        What::Groups => "groups",
    }
}

/// The steps that a server came to, by what failed.
fn fell_short(trial: &mut Trial, place: &str, failure: &Failure) {
    let failed = match &failure.why {
        Why::Link(
            LinkWhy::Resolve(_)
            | LinkWhy::NoAddress
            | LinkWhy::Refused { .. }
            | LinkWhy::Address(_)
            | LinkWhy::Timeout { step: LinkStep::Resolve, .. },
        ) => StepName::Resolve,
        Why::Link(LinkWhy::Timeout { step: LinkStep::Tls, .. }) => StepName::Tls,
        Why::Link(_) => StepName::Connect,
        _ => StepName::Tls,
    };
    for name in [StepName::Resolve, StepName::Connect, StepName::Tls] {
        if name == failed {
            trial.add(name, Some(place), StepResult::Failed, failure.why.to_string());
            return;
        }
        trial.add(name, Some(place), StepResult::Passed, said_of(name));
    }
}

async fn bases(session: &mut Session, settings: &Settings) -> Result<(StepResult, String), Why> {
    let scope = &settings.scope;
    let mut missing = Vec::new();
    for base in scope.people_bases().into_iter().chain(scope.group_bases()) {
        if asking::entry(session, base.as_str(), &["objectClass"]).await?.is_none()
            && !missing.contains(&base)
        {
            missing.push(base);
        }
    }
    let Some(first) = missing.first() else {
        return Ok((StepResult::Passed, "The bases are there.".to_owned()));
    };
    let root = Root::read(session).await?;
    let contexts = root.contexts().join("; ");
    let said = format!(
        "{first} is not there, or the account may not see it. The server has entries below: {contexts}."
    );
    Ok((StepResult::Warned, said))
}

fn of_point(point: Option<&Point>) -> (StepResult, String) {
    match point {
        Some(Point::DirSync { .. }) => {
            (StepResult::Passed, "Changes are heard of by DirSync: the account may replicate directory changes.".to_owned())
        }
        Some(Point::Usn { .. }) => (
            StepResult::Warned,
            format!(
                "Changes are heard of by uSNChanged, from one domain controller alone: after another one answered, everything is read. Give the account \
                 the right \"Replicating Directory Changes\" on the domain to have them by DirSync ({DIR_SYNC})."
            ),
        ),
        Some(Point::SyncRepl { .. }) => {
            (StepResult::Passed, "Changes are heard of by content synchronization (syncrepl).".to_owned())
        }
        Some(Point::Timestamp { .. }) => (
            StepResult::Warned,
            format!(
                "Changes are heard of by modifyTimestamp. With the overlay syncprov, where the server has it, they would come by content \
                 synchronization ({SYNC_REQUEST})."
            ),
        ),
        None => (
            StepResult::Warned,
            "Nothing tells of changes, for the bases are not all in the domain of this server: each pass reads everybody.".to_owned(),
        ),
    }
}

fn of_watch(is_offered: Result<bool, Why>) -> (StepResult, String) {
    match is_offered {
        Ok(true) => (StepResult::Passed, "It tells at once what changes, to who listens (Watch).".to_owned()),
        Ok(false) => (
            StepResult::Warned,
            "It tells nobody at once what changes, or not for these bases: changes are asked for.".to_owned(),
        ),
        Err(why) => (StepResult::Warned, why.to_string()),
    }
}

async fn of_deletions(
    session: &mut Session,
    settings: &Settings,
    point: Option<&Point>,
) -> Result<(StepResult, String), Why> {
    let are_told = match point {
        Some(Point::SyncRepl { .. }) => true,
        Some(Point::DirSync { .. } | Point::Usn { .. }) => {
            let root = Root::read(session).await?;
            match points::domain_of(&root, settings) {
                Some(domain) => changes::deletions(session, &domain).await? == Deletions::Told,
                None => false,
            }
        }
        _ => false,
    };
    if are_told {
        return Ok((StepResult::Passed, "Deletions are heard of with other changes.".to_owned()));
    }
    let advice = match settings.schema {
        Schema::ActiveDirectory => {
            "Only full passes are sure to find who was deleted: the account may not see what is in the container Deleted Objects. Give it the rights \
             \"List contents\" and \"Read property\" there (dsacls \"CN=Deleted Objects,…\" /G account:LCRP)."
        }
        Schema::OpenLdap | Schema::Ds389 => "Only full passes find who was deleted.",
    };
    Ok((StepResult::Warned, advice.to_owned()))
}
