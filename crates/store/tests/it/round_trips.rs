//! How often PostgreSQL is asked and waited for: a proxy before it counts what comes after an answer. And what goes together with other things
//! is as if it had gone alone.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use store::db::{Location, Store};
use store::sealing::Keyring;
use store::statement::Statement;
use testkit::fixture::Fixture;

/// Stands between a store and its database.
#[derive(Default)]
struct Proxy {
    /// How often something was sent after something had been answered.
    turns: AtomicUsize,
    answered: AtomicBool,
    /// Both ends of every connection.
    sockets: std::sync::Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// The fixture's database, seen through a new proxy.
    fn before(fixture: &Fixture) -> (Arc<Self>, Store) {
        let Location::Postgres(url) = fixture.location.clone() else { unreachable!() };
        let host = url.split(['@', '/']).nth(3).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = url.replacen(&host, &listener.local_addr().unwrap().to_string(), 1);
        let proxy = Arc::<Self>::default();
        let to = proxy.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                to.clone().carry(client.unwrap(), TcpStream::connect(&host).unwrap());
            }
        });
        (proxy, Store::open(&Location::Postgres(url), Keyring::new(&[7; 32]).unwrap(), 2).unwrap())
    }

    fn carry(self: Arc<Self>, client: TcpStream, server: TcpStream) {
        let ends = [client.try_clone().unwrap(), server.try_clone().unwrap()];
        self.sockets.lock().unwrap().extend(ends);
        let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let asked = self.clone();
        std::thread::spawn(move || pump(from_client, to_server, || asked.ask()));
        std::thread::spawn(move || pump(server, client, || self.answered.store(true, Ordering::SeqCst)));
    }

    fn ask(&self) {
        if self.answered.swap(false, Ordering::SeqCst) {
            self.turns.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The turns that `with` takes.
    fn turns(&self, with: impl FnOnce()) -> usize {
        let before = self.turns.load(Ordering::SeqCst);
        with();
        self.turns.load(Ordering::SeqCst) - before
    }

    /// Closes every connection, as a database that starts again does.
    fn cut(&self) {
        for socket in self.sockets.lock().unwrap().drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, mut note: impl FnMut()) {
    let mut buffer = [0; 8_192];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        note();
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

async fn rename(fixture: &Fixture, store: &Store, name: &'static str) {
    let (cx, id) = (fixture.root("sso.amazonaws.com", "UpdateInstance"), fixture.instance.id.clone());
    store.write(&cx, move |tx, _| store::instances::instances::set_name(tx, &id, Some(name))).await.unwrap();
}

/// A write that reads nothing: its rows, its record and the commit go together.
async fn add_key(fixture: &Fixture, store: &Store, id: &'static str) {
    let cx = fixture.root("iam.amazonaws.com", "CreateAccessKey");
    let secret = model::secret::Secret::new("secret");
    let owner = fixture.instance.owner.clone();
    store
        .write(&cx, move |tx, cx| store::accounts::access_keys::insert(tx, cx, id, &owner, &secret))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_together_takes_one_turn() {
    let fixture = Fixture::postgres().await;
    let (proxy, store) = Proxy::before(&fixture);
    let id = fixture.instance.id.clone();
    let glance =
        || assert!(store.glance(|rx| Ok(store::instances::instances::find(rx, &id)?)).unwrap().is_some());
    let read = || {
        store
            .read(|rx| {
                store::instances::instances::find(rx, &id)?;
                Ok(store::instances::instances::find(rx, &id)?)
            })
            .unwrap();
    };
    // Until everything is prepared on the one connection that so few calls need.
    (0..3).for_each(|_| glance());
    assert_eq!(proxy.turns(glance), 1);
    assert!(proxy.turns(read) <= 3, "the beginning with the first, the second, the end: nobody waits for it");
    for id in ["AKIA1", "AKIA2"] {
        add_key(&fixture, &store, id).await;
    }
    let before = proxy.turns.load(Ordering::SeqCst);
    add_key(&fixture, &store, "AKIA3").await;
    let turns = proxy.turns.load(Ordering::SeqCst) - before;
    assert!(turns <= 2, "{turns} turns: the beginning; then the key, its record and the commit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_broke_while_they_lay_idle_fail_nobody() {
    let fixture = Fixture::postgres().await;
    let (proxy, store) = Proxy::before(&fixture);
    for name in ["one", "two", "three"] {
        rename(&fixture, &store, name).await;
        proxy.cut();
        add_key(&fixture, &store, name).await;
        proxy.cut();
        let found = store.glance(|rx| Ok(store::instances::instances::list(rx)?)).unwrap();
        assert_eq!(found[0].name.as_deref(), Some(name));
        proxy.cut();
        assert_eq!(store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap().len(), 1);
    }
}

testkit::on_both_engines!(a_glance_is_one_statement, |fixture: Fixture| async move {
    let id = fixture.instance.id.clone();
    let refused = fixture.store.glance(|rx| {
        store::instances::instances::list(rx)?;
        Ok(store::instances::instances::list(rx)?)
    });
    assert!(refused.unwrap_err().context().unwrap().contains("second statement"));
    assert!(fixture.store.glance(|rx| Ok(store::instances::instances::find(rx, &id)?)).unwrap().is_some());
});

testkit::on_both_engines!(
    what_is_put_off_is_there_for_who_looks_and_gone_with_who_fails,
    |fixture: Fixture| async move {
        let cx = fixture.root("iam.amazonaws.com", "CreateAccessKey");
        let owner = fixture.instance.owner.clone();
        let other = |name: &str| model::instances::instance::Instance {
            id: model::instances::instance::InstanceId::trusted(format!("ssoins-{name}")),
            identity_store_id: model::directory::identity_store::IdentityStoreId::trusted(format!(
                "d-{name}"
            )),
            ..fixture.instance.clone()
        };
        let (first, second) = (other("1111111111111111"), other("2222222222222222"));
        let sees = fixture
            .store
            .write(&cx, move |tx, cx| {
                store::accounts::access_keys::insert(
                    tx,
                    cx,
                    "AKIA1",
                    &owner,
                    &model::secret::Secret::new("x"),
                )?;
                store::instances::instances::insert(tx, &first)?;
                Ok(store::instances::instances::list(tx)?.len())
            })
            .await
            .unwrap();
        assert_eq!(sees, 2);
        // The same key once more: it fails with the commit, and nothing that went with it stays.
        let owner = fixture.instance.owner.clone();
        let failed = fixture
            .store
            .write(&cx, move |tx, cx| {
                store::instances::instances::insert(tx, &second)?;
                store::accounts::access_keys::insert(
                    tx,
                    cx,
                    "AKIA1",
                    &owner,
                    &model::secret::Secret::new("y"),
                )
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(fixture.store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap().len(), 2);
    }
);

/// Without an index to use, what each connection forbids itself happens all the same, at a cost for which PostgreSQL would compile it.
#[tokio::test(flavor = "multi_thread")]
async fn no_plan_is_compiled() {
    static JIT: Statement = Statement::new("test::JIT", "SELECT current_setting('jit')");
    let fixture = Fixture::postgres().await;
    let setting = fixture.store.read(|rx| Ok(rx.first(&JIT, &[], |row| row.text(0))?)).unwrap();
    assert_eq!(setting.as_deref(), Some("off"));
}
