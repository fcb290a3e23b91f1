//! The portal page of somebody who reaches ten thousand accounts with five roles in each, beside that of somebody who reaches ten, beside one that is empty;
//! and a key of the search.

use std::fmt::Write as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::assignments::{BATCH, give};
use crate::company;
use crate::http::Connection;
use crate::load::{self, Measured};
use crate::report::{Aim, count, count_of, say};
use crate::rows::{Asking, Right};
use crate::world::World;

/// Accounts of who reaches much, as far as there are so many; of who reaches little; roles in each.
const MUCH: usize = 10_000;
const LITTLE: usize = 10;
const ROLES: usize = 5;
/// Their password: one that is in no list of those that are known.
const PASSWORD: &str = "nine slow evenings in June";
/// Connections of the load.
const CONNECTIONS: usize = 32;
/// Microseconds for 99 of 100 pages at most, and for 99 of 100 keys of a search.
const PAGE_MAX: f64 = 20_000.0;
const KEY_MAX: f64 = 100_000.0;
/// How many times what a small page costs the server a large one may.
const DEARER_MAX: f64 = 3.0;
/// Bytes of a first view at most, with style sheet and script.
const VIEW_MAX: f64 = 60.0 * 1_024.0;

/// Makes the people, and asks for their pages.
pub(crate) async fn measure(world: &World, period: Duration) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut connection = Connection::new(world.process.address);
    let much = MUCH.min(world.company.accounts());
    say(&format!("somebody gets {ROLES} roles in each of {} accounts", count_of(much as u64)));
    let mut table = "| the portal | accounts | at 32 connections, the search at 1 | p50 µs | p99 µs | CPU µs of the server | KiB |\n|---|--:|--:|--:|--:|--:|--:|\n".to_owned();
    let (mut measured, mut aims) = (Vec::new(), Vec::new());
    for (who, accounts) in [("much", much), ("little", LITTLE), ("nothing", 0)] {
        let cookie = person(&mut connection, world, who, accounts).await?;
        let begun = Instant::now();
        let page = connection.call(&world.get("/start", &cookie)).await?.expect(200)?.text();
        let cold = begun.elapsed().as_secs_f64() * 1e6;
        let bytes = view(&mut connection, world, &page).await?;
        say(&format!(
            "the first page of {who} takes {} µs, {} bytes with what it loads",
            count(cold),
            count(bytes)
        ));
        let load = Load { world, cookie, period };
        let found = load.of("/start", CONNECTIONS, page.len()).await?;
        row(&mut table, (&format!("page of who reaches {who}"), accounts), &found, page.len());
        if accounts == much {
            let key = load.of("/start/search?q=7+set", 1, 1_000).await?;
            row(&mut table, ("a key of the search", accounts), &key, 0);
            let what =
                format!("a key of a search in {} accounts, p99 µs, 1 connection", count_of(much as u64));
            aims.push(Aim::at_most(what, KEY_MAX, micros(key.percentile(99.0))));
            let what = format!("portal page of {} accounts, first view, bytes", count_of(much as u64));
            aims.push(Aim::at_most(what, VIEW_MAX, bytes));
        }
        measured.push(found);
    }
    let [large, small, _] = measured.as_slice() else { bail!("three pages") };
    let what = |what: &str| {
        format!("portal page of {} accounts, {CONNECTIONS} connections, {what}", count_of(much as u64))
    };
    aims.push(Aim::at_most(what("p99 µs"), PAGE_MAX, micros(large.percentile(99.0))));
    let dearer = large.cpu_micros() / small.cpu_micros();
    aims.push(Aim::at_most(what("CPU of a page of 10 accounts"), DEARER_MAX, dearer));
    Ok((table, aims))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a request")]
fn micros(value: u64) -> f64 {
    value as f64
}

fn row(table: &mut String, (what, accounts): (&str, usize), found: &Measured, bytes: usize) {
    let _ = writeln!(
        table,
        "| {what} | {} | {} a second | {} | {} | {} | {} |",
        count_of(accounts as u64),
        count(found.per_second()),
        count_of(found.percentile(50.0)),
        count_of(found.percentile(99.0)),
        count(found.cpu_micros()),
        bytes / 1_024
    );
}

/// Pages of one person, over and over.
struct Load<'w> {
    world: &'w World,
    cookie: String,
    period: Duration,
}

impl Load<'_> {
    async fn of(&self, path: &str, connections: usize, bytes: usize) -> anyhow::Result<Measured> {
        let requests = Rc::new(vec![self.world.get(path, &self.cookie)]);
        // A page of the same person is as long each time, but for what it counts.
        let right = Right::of(200, b"</html>", usize::from(bytes > 1_000 && path == "/start"));
        let operations = (0..connections)
            .map(|_| Asking::Fixed { requests: requests.clone(), at: 0, sent: 0, right })
            .collect();
        load::run(&self.world.process, operations, self.period).await
    }
}

/// A new person: the id.
pub(crate) async fn user_with_password(
    connection: &mut Connection,
    world: &World,
    (name, password): (&str, &str),
) -> anyhow::Result<String> {
    let user = json!({
        "IdentityStoreId": world.identity_store, "UserName": name, "DisplayName": name,
        "Name": {"GivenName": name, "FamilyName": "Bench"},
    });
    let user = world.ask(connection, "identitystore", "AWSIdentityStore.CreateUser", &user).await?;
    let user = user["UserId"].as_str().context("a user id")?.to_owned();
    let password = json!({
        "IdentityStoreId": world.identity_store, "UserId": user, "Password": password, "MustChange": false,
    });
    world.ask(connection, "portico", "Portico.UpdatePassword", &password).await?;
    Ok(user)
}

/// A new person who reaches so many accounts, signed in: the cookie.
async fn person(
    connection: &mut Connection,
    world: &World,
    who: &str,
    accounts: usize,
) -> anyhow::Result<String> {
    let name = format!("portal-{who}");
    let user = user_with_password(connection, world, (&name, PASSWORD)).await?;
    let (_, instance) = world.instance_arn.rsplit_once('/').context("an instance ARN")?;
    let rows: Vec<Value> = (0..accounts * ROLES)
        .map(|at| {
            let set = company::permission_set_id(at % ROLES);
            json!({
                "TargetId": company::account_id(at / ROLES),
                "PermissionSetArn": format!("arn:aws:sso:::permissionSet/{instance}/{set}"),
                "PrincipalType": "USER", "PrincipalId": user,
            })
        })
        .collect();
    for batch in rows.chunks(BATCH) {
        give(connection, world, batch).await?;
    }
    world.cookie_of(&name, PASSWORD).await
}

/// The bytes of a page with its style sheet and its script.
async fn view(connection: &mut Connection, world: &World, page: &str) -> anyhow::Result<f64> {
    let mut bytes = page.len();
    for mark in ["rel=\"stylesheet\" href=\"", "type=\"module\" src=\""] {
        let path = page.split_once(mark).and_then(|(_, rest)| rest.split('"').next());
        let path = path.with_context(|| format!("no {mark}"))?;
        bytes += connection.call(&world.get(path, "")).await?.expect(200)?.body.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "bytes of a page")]
    Ok(bytes as f64)
}
