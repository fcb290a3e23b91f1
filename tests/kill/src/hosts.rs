//! Two database hosts of which the first hangs, in each way that a host can: the server finds the one that serves within three seconds of
//! its being there.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use http::StatusCode;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::process::Command;

use crate::actor::{Actor, Place};
use crate::ledger::Ledger;
use crate::postgres::Postgres;
use crate::say;
use crate::server::{Server, Setting};

/// How long the server may take to be back.
const BACK: Duration = Duration::from_secs(3);
/// What else goes by until it is seen: the processes of a start, and how often somebody asks.
const SEEN: Duration = Duration::from_millis(700);
/// Who asks while a host freezes: more than there are connections.
const CALLERS: usize = 24;

/// The case.
pub(crate) async fn hang(binary: &Path) -> anyhow::Result<()> {
    first_that_drops(binary).await.context("a first host that drops what asks for a connection")?;
    first_that_is_silent(binary).await.context("a first host that takes connections and is silent")?;
    leader_that_freezes(binary).await.context("a leader that freezes")
}

/// A listener whose queue is full: the kernel drops whatever asks for a connection.
async fn first_that_drops(binary: &Path) -> anyhow::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse()?)?;
    let full = socket.listen(0)?;
    let address = full.local_addr()?;
    let mut fillers = Vec::new();
    while let Ok(filler) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        fillers.push(filler?);
    }
    starts(binary, &address.to_string()).await
}

async fn first_that_is_silent(binary: &Path) -> anyhow::Result<()> {
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    starts(binary, &silent.local_addr()?.to_string()).await
}

/// A server starts and serves beside a first host that hangs.
async fn starts(binary: &Path, first: &str) -> anyhow::Result<()> {
    let mut postgres = Postgres::new().await?;
    let url = before(&postgres.database().await?, first);
    let scratch = TempDir::with_prefix("portico-kill-hosts-")?;
    let mut server = server(binary, scratch.path(), url).await?;
    let took = server.start().await?.wall;
    ensure!(took < BACK + SEEN, "it was ready after {took:.1?}");
    say(&format!("   a first host {first} that hangs: ready after {took:.1?}"));
    server.stop().await
}

/// The URL with another host before its own.
fn before(url: &str, first: &str) -> String {
    url.replacen('@', &format!("@{first},"), 1)
}

async fn server(binary: &Path, home: &Path, url: String) -> anyhow::Result<Server> {
    std::fs::write(home.join("seed.json"), "{}")?;
    let setting = Setting { database: Some(url), ..Setting::default() };
    Server::init(binary, home, &home.join("data"), setting).await
}

/// The leader freezes under load, and the other host, which holds a copy, is the leader.
async fn leader_that_freezes(binary: &Path) -> anyhow::Result<()> {
    let (mut old, mut new) = (Postgres::new().await?, Postgres::new().await?);
    let (from, to) = (old.database().await?, new.database().await?);
    let scratch = TempDir::with_prefix("portico-kill-hosts-")?;
    let first = from.split('@').nth(1).and_then(|rest| rest.split('/').next()).context("no host")?;
    let mut server = server(binary, scratch.path(), before(&to, first)).await?;
    copy(&from, &to).await?;
    server.start().await?;
    let place = Place::new(&server, Ledger::new(&scratch.path().join("ledger.txt"))?);
    let load = load(&place);
    tokio::time::sleep(Duration::from_secs(1)).await;
    old.freeze().await?;
    let begun = Instant::now();
    let back = back(&place, begun).await;
    load.0.abort();
    old.thaw().await?;
    let back = back?;
    ensure!(back < BACK + SEEN, "changes were made again after {back:.1?}");
    say(&format!(
        "   the leader froze with {CALLERS} callers on it: changes are made again after {back:.1?}"
    ));
    server.stop().await
}

async fn copy(from: &str, to: &str) -> anyhow::Result<()> {
    let dump = Command::new("pg_dump").arg(from).output().await.context("pg_dump")?;
    ensure!(dump.status.success(), "pg_dump: {}", String::from_utf8_lossy(&dump.stderr));
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), dump.stdout)?;
    let done =
        Command::new("psql").arg(to).args(["-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(file.path()).output();
    let done = done.await.context("psql")?;
    ensure!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// Callers that go on asking, and are ended together.
struct Load(tokio::task::AbortHandle);

fn load(place: &Arc<Place>) -> Load {
    let place = place.clone();
    let all = tokio::spawn(async move {
        let mut callers = tokio::task::JoinSet::new();
        for number in 0..CALLERS {
            let actor = Actor::new(&place, StdRng::seed_from_u64(0), format!("192.0.4.{number}"));
            callers.spawn(async move {
                for at in 0.. {
                    let _ = group(&actor, &format!("load-{number}-{at}")).await;
                }
            });
        }
        callers.join_all().await;
    });
    Load(all.abort_handle())
}

async fn group(actor: &Actor, name: &str) -> anyhow::Result<StatusCode> {
    let ask = actor.place.directory("CreateGroup", json!({"DisplayName": name}));
    Ok(actor.look(ask).await?.status)
}

/// How long until a change is made that nobody has asked for before.
async fn back(place: &Arc<Place>, begun: Instant) -> anyhow::Result<Duration> {
    let mut asking = tokio::task::JoinSet::new();
    let mut number = 0;
    loop {
        number += 1;
        let actor = Actor::new(place, StdRng::seed_from_u64(0), "192.0.4.200".to_owned());
        asking.spawn(async move { group(&actor, &format!("back-{number}")).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        while let Some(answered) = asking.try_join_next() {
            if answered??.is_success() {
                return Ok(begun.elapsed());
            }
        }
        ensure!(begun.elapsed() < Duration::from_secs(30), "no change was made in 30 s");
    }
}
