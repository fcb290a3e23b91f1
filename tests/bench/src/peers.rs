//! Others on the same operations, in the same minutes: `moto_server` on the directory and on assignments, `oidc-provider` on tokens. Both keep
//! everything in memory and neither checks a signature or writes a record; each row says who was faster all the same.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::company::MEMBERS;
use crate::http::{self, Connection};
use crate::load::{self, Measured};
use crate::process::{Process, free_address};
use crate::report::{Aim, CONNECTIONS, count, say};
use crate::rows::{Asking, Kind, Right, Row};
use crate::sign::Key;
use crate::stores::Places;
use crate::world::World;

/// People that moto is given: as many as the small store has.
const PEOPLE: usize = 1_000;
/// Groups of fifty that it is given.
const GROUPS: usize = 10;

/// What is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    Moto,
    OidcProvider,
}

impl Peer {
    const fn name(self) -> &'static str {
        match self {
            Self::Moto => "moto_server",
            Self::OidcProvider => "oidc-provider",
        }
    }

    const fn rows(self) -> &'static [Row] {
        match self {
            Self::Moto => &[
                Row::DescribeUser,
                Row::GetUserId,
                Row::ListGroupMemberships,
                Row::CreateUser,
                Row::CreateAccountAssignment,
            ],
            Self::OidcProvider => &[Row::CreateToken],
        }
    }

    /// The connections that it is asked on. moto answers writes side by side with status 500 now and then (it changes what it walks
    /// through), so it is asked for one after another, which costs it nothing: Python runs one at a time anyway.
    fn connections(self, row: Row, ours: usize) -> usize {
        if self == Self::Moto && row.kind() == Kind::Write { 1 } else { ours }
    }

    /// How many times as many requests we aim at.
    fn aim(self, row: Row) -> f64 {
        match (self, row.kind()) {
            (Self::OidcProvider, _) => 2.5,
            (Self::Moto, Kind::Read) => 60.0,
            (Self::Moto, _) if row == Row::CreateUser => 30.0,
            (Self::Moto, _) => 12.0,
        }
    }
}

/// A running peer and what to ask it.
struct Running {
    process: Process,
    asked: Vec<(Row, What)>,
}

/// Requests of a row.
enum What {
    Fixed(Rc<Vec<Vec<u8>>>, Right),
    Made(Rc<dyn Fn() -> Vec<u8>>, Right),
}

impl Running {
    fn operations(&self, row: Row, connections: usize) -> Vec<Asking> {
        let what = self.asked.iter().find(|(has, _)| *has == row).map(|(_, what)| what);
        (0..connections)
            .filter_map(|at| {
                Some(match what? {
                    What::Fixed(requests, right) => {
                        Asking::Fixed { requests: requests.clone(), at: at * 31, sent: 0, right: *right }
                    }
                    What::Made(make, right) => Asking::Made { make: make.clone(), right: *right },
                })
            })
            .collect()
    }
}

/// Measures both peers beside `world`: the table and the aims.
pub(crate) async fn measure(
    places: &Places,
    world: &Rc<World>,
    period: Duration,
) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut table = "| | connections | peer | its requests/s | Portico's requests/s | times |\n|---|--:|---|--:|--:|--:|\n".to_owned();
    let mut aims = Vec::new();
    for peer in [Peer::Moto, Peer::OidcProvider] {
        say(&format!("{} starts", peer.name()));
        let running = match peer {
            Peer::Moto => moto(places).await?,
            Peer::OidcProvider => oidc_provider(places).await?,
        };
        for row in peer.rows() {
            for connections in CONNECTIONS {
                let (theirs, ours) = both_orders(
                    &running,
                    world,
                    (*row, peer.connections(*row, connections), connections),
                    period,
                )
                .await?;
                let times = ours.per_second() / theirs.per_second();
                let (theirs, ours) = (count(theirs.per_second()), count(ours.per_second()));
                say(&format!(
                    "{} at {connections} connections: {} {theirs}/s, Portico {ours}/s",
                    row.name(),
                    peer.name()
                ));
                let _ = writeln!(
                    table,
                    "| {} | {connections} | {} | {theirs} | {ours} | {times:.1} |",
                    row.name(),
                    peer.name()
                );
                if connections == 32 {
                    aims.push(Aim {
                        what: format!("{} beside {}, 32 connections, times as many", row.name(), peer.name()),
                        wanted: format!("at least {}", peer.aim(*row)),
                        found: format!("{times:.1}"),
                        met: times >= peer.aim(*row),
                    });
                }
            }
        }
    }
    Ok((table, aims))
}

/// The peer first, then Portico; then the other way round.
async fn both_orders(
    running: &Running,
    world: &Rc<World>,
    (row, their_connections, connections): (Row, usize, usize),
    period: Duration,
) -> anyhow::Result<(Measured, Measured)> {
    let theirs = || load::run(&running.process, running.operations(row, their_connections), period);
    let ours = async || load::run(&world.process, row.operations(world, connections).await?, period).await;
    let context = || format!("{} beside a peer", row.name());
    let (their_first, our_second) =
        (theirs().await.with_context(context)?, ours().await.with_context(context)?);
    let (our_first, their_second) =
        (ours().await.with_context(context)?, theirs().await.with_context(context)?);
    Ok((their_first.and(&their_second)?, our_first.and(&our_second)?))
}

/// Sets moto up as the small store is: a thousand people, groups of fifty.
async fn moto(places: &Places) -> anyhow::Result<Running> {
    let address = free_address()?;
    let port = address.port().to_string();
    let program = places.tools.join("moto/bin/moto_server");
    let command = [path(&program)?, "-H", "127.0.0.1", "-p", &port];
    let mut process = Process::start(&command, &places.scratch.join("moto.log"), address)?;
    process.answers("/moto-api/").await?;
    let key = Key {
        id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret: "secret".to_owned(),
        session_token: None,
        host: address.to_string(),
    };
    let mut connection = Connection::new(address);
    let mut call = async |service: &str, target: &str, body: Value| -> anyhow::Result<Value> {
        connection.call(&key.call(service, target, &body.to_string())).await?.expect(200)?.json()
    };
    let instances = call("sso", "SWBExternalService.ListInstances", json!({})).await?;
    let (instance, store) = (
        text(&instances["Instances"][0], "InstanceArn")?,
        text(&instances["Instances"][0], "IdentityStoreId")?,
    );
    let mut users = Vec::new();
    for number in 0..PEOPLE {
        let user = call(
            "identitystore",
            "AWSIdentityStore.CreateUser",
            user(&store, &format!("person-{number:07}")),
        )
        .await?;
        users.push(text(&user, "UserId")?);
    }
    let mut groups = Vec::new();
    for number in 0..GROUPS {
        let body = json!({"IdentityStoreId": store, "DisplayName": format!("group-{number}")});
        let group = text(&call("identitystore", "AWSIdentityStore.CreateGroup", body).await?, "GroupId")?;
        for user in users.iter().skip(number * MEMBERS).take(MEMBERS) {
            let body = json!({"IdentityStoreId": store, "GroupId": group, "MemberId": {"UserId": user}});
            call("identitystore", "AWSIdentityStore.CreateGroupMembership", body).await?;
        }
        groups.push(group);
    }
    let body = json!({"InstanceArn": instance, "Name": "Role"});
    let set = text(
        &call("sso", "SWBExternalService.CreatePermissionSet", body).await?["PermissionSet"],
        "PermissionSetArn",
    )?;
    let asked = moto_requests(&key, (&instance, &store, &set), users, &groups);
    Ok(Running { process, asked })
}

fn moto_requests(
    key: &Key,
    (instance, store, set): (&str, &str, &str),
    users: Vec<String>,
    groups: &[String],
) -> Vec<(Row, What)> {
    let directory = |operation: &str, body: Value| {
        key.call("identitystore", &format!("AWSIdentityStore.{operation}"), &body.to_string())
    };
    let describe =
        |user: &String| directory("DescribeUser", json!({"IdentityStoreId": store, "UserId": user}));
    let get_id = |number: usize| {
        let unique = json!({"AttributePath": "userName", "AttributeValue": format!("person-{number:07}")});
        directory(
            "GetUserId",
            json!({"IdentityStoreId": store, "AlternateIdentifier": {"UniqueAttribute": unique}}),
        )
    };
    let list = |group: &String| {
        directory("ListGroupMemberships", json!({"IdentityStoreId": store, "GroupId": group}))
    };
    let fixed = |requests: Vec<Vec<u8>>, holds: &'static [u8], times| {
        What::Fixed(Rc::new(requests), Right::of(200, holds, times))
    };
    let reads = [
        (Row::DescribeUser, fixed(users.iter().map(describe).collect(), b"\"UserName\"", 1)),
        (Row::GetUserId, fixed((0..PEOPLE).map(get_id).collect(), b"\"UserId\"", 1)),
        (Row::ListGroupMemberships, fixed(groups.iter().map(list).collect(), b"\"MembershipId\"", MEMBERS)),
    ];
    let numbers = Rc::new(Cell::new(0_usize));
    let next = move || numbers.replace(numbers.get() + 1);
    let (signer, in_store, number) = (key.clone(), store.to_owned(), next.clone());
    let create = move || {
        let body = user(&in_store, &format!("new-{:09}", number()));
        signer.call("identitystore", "AWSIdentityStore.CreateUser", &body.to_string())
    };
    let (signer, instance, set) = (key.clone(), instance.to_owned(), set.to_owned());
    let assign = move || {
        let number = next();
        let body = json!({
            "InstanceArn": instance, "TargetId": format!("{:012}", 100_000_000_000_usize + number), "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": set, "PrincipalType": "USER", "PrincipalId": users.get(number % users.len()),
        });
        signer.call("sso", "SWBExternalService.CreateAccountAssignment", &body.to_string())
    };
    let made =
        |make: Rc<dyn Fn() -> Vec<u8>>, holds: &'static [u8]| What::Made(make, Right::of(200, holds, 1));
    let writes = [
        (Row::CreateUser, made(Rc::new(create), b"\"UserId\"")),
        (Row::CreateAccountAssignment, made(Rc::new(assign), b"\"SUCCEEDED\"")),
    ];
    reads.into_iter().chain(writes).collect()
}

fn user(store: &str, name: &str) -> Value {
    json!({
        "IdentityStoreId": store, "UserName": name, "DisplayName": name, "Name": {"GivenName": "Person", "FamilyName": name},
        "Emails": [{"Value": format!("{name}@example.com"), "Type": "work", "Primary": true}],
    })
}

/// One client that asks for ES256 access tokens in its own name: the shortest way to a token that there is.
async fn oidc_provider(places: &Places) -> anyhow::Result<Running> {
    let address = free_address()?;
    let (port, script) = (address.port().to_string(), places.root.join("tests/bench/peers/oidc.mjs"));
    let modules = places.tools.join("oidc");
    let command = ["node", path(&script)?, path(&modules)?, port.as_str()];
    let log = places.scratch.join("oidc-provider.log");
    let mut process = Process::start(&command, &log, address)?;
    process.answers("/.well-known/openid-configuration").await?;
    let host = address.to_string();
    let headers = [
        ("host", host.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        // bench:bench-secret
        ("authorization", "Basic YmVuY2g6YmVuY2gtc2VjcmV0"),
    ];
    let request = http::request("POST", "/token", &headers, "grant_type=client_credentials&scope=read");
    let right = Right::of(200, b"\"access_token\":\"ey", 1);
    Ok(Running { process, asked: vec![(Row::CreateToken, What::Fixed(Rc::new(vec![request]), right))] })
}

fn path(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| path.display().to_string())
}

fn text(answer: &Value, name: &str) -> anyhow::Result<String> {
    answer[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {answer}"))
}
