//! A directory: everything that is asked of one begins here. A server that did not answer is left alone for a while, where there is another.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ldap::attribute::AttributeName;
use ldap::cursor::Cursor;
use ldap::filter::Filter;
use ldap::found::Person;
use ldap::id::EntryId;
use ldap::mapping::Field;
use ldap::password::PasswordRefusal;
use ldap::reading::Reading;
use ldap::refusal::BindRefusal;
use ldap::request::{Depth, Search};
use ldap::schema::Schema;
use model::fault::Fault;
use model::secret::Secret;
use time::OffsetDateTime;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::client::Outbound;
use crate::deadline::Deadline;
use crate::ldap::asking;
use crate::ldap::binding;
use crate::ldap::context::Context;
use crate::ldap::discovery;
use crate::ldap::domain;
use crate::ldap::failure::{Failure, Kind, Why};
use crate::ldap::full;
use crate::ldap::link::{self, Way};
use crate::ldap::pass::Pass;
use crate::ldap::passwords;
use crate::ldap::points;
use crate::ldap::session::Session;
use crate::ldap::settings::{Server, Servers, Settings};
use crate::ldap::sign_in::{PasswordChange, SignIn, Unproven};
use crate::ldap::tls;

/// How long a connection may take to be made and each answer to come while somebody waits to sign in, and how many times that all of it together.
const HURRY: Duration = Duration::from_secs(5);
const HURRIES: u32 = 3;
/// Characters of a name that somebody signs in with, at most.
const NAME_MAX: usize = 256;

/// A directory. Cheap to clone.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    outbound: Outbound,
    settings: Arc<Settings>,
    reading: Arc<Reading>,
    tls: TlsConnector,
    mark: [u8; 32],
}

impl Directory {
    /// By settings that hold. Nobody is asked yet.
    pub fn new(outbound: &Outbound, settings: Settings) -> Result<Self, Fault> {
        settings.check()?;
        let tls = tls::connector(&settings, outbound.roots())?;
        let reading = Reading { schema: settings.schema, mapping: settings.mapping.clone() };
        Ok(Self(Arc::new(Inner {
            outbound: outbound.clone(),
            tls,
            mark: settings.mark(),
            reading: Arc::new(reading),
            settings: Arc::new(settings),
        })))
    }

    /// Everybody in scope. The cursor of the last page is where [`Self::changes`] goes on.
    pub async fn full(&self, now: OffsetDateTime) -> Result<Pass, Failure> {
        let mut session = self.open().await?;
        let point = points::now(&mut session, self.settings()).await;
        let point = point.map_err(|why| session.failed(why))?;
        Ok(Pass::full(session, self.context(now), point))
    }

    /// What changed since. [`Failure::asks_for_full`] says where that cannot be known any more.
    pub async fn changes(&self, cursor: &Cursor, now: OffsetDateTime) -> Result<Pass, Failure> {
        if cursor.settings != self.0.mark {
            let why = Why::CursorLost("the bases, filters or the mapping are others than the last time");
            return Err(Failure { server: None, why });
        }
        let session = self.open().await?;
        Pass::changes(session, self.context(now), cursor.point.clone())
    }

    /// The people whom somebody can mean who signs in by a name: `DOMAIN\jane`, `jane@example.com`, or what user names are here. With two nobody is meant.
    pub async fn find(&self, name: &str, now: OffsetDateTime) -> Result<Vec<Person>, Failure> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.contains(char::is_control) {
            return Ok(Vec::new());
        }
        let mut session = self.open().await?;
        let found = self.find_on(&mut session, name, now).await.map_err(|why| session.failed(why))?;
        session.end().await;
        Ok(found)
    }

    /// A person as they are now; none where they are gone or not in scope.
    pub async fn read(&self, id: &EntryId, now: OffsetDateTime) -> Result<Option<Person>, Failure> {
        let mut session = self.open().await?;
        let found = self.read_on(&mut session, id, now).await.map_err(|why| session.failed(why))?;
        session.end().await;
        Ok(found)
    }

    /// [`Self::read`] for somebody who waits to sign in.
    pub async fn standing(&self, id: &EntryId, now: OffsetDateTime) -> Result<Option<Person>, Failure> {
        let hurried = self.hurried();
        hurried.in_time(hurried.read(id, now)).await
    }

    /// Has the directory prove a person's password. It counts a wrong one as its own policy says: guesses must be bounded before they come here.
    pub async fn sign_in(
        &self,
        id: &EntryId,
        password: &Secret,
        now: OffsetDateTime,
    ) -> Result<SignIn, Unproven> {
        let (hurried, heard) = (self.hurried(), AtomicBool::new(false));
        let proved = hurried.in_time(hurried.prove(id, (password, &heard), now)).await;
        proved.map_err(|failure| Unproven { failure, may_have_heard: heard.load(Ordering::Relaxed) })
    }

    /// On one connection: another server, or another behind the same name, may still call somebody else what this one calls the person.
    async fn prove(
        &self,
        id: &EntryId,
        (password, heard): (&Secret, &AtomicBool),
        now: OffsetDateTime,
    ) -> Result<SignIn, Failure> {
        let mut session = self.open().await?;
        let person = self.read_on(&mut session, id, now).await.map_err(|why| session.failed(why))?;
        let Some(person) = person.map(Box::new) else {
            session.end().await;
            let refusal = BindRefusal::NoSuchPerson;
            return Ok(SignIn::Refused { refusal, person: None, said: String::new() });
        };
        heard.store(true, Ordering::Relaxed);
        let refused = binding::with_password(&mut session, person.dn.as_str(), password.expose()).await;
        let refused = refused.map_err(|why| session.failed(why))?;
        session.end().await;
        if let Some(binding::Refused { refusal, said }) = refused {
            return Ok(SignIn::Refused { refusal, person: Some(person), said });
        }
        // Not every directory looks at all of it when somebody signs in: OpenLDAP knows nothing of `shadowExpire`.
        match BindRefusal::of_state(person.state) {
            Some(refusal) => Ok(SignIn::Refused { refusal, person: Some(person), said: String::new() }),
            None => Ok(SignIn::Welcome(person)),
        }
    }

    /// The same directory, asked in a hurry: there is time for another server.
    fn hurried(&self) -> Self {
        let settings = self.settings();
        let settings = Settings { timeout: settings.timeout.min(HURRY), ..settings.clone() };
        Self(Arc::new(Inner {
            outbound: self.0.outbound.clone(),
            settings: Arc::new(settings),
            reading: Arc::clone(&self.0.reading),
            tls: self.0.tls.clone(),
            mark: self.0.mark,
        }))
    }

    /// What is asked for a sign-in, in its turn, and all of it in time.
    async fn in_time<T>(
        &self,
        asking: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, Failure> {
        let limit = self.settings().timeout * HURRIES;
        let turns = self.0.outbound.shared().turns(&self.settings().servers.mark());
        let in_turn = async {
            // It is never closed.
            let _turn = turns.acquire().await;
            asking.await
        };
        let late = || Failure { server: None, why: Why::Timeout { what: "the end of a sign-in", limit } };
        timeout(limit, in_turn).await.unwrap_or_else(|_| Err(late()))
    }

    /// Changes a person's password by their old one. The directory counts a wrong old one as its own policy says.
    pub async fn change_password(
        &self,
        id: &EntryId,
        (old, new): (&Secret, &Secret),
        now: OffsetDateTime,
    ) -> Result<PasswordChange, Unproven> {
        let (hurried, heard) = (self.hurried(), AtomicBool::new(false));
        let changed = hurried.in_time(hurried.change(id, (old, new, &heard), now)).await;
        changed.map_err(|failure| Unproven { failure, may_have_heard: heard.load(Ordering::Relaxed) })
    }

    /// On one connection, as [`Self::prove`] is.
    async fn change(
        &self,
        id: &EntryId,
        (old, new, heard): (&Secret, &Secret, &AtomicBool),
        now: OffsetDateTime,
    ) -> Result<PasswordChange, Failure> {
        let refused = |why, said| Ok(PasswordChange::Refused { why, said });
        let mut session = self.open().await?;
        let person = self.read_on(&mut session, id, now).await.map_err(|why| session.failed(why))?;
        let Some(person) = person else {
            session.end().await;
            return refused(PasswordRefusal::NotAllowed, String::new());
        };
        let dn = person.dn.as_str();
        heard.store(true, Ordering::Relaxed);
        let changed = if self.settings().schema == Schema::ActiveDirectory {
            passwords::of_active_directory(&mut session, dn, old, new).await
        } else {
            let bound = binding::with_password(&mut session, dn, old.expose()).await;
            match bound.map_err(|why| session.failed(why))? {
                None => {}
                // OpenLDAP has signed the person in, for this alone.
                Some(binding::Refused { refusal: BindRefusal::MustChangePassword, .. }) => {}
                Some(binding::Refused { refusal: BindRefusal::WrongPassword, said }) => {
                    return refused(PasswordRefusal::WrongOld, said);
                }
                Some(binding::Refused { said, .. }) => return refused(PasswordRefusal::NotAllowed, said),
            }
            passwords::by_extension(&mut session, dn, old, new).await
        };
        let changed = changed.map_err(|why| session.failed(why))?;
        session.end().await;
        Ok(changed)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn reading(&self) -> &Reading {
        &self.0.reading
    }

    fn context(&self, now: OffsetDateTime) -> Context {
        Context {
            settings: Arc::clone(&self.0.settings),
            reading: Arc::clone(&self.0.reading),
            mark: self.0.mark,
            now,
        }
    }

    /// A connection to one server, on which nobody has signed in.
    pub(crate) async fn connect_to(&self, server: &Server) -> Result<Session, Failure> {
        let limit = self.settings().timeout;
        let terms = self.0.outbound.terms();
        let way = Way { allowed: &terms.allowed, names: &terms.names, tls: &self.0.tls };
        match link::connect(&way, server, &Deadline::of(limit)).await {
            Ok(link) => Ok(Session::new(link, server.place(), limit)),
            Err(why) => Err(Failure { server: Some(server.place()), why }),
        }
    }

    async fn attempt(&self, server: &Server) -> Result<Session, Failure> {
        let mut session = self.connect_to(server).await?;
        match binding::as_account(&mut session, &self.settings().account).await {
            Ok(()) => Ok(session),
            Err(why) => Err(session.failed(why)),
        }
    }

    /// A connection on which the account that asks has signed in, to the first server that makes one. A refusal of the account ends the trying: on every
    /// server it would be one more wrong password.
    pub(crate) async fn open(&self) -> Result<Session, Failure> {
        let (mut first, shared) = (None, self.0.outbound.shared());
        for server in self.order(self.servers().await?) {
            match self.attempt(&server).await {
                Ok(session) => {
                    shared.remember(&server.place(), false);
                    return Ok(session);
                }
                Err(failure) if matches!(failure.kind(), Kind::Account | Kind::Refused) => {
                    return Err(failure);
                }
                Err(failure) => {
                    shared.remember(&server.place(), true);
                    first.get_or_insert(failure);
                }
            }
        }
        let none = Failure { server: None, why: Why::Closed("no server is named".to_owned()) };
        Err(first.unwrap_or(none))
    }

    /// The servers as they are named now.
    pub(crate) async fn servers(&self) -> Result<Vec<Server>, Failure> {
        match &self.settings().servers {
            Servers::Named(servers) => Ok(servers.clone()),
            Servers::OfDomain { domain, security } => {
                discovery::servers(&self.0.outbound, domain, self.settings().schema, *security).await
            }
        }
    }

    /// The servers in their order, but for those that failed lately, which come last.
    fn order(&self, servers: Vec<Server>) -> Vec<Server> {
        let shared = self.0.outbound.shared();
        let (last, mut first): (Vec<Server>, Vec<Server>) =
            servers.into_iter().partition(|server| shared.is_shunned(&server.place()));
        first.extend(last);
        first
    }

    async fn read_on(
        &self,
        session: &mut Session,
        id: &EntryId,
        now: OffsetDateTime,
    ) -> Result<Option<Person>, Why> {
        let Some(filter) = id.filter(&self.reading().mapping.id) else { return Ok(None) };
        let found = self.people_by(session, filter, now).await?;
        // An identifier that two entries have names nobody; and a server may tell of another than it was asked for.
        let mut found = found.into_iter();
        Ok(found.next().filter(|person| person.id == *id && found.next().is_none()))
    }

    async fn find_on(
        &self,
        session: &mut Session,
        name: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<Person>, Why> {
        let mapping = &self.reading().mapping;
        if let Some((domain, account)) = name.split_once('\\') {
            let is_ours = self.settings().schema == Schema::ActiveDirectory
                && !account.is_empty()
                && domain::is_called(session, domain).await?;
            if !is_ours {
                return Ok(Vec::new());
            }
            return self.people_by(session, one_of(mapping.account_name.iter(), account), now).await;
        }
        let mails = mapping.fields.get(&Field::Email).into_iter().flatten();
        let principal = asking::name("userPrincipalName")?;
        let principal = (self.settings().schema == Schema::ActiveDirectory).then_some(&principal);
        let names = mapping.user_name.iter().chain(&mapping.account_name).chain(mails).chain(principal);
        self.people_by(session, one_of(names, name), now).await
    }

    /// The people in scope that a filter finds, two at most.
    async fn people_by(
        &self,
        session: &mut Session,
        filter: Filter,
        now: OffsetDateTime,
    ) -> Result<Vec<Person>, Why> {
        let scope = &self.settings().scope;
        let mut people: Vec<Person> = Vec::new();
        for base in scope.people_bases() {
            let search = Search {
                base: base.as_str().to_owned(),
                depth: Depth::Subtree,
                filter: scope.people_filter.clone().and(filter.clone()),
                attributes: self.reading().person_attributes(),
                entries_max: 2,
                seconds_max: 0,
            };
            let controls = full::controls(self.settings().schema);
            for entry in asking::few(session, &search, &controls).await? {
                let person = self.reading().person(&entry, now);
                people.push(person.map_err(|_| Why::NoId(self.reading().mapping.id.to_string()))?);
            }
        }
        people.truncate(2);
        Ok(people)
    }
}

/// One of these attributes has the value.
fn one_of<'a>(names: impl Iterator<Item = &'a AttributeName>, value: &str) -> Filter {
    let mut each: Vec<&AttributeName> = names.collect();
    each.sort();
    each.dedup();
    Filter::Or(each.into_iter().map(|name| Filter::equals(name, value)).collect())
}

impl fmt::Debug for Directory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Directory").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
