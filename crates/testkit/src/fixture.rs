//! A fresh, migrated store with one instance, and contexts for its callers.

use std::sync::Arc;
use std::time::Duration;

use model::accounts::account::AccountId;
use model::caller::Caller;
use model::cx::{Cx, Surroundings};
use model::directory::identity_store::IdentityStoreId;
use model::entropy::SeededEntropy;
use model::event::EventHead;
use model::instances::instance::{Instance, InstanceId};
use model::limits::Mode;
use model::timestamp::Timestamp;
use store::db::{Location, Store};
use store::sealing::Keyring;

/// When every test begins: 2026-11-24T08:00:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_795_507_200);

/// A fresh store and what is needed to call the domain on it.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The store, migrated, holding [`Self::instance`] and nothing else.
    pub store: Store,
    /// Where the store lives, to open it again.
    pub location: Location,
    /// The one instance.
    pub instance: Instance,
    /// Region, owner, mode, randomness.
    pub surroundings: Surroundings,
    /// The time of the contexts made from here.
    pub now: Timestamp,
    _directory: Arc<tempfile::TempDir>,
}

impl Fixture {
    /// On SQLite.
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let location = Location::Sqlite(directory.path().join("portico.db"));
        Self::at(location, directory).await
    }

    /// On PostgreSQL, in a database of its own.
    pub async fn postgres() -> Self {
        let location = Location::Postgres(crate::postgres::migrated_database().await);
        Self::at(location, tempfile::tempdir().expect("a scratch directory")).await
    }

    async fn at(location: Location, directory: tempfile::TempDir) -> Self {
        let store =
            Store::open(&location, Keyring::new(&[7; 32]).expect("a keyring"), 4).expect("the store opens");
        store::migrate::run(&store, START).expect("migrations run");
        let owner = AccountId::trusted("111122223333");
        let instance = Instance {
            id: InstanceId::trusted("ssoins-1234567890abcdef"),
            owner: owner.clone(),
            identity_store_id: IdentityStoreId::trusted("d-1234567890"),
            name: None,
            region: "us-east-1".to_owned(),
            created_at: START,
        };
        let surroundings = Surroundings {
            region: "us-east-1".into(),
            owner,
            organization: None,
            mode: Mode::Relaxed,
            primary: None,
            entropy: Arc::new(SeededEntropy::new(1)),
        };
        let fixture =
            Self { store, location, instance, surroundings, now: START, _directory: Arc::new(directory) };
        let row = fixture.instance.clone();
        let cx = fixture.root("sso.amazonaws.com", "CreateInstance");
        fixture
            .store
            .write(&cx, move |tx, _| store::instances::instances::insert(tx, &row))
            .await
            .expect("the instance is written");
        fixture
    }

    /// The same, later.
    #[must_use]
    pub fn later(&self, by: Duration) -> Self {
        Self { now: self.now.plus(by), ..self.clone() }
    }

    /// The same in strict mode.
    #[must_use]
    pub fn strict(&self) -> Self {
        let mut strict = self.clone();
        strict.surroundings.mode = Mode::Strict;
        strict
    }

    /// A context for `caller`, making the event `name` of `source`.
    pub fn cx(&self, caller: Caller, source: &str, name: &str) -> Cx {
        let (source, name) = (source.to_owned().into(), name.to_owned().into());
        let head = EventHead { source, name, ..EventHead::default() };
        Cx::new(&self.surroundings, caller, self.now, head)
    }

    /// A context for the management account's root.
    pub fn root(&self, source: &str, name: &str) -> Cx {
        self.cx(Caller::root(self.instance.owner.clone(), "AKIAIOSFODNN7EXAMPLE"), source, name)
    }
}
