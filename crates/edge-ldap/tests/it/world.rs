//! A directory that is connected, and runs of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use directory::provisioned_groups::all_of;
use edge_ldap::run::Work;
use edge_ldap::runs::run_one;
use model::clock::Clock;
use model::cx::Cx;
use model::directory::group::Group;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{User, UserId};
use model::job::{Job, Queue};
use model::name_key::name_key;
use model::page::PageRequest;
use model::secret::Secret;
use model::sources::directory::{
    Directory, DirectorySchema, DirectorySettings, Lockout, Schedule, Scope, Switch,
};
use model::sources::directory_sync::{DirectorySync, SyncChange, SyncKind};
use model::timestamp::Timestamp;
use sources::directories::{self, NewDirectory};
use sources::directory_secrets::GivenSecret;
use sources::directory_syncs;
use store::jobs::{self, Claim};
use testkit::fixture::{Fixture, START};
use testkit::provider;

use crate::slapd::{BASE, Slapd};

/// A clock that a test sets.
#[derive(Debug)]
pub(crate) struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct World {
    pub(crate) fixture: Fixture,
    pub(crate) slapd: Slapd,
    pub(crate) directory: Directory,
    pub(crate) work: Work,
    hands: Arc<Hands>,
}

pub(crate) fn settings(slapd: &Slapd) -> DirectorySettings {
    DirectorySettings {
        name: "Example".to_owned(),
        schema: DirectorySchema::OpenLdap,
        servers: vec![slapd.said("LDAPS").to_owned()],
        dns_domain: None,
        ca_certificates: Some(slapd.file("AUTHORITY")),
        pinned_certificates: Vec::new(),
        bind_dn: Some(slapd.said("ACCOUNT").to_owned()),
        client_certificate: None,
        domain: None,
        scope: Scope {
            user_bases: vec![format!("ou=people,{BASE}")],
            group_bases: vec![format!("ou=groups,{BASE}")],
            ..Scope::default()
        },
        user_name_from: None,
        attributes: Vec::new(),
        schedule: Schedule::default(),
        lockout: Lockout::default(),
        watch: Switch::Disabled,
        password_change: Switch::Disabled,
    }
}

impl World {
    pub(crate) async fn new(fixture: Fixture, people: usize, groups: usize) -> Self {
        let slapd = Slapd::start(people, groups);
        let hands = Arc::new(Hands(Mutex::new(START)));
        let work = Work {
            store: fixture.store.clone(),
            surroundings: fixture.surroundings.clone(),
            clock: hands.clone(),
            outbound: provider::outbound(),
        };
        let at: IdentityStoreRef = fixture.instance.identity_store_id.clone().into();
        let secret = GivenSecret { password: Some(Secret::new(slapd.said("PASSWORD"))), key: None };
        let new = NewDirectory { settings: settings(&slapd), secret };
        let cx = fixture.root("sso-directory.amazonaws.com", "CreateDirectory");
        let directory = directories::create(&fixture.store, &cx, &work.outbound, (&at, new)).await.unwrap();
        Self { fixture, slapd, directory, work, hands }
    }

    pub(crate) fn at(&self) -> IdentityStoreRef {
        self.fixture.instance.identity_store_id.clone().into()
    }

    pub(crate) fn cx(&self, name: &str) -> Cx {
        let mut fixture = self.fixture.clone();
        fixture.now = self.hands.now();
        fixture.root("sso-directory.amazonaws.com", name)
    }

    pub(crate) fn pass(&self, time: Duration) {
        let mut now = self.hands.0.lock().unwrap();
        *now = now.plus(time);
    }

    /// UpdateDirectory, with the password that is known.
    pub(crate) async fn update(&self, new: DirectorySettings) {
        let (store, at, id) = (&self.fixture.store, self.at(), &self.directory.id);
        self.pass(Duration::from_secs(10));
        let cx = self.cx("UpdateDirectory");
        directories::update(store, &cx, &self.work.outbound, (&at, id), (new, GivenSecret::default()))
            .await
            .unwrap();
    }

    /// Writes a user as nobody could have made them.
    pub(crate) async fn write(&self, user: User) {
        let with = move |tx: &mut store::tx::Tx<'_>, _: &Cx| store::directory::users::update(tx, &user);
        self.fixture.store.maintain(&self.cx("UpdateUser"), with).await.unwrap();
    }

    /// The job that is due.
    pub(crate) async fn job(&self) -> Job {
        let claim = |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
            let queue = Queue::Directories;
            jobs::claim(tx, cx.now, &Claim { queue, after: "", limit: 1, hold: Duration::from_secs(1) })
        };
        self.fixture.store.maintain(&self.cx("Claim"), claim).await.unwrap().remove(0)
    }

    /// A run from its beginning to its end.
    pub(crate) async fn sync(&self, kind: SyncKind) -> DirectorySync {
        self.pass(Duration::from_secs(10));
        let (store, at, id) = (&self.fixture.store, self.at(), &self.directory.id);
        let begun = directory_syncs::start(store, &self.cx("StartDirectorySync"), (&at, id), kind).await;
        self.finish(begun.unwrap()).await
    }

    pub(crate) async fn finish(&self, begun: DirectorySync) -> DirectorySync {
        let job = self.job().await;
        assert_eq!(job.subject, begun.id.as_str());
        run_one(self.work.clone(), job).await.unwrap();
        self.describe(&begun)
    }

    pub(crate) fn describe(&self, sync: &DirectorySync) -> DirectorySync {
        let (store, at, id) = (&self.fixture.store, self.at(), &self.directory.id);
        directory_syncs::describe(store, &self.cx("DescribeDirectorySync"), (&at, id), &sync.id).unwrap()
    }

    pub(crate) fn changes(&self, sync: &DirectorySync) -> Vec<SyncChange> {
        let (store, at, id) = (&self.fixture.store, self.at(), &self.directory.id);
        let page = PageRequest::first(1_000);
        let cx = self.cx("ListDirectorySyncChanges");
        directory_syncs::list_changes(store, &cx, (&at, id), (&sync.id, &page)).unwrap().items
    }

    pub(crate) fn user(&self, name: &str) -> Option<User> {
        let id = &self.fixture.instance.identity_store_id;
        self.fixture
            .store
            .read(|rx| Ok(store::directory::users::find_by_user_name(rx, id, &name_key(name))?))
            .unwrap()
    }

    pub(crate) fn group(&self, name: &str) -> Option<Group> {
        let id = &self.fixture.instance.identity_store_id;
        self.fixture
            .store
            .read(|rx| Ok(store::directory::groups::find_by_display_name(rx, id, &name_key(name))?))
            .unwrap()
    }

    /// Who is in a group, whatever they are called now.
    pub(crate) fn member_ids(&self, name: &str) -> BTreeSet<UserId> {
        let group = self.group(name).unwrap();
        self.fixture.store.read(|rx| Ok(all_of(rx, &group.id)?.users.into_iter().collect())).unwrap()
    }

    /// The user names in a group, and how many groups.
    pub(crate) fn members(&self, name: &str) -> (Vec<String>, usize) {
        let group = self.group(name).unwrap();
        let store_id = &self.fixture.instance.identity_store_id;
        self.fixture
            .store
            .read(|rx| {
                let all = all_of(rx, &group.id)?;
                let mut names = Vec::new();
                for user in &all.users {
                    let user = store::directory::users::find(rx, store_id, user)?.unwrap();
                    names.push(user.profile.user_name);
                }
                names.sort_unstable();
                Ok((names, all.groups.len()))
            })
            .unwrap()
    }
}
