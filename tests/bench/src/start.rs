//! How soon a server answers: from starting the program to the first answer to a signed request, after an orderly stop and after SIGKILL.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use crate::company;
use crate::http::Connection;
use crate::process::Process;
use crate::report::Aim;
use crate::stores::Places;
use crate::world::{World, serve};

/// Starts of each kind; the slowest counts.
const STARTS: usize = 5;
/// The aim.
const START_MAX: Duration = Duration::from_millis(60);

/// How the server before ended.
#[derive(Debug, Clone, Copy)]
enum Ended {
    InOrder,
    Killed,
}

/// Starts the world's server again and again, leaves it stopped, and says how long the slowest start of each kind took.
pub(crate) async fn measure(places: &Places, mut world: World, people: &str) -> anyhow::Result<Vec<Aim>> {
    let mut aims = Vec::new();
    for (ended, how) in [(Ended::InOrder, "an orderly stop"), (Ended::Killed, "SIGKILL after 200 changes")] {
        let mut slowest = Duration::ZERO;
        for _ in 0..STARTS {
            match ended {
                Ended::InOrder => world.process.stop().await?,
                Ended::Killed => kill_while_writing(&mut world).await?,
            }
            slowest = slowest.max(first_answer(places, &mut world).await?);
        }
        aims.push(Aim {
            what: format!("start on {people} people after {how}, to the first answer (slowest of {STARTS})"),
            wanted: format!("below {} ms", START_MAX.as_millis()),
            found: format!("{} ms", slowest.as_millis()),
            met: slowest < START_MAX,
        });
    }
    Ok(aims)
}

/// Leaves a log that the next start must read: users are made until the moment of the kill.
async fn kill_while_writing(world: &mut World) -> anyhow::Result<()> {
    let mut connection = Connection::new(world.process.address);
    for _ in 0..200 {
        crate::rows::create_user(&mut connection, world).await?;
    }
    world.process.kill()
}

async fn first_answer(places: &Places, world: &mut World) -> anyhow::Result<Duration> {
    let body = json!({"IdentityStoreId": world.identity_store, "UserId": company::user_id(1)}).to_string();
    let request = world.key.call("identitystore", "AWSIdentityStore.DescribeUser", &body);
    let begun = Instant::now();
    let process: Process = serve(places, &world.store.data, world.process.address, &[])?;
    world.process = process;
    loop {
        if let Ok(answer) = Connection::new(world.process.address).call(&request).await {
            answer.expect(200).context("the first answer")?;
            return Ok(begun.elapsed());
        }
        world.process.require_running(begun)?;
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}
