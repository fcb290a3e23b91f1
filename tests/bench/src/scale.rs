//! What SCIM costs on the large store beside the small one: people from all over it are taken over by a tenant, looked for, sent again, listed.

use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::company;
use crate::http::Connection;
use crate::load::{self, Measured};
use crate::report::{Aim, count, count_of, say};
use crate::scim::{Does, PAGE, Target};
use crate::world::World;

/// Connections of the load.
const CONNECTIONS: usize = 8;
/// People who are taken over, spread over the whole store.
const PEOPLE: usize = 1_000;
/// People whom one call takes over.
const AT_ONCE: usize = 100;
/// Members of the group that people join and leave.
const MEMBERS: usize = 10;
/// How many times what a request costs the server on the small store it may cost on the large one.
const DEARER_MAX: f64 = 1.3;

/// A store and what is asked of it.
struct Asked {
    asked: Vec<(&'static str, Rc<Target>, Does)>,
    people: String,
}

/// Asks the same of both stores, in both orders: the table and the aims.
pub(crate) async fn measure(worlds: [&Rc<World>; 2], period: Duration) -> anyhow::Result<(String, Vec<Aim>)> {
    let [small, large] = [asked(worlds[0]).await?, asked(worlds[1]).await?];
    let mut found: Vec<[Measured; 2]> = Vec::new();
    for _ in &small.asked {
        found.push([Measured::nothing()?, Measured::nothing()?]);
    }
    for order in [[0, 1], [1, 0]] {
        for (at, sums) in found.iter_mut().enumerate() {
            for store in order {
                let of = if store == 0 { &small } else { &large };
                let (name, target, does) = of.asked.get(at).context("the same of both")?;
                let steps = target.steps(does, CONNECTIONS);
                let more =
                    load::run(target.process(), steps, period).await.with_context(|| (*name).to_owned())?;
                say(&format!(
                    "{name} on {}: {}/s, {} µs of CPU",
                    of.people,
                    count(more.per_second()),
                    count(more.cpu_micros())
                ));
                if let Some(sum) = sums.get_mut(store) {
                    *sum = more.and(sum)?;
                }
            }
        }
    }
    let mut table = format!(
        "| SCIM, {CONNECTIONS} connections | on {}, a second | on {} | p50 µs | p99 µs | CPU µs | on {}, p50 µs | p99 µs | CPU µs | times dearer |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        small.people, large.people, large.people
    )
    .replacen("| p50 µs | p99 µs | CPU µs | on", &format!("| on {}, p50 µs | p99 µs | CPU µs | on", small.people), 1);
    let mut aims = Vec::new();
    for ((name, ..), [on_small, on_large]) in small.asked.iter().zip(&found) {
        let dearer = on_large.cpu_micros() / on_small.cpu_micros();
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {dearer:.2} |",
            count(on_small.per_second()),
            count(on_large.per_second()),
            figures(on_small),
            figures(on_large)
        );
        let what = format!("SCIM, {name}, CPU on {} people of that on {}", large.people, small.people);
        aims.push(Aim::at_most(what, DEARER_MAX, dearer));
    }
    Ok((table, aims))
}

fn figures(of: &Measured) -> String {
    format!(
        "{} | {} | {}",
        count_of(of.percentile(50.0)),
        count_of(of.percentile(99.0)),
        count(of.cpu_micros())
    )
}

async fn asked(world: &Rc<World>) -> anyhow::Result<Asked> {
    let (target, tenant) = Target::ours("Portico", world).await?;
    let (maker, _) = Target::ours("Portico", world).await?;
    let people = world.company.people();
    say(&format!("a tenant takes over {PEOPLE} of {} people", count_of(people as u64)));
    let ids: Vec<String> =
        (0..PEOPLE.min(people)).map(|at| company::user_id(at * (people / PEOPLE).max(1))).collect();
    let mut connection = Connection::new(world.process.address);
    for some in ids.chunks(AT_ONCE) {
        let body = json!({"IdentityStoreId": world.identity_store, "TenantId": tenant, "UserIds": some});
        let taken = world.ask(&mut connection, "portico", "Portico.TakeOwnership", &body).await?;
        if taken["Failures"].as_array().is_none_or(|failures| !failures.is_empty()) {
            bail!("not all were taken over: {taken}");
        }
    }
    target.adopt(&ids).await?;
    let members: Vec<_> = target.people.borrow().iter().take(MEMBERS).cloned().collect();
    let group = target.group_of("bench-ten", &members).await?;
    let total = target.total().await?;
    let last_by_cursor = target.last_page_by_cursor(total).await?;
    let asked = vec![
        ("userName eq", target.clone(), Does::Find),
        ("somebody sent again as they are", target.clone(), Does::Sync),
        ("PATCH of one member of a group of 10", target.clone(), Does::Member(group.into())),
        ("first page of 100 by number", target.clone(), Target::page_at(1)),
        ("last page of 100 by number", target.clone(), Target::page_at(total - PAGE + 1)),
        ("first page of 100 by cursor", target.clone(), Target::first_page_by_cursor()),
        ("last page of 100 by cursor", target, last_by_cursor),
        ("a new person", maker, Does::Person),
    ];
    Ok(Asked { asked, people: count_of(people as u64) })
}
