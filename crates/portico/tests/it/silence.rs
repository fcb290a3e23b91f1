//! What the server says of what goes wrong: in its log, in its metrics, on its pages. And what it never says.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::browser::Browser;
use crate::server::free_address;
use crate::upgrade::{Engine, Place, client_at, keys, sign_in};

/// Whether `line` comes to stand in the log within some seconds; the log.
async fn logged(place: &Place, line: &str) -> String {
    for _ in 0..400 {
        let log = std::fs::read_to_string(place.log()).unwrap();
        if log.contains(line) {
            return log;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{line:?} is not said: {}", std::fs::read_to_string(place.log()).unwrap())
}

async fn metrics(base: &str) -> String {
    let mut browser = Browser::new(base);
    browser.open("/metrics").await;
    browser.page().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_are_said_and_counted_without_what_was_typed() {
    let place = Place::new(Engine::Sqlite).await;
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme.yaml");
    place.run("init", &["--seed", seed]).unwrap();
    let (_process, base) = place.serve().await;
    sign_in(&base, "jane", "not-her-password").await;
    sign_in(&base, "correct-horse-typed-as-name", "jane").await;
    sign_in(&base, "jane", "correct horse battery staple").await;
    let log = logged(&place, "a person signed in").await;
    for says in ["the password is wrong", "nobody has this user name", "127.0.0.1"] {
        assert!(log.contains(says), "{says}: {log}");
    }
    for never in ["not-her-password", "typed-as-name", "battery"] {
        assert!(!log.contains(never), "{log}");
    }
    assert!(!log.contains('\u{1b}'), "no colours in a file");
    let metrics = metrics(&base).await;
    for line in [
        "portico_sign_ins_total{result=\"refused\"} 2",
        "portico_sign_ins_total{result=\"succeeded\"} 1",
        "portico_database_up 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let bytes = |name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert!(bytes("portico_database_bytes") > 100_000 && bytes("portico_database_log_bytes") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn provisioning_that_fails_is_said_and_counted() {
    let place = Place::new(Engine::Sqlite).await;
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme.yaml");
    let made = place.run("init", &["--seed", seed, "--output", "json"]).unwrap();
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let (_process, base) = place.serve().await;
    let root = keys(&made["accessKeyId"], &made["secretAccessKey"], None);
    let people = client_at!(aws_sdk_identitystore, base.as_str(), root.clone());
    let people = people.list_users().identity_store_id(made["identityStoreId"].as_str().unwrap());
    let person = people.send().await.unwrap().users()[0].user_id().to_owned();
    let admin = client_at!(aws_sdk_ssoadmin, base.as_str(), root);
    let instance = made["instanceArn"].as_str().unwrap();
    let set = admin.create_permission_set().instance_arn(instance).name("Own").send().await.unwrap();
    let set = set.permission_set().unwrap().permission_set_arn().unwrap().to_owned();
    // A policy that the account does not have.
    let own = aws_sdk_ssoadmin::types::CustomerManagedPolicyReference::builder().name("own").build().unwrap();
    let attach = admin.attach_customer_managed_policy_reference_to_permission_set().instance_arn(instance);
    attach.permission_set_arn(&set).customer_managed_policy_reference(own).send().await.unwrap();
    let assign = admin.create_account_assignment().instance_arn(instance).permission_set_arn(&set);
    let assign = assign.target_id("444455556666").target_type("AWS_ACCOUNT".into());
    assign.principal_type("USER".into()).principal_id(person).send().await.unwrap();
    let log = logged(&place, "provisioning failed").await;
    assert!(log.contains("444455556666") && log.contains("policy/own"), "{log}");
    assert!(metrics(&base).await.contains("portico_jobs_ended_total{result=\"failed\"} 1"));
}

/// Hands connections on to a server, until it is dropped.
struct Line(JoinSet<()>);

impl Line {
    async fn new(at: SocketAddr, to: String) -> Self {
        let listener = TcpListener::bind(at).await.unwrap();
        let mut line = JoinSet::new();
        line.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let to = to.clone();
                connections.spawn(async move {
                    let mut far = TcpStream::connect(&to).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self(line)
    }

    async fn cut(mut self) {
        self.0.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_and_comes_back_is_said_where_people_look() {
    let mut place = Place::new(Engine::Postgres).await;
    let url = place.database.clone().unwrap();
    let (user, rest) = url.strip_prefix("postgres://").unwrap().split_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let near = free_address();
    let user = user.split(':').next().unwrap();
    place.database = Some(format!("postgres://{user}:a-secret-word@{near}/{database}"));
    let line = Line::new(near, server.to_owned()).await;
    place.run("init", &[]).unwrap();
    let (_process, base) = place.serve().await;
    let mut browser = Browser::new(&base);
    browser.open("/signin").await;
    assert_eq!(browser.status(), 200);

    line.cut().await;
    let log = logged(&place, "the database is away").await;
    assert!(log.contains(&near.to_string()), "{log}");
    assert!(log.contains("refused") || log.contains("closed"), "it says why: {log}");
    assert!(!log.contains("a-secret-word"), "{log}");
    browser.open("/signin").await;
    assert_eq!((browser.status(), browser.header("retry-after").as_str()), (503, "1"));
    assert!(!browser.page().contains("name=\"password\""), "no form that cannot work");
    assert!(metrics(&base).await.contains("portico_database_up 0"));

    let _line = Line::new(near, server.to_owned()).await;
    logged(&place, "the database is back").await;
    browser.open("/signin").await;
    assert_eq!(browser.status(), 200);
    assert!(metrics(&base).await.contains("portico_database_up 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_wait_at_the_sign_in_page_is_told_how_long() {
    let place = Place::new(Engine::Sqlite).await;
    place.run("init", &[]).unwrap();
    let (_process, base) = place.serve().await;
    let mut browser = Browser::new(&base);
    for _ in 0..40 {
        browser.open("/signin").await;
        browser.submit("/signin", &[("return_to", "/start"), ("username", "admin"), ("password", "x")]).await;
        if browser.status() == 429 {
            assert!(browser.header("retry-after").parse::<u32>().unwrap() >= 1);
            assert!(metrics(&base).await.contains("portico_calls_slowed_total 1"));
            return;
        }
    }
    panic!("nobody was told to wait");
}
