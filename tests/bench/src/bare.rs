//! What PostgreSQL itself gives for the queries of a call: a bare `tokio-postgres` loop with as many connections, each of which asks, waits
//! for the answer and asks the next, in this process. No HTTP, no signature, no decision, no record of a read. The texts are those of
//! `crates/store`, in the order in which a call needs them, without whatever spares Portico a round trip.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, Statement};

use crate::company::{self, MEMBERS};
use crate::load::{Measured, stay_awake};
use crate::rows::Row;
use crate::world::World;

const KEY: &str =
    "SELECT k.account_id, k.sealed_secret FROM access_keys k JOIN accounts a ON a.account_id = k.account_id
    WHERE k.access_key_id = $1 AND k.active = 1 AND a.state = 'ACTIVE'";
const INSTANCE: &str =
    "SELECT instance_id, owner_account_id, identity_store_id, name, region, created_at FROM instances
    WHERE identity_store_id = $1";
const USER: &str = "SELECT u.user_id, u.identity_store_id, u.user_name, u.display_name, u.profile, u.status, u.revision, u.created_at,
    u.created_by, u.updated_at, u.updated_by, e.issuer, e.external_id FROM users u LEFT JOIN external_ids e ON e.resource_id = u.user_id
    WHERE u.identity_store_id = $1 AND u.user_id = $2 ORDER BY e.issuer, e.external_id";
const USER_ID: &str = "SELECT user_id FROM users WHERE identity_store_id = $1 AND user_name_key = $2";
const GROUP: &str = "SELECT group_id FROM groups WHERE identity_store_id = $1 AND group_id = $2";
const MEMBERSHIPS: &str =
    "SELECT membership_id, identity_store_id, group_id, user_id, created_at, created_by FROM memberships
    WHERE group_id = $1 AND user_id > '' ORDER BY user_id LIMIT 101";
const NEW_USER: &str = "INSERT INTO users (user_id, identity_store_id, user_name, user_name_key, display_name, email_key, profile, status,
    revision, created_at, created_by, updated_at, updated_by) VALUES ($1, $2, $3, $3, $3, $4, $5, 'ENABLED', 1, 0, '', 0, '')";

/// A table of our own for what stands for a record.
const RECORDS: &str =
    "CREATE TABLE IF NOT EXISTS bare_records (event_id TEXT PRIMARY KEY, record TEXT NOT NULL)";
const RECORD: &str = "INSERT INTO bare_records (event_id, record) VALUES ($1, $2)";
/// Bytes of a record.
const RECORD_BYTES: usize = 1_200;

/// The rows that there is a loop for.
pub(crate) const ROWS: [Row; 4] =
    [Row::DescribeUser, Row::GetUserId, Row::ListGroupMemberships, Row::CreateUser];

/// A connection with its statements prepared.
struct Loop {
    client: Client,
    world: Rc<World>,
    row: Row,
    statements: Vec<Statement>,
}

/// How often `connections` loops do what the row's call asks of the database within `period`.
pub(crate) async fn run(
    world: &Rc<World>,
    row: Row,
    connections: usize,
    period: Duration,
) -> anyhow::Result<Measured> {
    let url = world.database.as_deref().context("a world on PostgreSQL")?;
    let mut loops = Vec::new();
    for _ in 0..connections {
        loops.push(Loop::open(url, world, row).await?);
    }
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for each in loops {
        running.spawn_local(each.repeat(begun + period));
    }
    let awake = tokio::task::spawn_local(stay_awake());
    let mut all = Measured::nothing()?;
    while let Some(done) = running.join_next().await {
        all.add(&done.context("a loop's task")??)?;
    }
    awake.abort();
    all.seconds = begun.elapsed().as_secs_f64();
    Ok(all)
}

impl Loop {
    async fn open(url: &str, world: &Rc<World>, row: Row) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::task::spawn_local(connection);
        client.batch_execute("SET enable_seqscan = off; SET jit = off").await?;
        let texts: &[&str] = match row {
            Row::DescribeUser => &[KEY, INSTANCE, USER],
            Row::GetUserId => &[KEY, INSTANCE, USER_ID],
            Row::ListGroupMemberships => &[KEY, INSTANCE, GROUP, MEMBERSHIPS],
            Row::CreateUser => {
                client.batch_execute(RECORDS).await?;
                &[KEY, INSTANCE, NEW_USER, RECORD]
            }
            _ => bail!("no loop for {}", row.name()),
        };
        let mut statements = Vec::new();
        for text in texts {
            statements.push(client.prepare(text).await?);
        }
        Ok(Self { client, world: world.clone(), row, statements })
    }

    async fn repeat(self, end: Instant) -> anyhow::Result<Histogram<u64>> {
        let mut latency = Histogram::new(3)?;
        let mut now = Instant::now();
        while now < end {
            self.once().await.with_context(|| format!("the bare loop of {}", self.row.name()))?;
            let then = now;
            now = Instant::now();
            latency.record(u64::try_from((now - then).as_micros()).unwrap_or(u64::MAX))?;
        }
        Ok(latency)
    }

    async fn once(&self) -> anyhow::Result<()> {
        let number = self.world.next_number();
        let (client, store, company) = (&self.client, &self.world.identity_store, &self.world.company);
        let statement = |at: usize| self.statements.get(at).context("a statement");
        client.query_one(statement(0)?, &[&self.world.key.id]).await?;
        client.query_one(statement(1)?, &[store]).await?;
        // 7,919 is prime: the order hops about instead of walking from page to page.
        let person = number * 7_919 % company.people();
        match self.row {
            Row::DescribeUser => {
                client.query_one(statement(2)?, &[store, &company::user_id(person)]).await?;
            }
            Row::GetUserId => {
                client.query_one(statement(2)?, &[store, &company::user_name(person)]).await?;
            }
            Row::ListGroupMemberships => {
                let group = company::group_id(number * 7_919 % company.groups());
                client.query_one(statement(2)?, &[store, &group]).await?;
                let rows = client.query(statement(3)?, &[&group]).await?;
                if rows.len() != MEMBERS {
                    bail!("{} memberships", rows.len());
                }
            }
            _ => self.create_user(number).await?,
        }
        Ok(())
    }

    /// One transaction with a person and a record of it.
    async fn create_user(&self, number: usize) -> anyhow::Result<()> {
        let id = format!("00000000-0000-7000-8000-{number:012}");
        let (name, email) = (format!("bare-{number:09}"), format!("bare-{number:09}@example.com"));
        let profile = format!(
            r#"{{"name":{{"givenName":"New","familyName":"Number {number}"}},"emails":[{{"value":"{email}","type":"work","primary":true}}]}}"#
        );
        let (user, record) = (self.statements.get(2), self.statements.get(3));
        let (user, record) = user.zip(record).context("two statements")?;
        self.client.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await?;
        self.client.execute(user, &[&id, &self.world.identity_store, &name, &email, &profile]).await?;
        self.client.execute(record, &[&id, &"x".repeat(RECORD_BYTES)]).await?;
        self.client.batch_execute("COMMIT").await?;
        Ok(())
    }
}
