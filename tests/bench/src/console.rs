//! The console's lists on the large store, each from its first page to its last, as an administrator turns them: how long each page takes, and the last
//! pages beside the first.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hdrhistogram::Histogram;
use serde_json::json;

use crate::assignments::give;
use crate::company;
use crate::ends::{Ends, PAGES, SLOWER_MAX};
use crate::http::Connection;
use crate::pages::user_with_password;
use crate::report::{Aim, count, count_of, say};
use crate::world::World;

const ROLE: &str = "BenchAdministrator";
const PASSWORD: &str = "eleven quiet mornings in May";
/// Microseconds for 99 of 100 pages at most.
const PAGE_MAX: f64 = 50_000.0;
/// A list that has not ended then goes round.
const PAGES_MAX: usize = 30_000;

/// Turns every page of every list.
pub(crate) async fn measure(world: &World) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut connection = Connection::new(world.process.address);
    let cookie = administrator(&mut connection, world).await?;
    let account = company::account_id(world.company.accounts() / 2);
    let lists = [
        ("people by user name", "/console/people".to_owned()),
        ("people by display name", "/console/people?sort=display-name".to_owned()),
        ("people found by a word", "/console/people?q=person-00".to_owned()),
        ("groups", "/console/groups".to_owned()),
        ("accounts found by a word", "/console/accounts?q=account".to_owned()),
        ("permission sets", "/console/permission-sets".to_owned()),
        ("assignments of an account", format!("/console/assignments?account={account}")),
        ("who reaches an account", format!("/console/access?account={account}")),
        ("trail", "/console/trail".to_owned()),
    ];
    let mut table = "| lists of the console, at 1 connection | pages | p50 µs | p99 µs | slowest µs | µs a page, the first | the last |\n|---|--:|--:|--:|--:|--:|--:|\n".to_owned();
    let mut aims = Vec::new();
    for (name, path) in lists {
        say(&format!("every page of {name}"));
        let turned =
            Turned::of(&mut connection, world, (&cookie, path)).await.with_context(|| name.to_owned())?;
        let ends = Ends::of(&turned.pages);
        let end = |of: fn(Ends) -> f64| ends.map_or_else(|| "–".to_owned(), |ends| count(of(ends)));
        let at = |percent: f64| count_of(turned.latency.value_at_percentile(percent));
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            count_of(turned.pages.len() as u64),
            at(50.0),
            at(99.0),
            at(100.0),
            end(|ends| ends.first),
            end(|ends| ends.last)
        );
        #[expect(clippy::cast_precision_loss, reason = "microseconds of a page")]
        let slow = turned.latency.value_at_percentile(99.0) as f64;
        aims.push(Aim::at_most(format!("console, {name}, p99 µs of all pages"), PAGE_MAX, slow));
        if let Some(Ends { pages, first, last }) = ends.filter(|_| turned.pages.len() >= 2 * PAGES) {
            let what = format!("console, {name}, times slower on the last {pages} pages");
            aims.push(Aim::at_most(what, SLOWER_MAX, last / first));
        }
    }
    Ok((table, aims))
}

/// Somebody who may do everything, signed in: the cookie.
async fn administrator(connection: &mut Connection, world: &World) -> anyhow::Result<String> {
    let name = "console-administrator";
    let user = user_with_password(connection, world, (name, PASSWORD)).await?;
    let set = json!({"InstanceArn": world.instance_arn, "Name": ROLE});
    let set = world.ask(connection, "sso", "SWBExternalService.CreatePermissionSet", &set).await?;
    let set = set["PermissionSet"]["PermissionSetArn"].as_str().context("a permission set")?;
    let everything =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let policy = json!({"InstanceArn": world.instance_arn, "PermissionSetArn": set, "InlinePolicy": everything.to_string()});
    world.ask(connection, "sso", "SWBExternalService.PutInlinePolicyToPermissionSet", &policy).await?;
    let row = json!({
        "TargetId": world.management_account, "PermissionSetArn": set, "PrincipalType": "USER", "PrincipalId": user,
    });
    give(connection, world, &[row]).await?;
    world.cookie_of(name, PASSWORD).await
}

/// The pages of a list, in order.
struct Turned {
    latency: Histogram<u64>,
    pages: Vec<Duration>,
}

impl Turned {
    async fn of(
        connection: &mut Connection,
        world: &World,
        (cookie, path): (&str, String),
    ) -> anyhow::Result<Self> {
        let mut turned = Self { latency: Histogram::new(3)?, pages: Vec::new() };
        let mut next = Some(path);
        while let Some(path) = next {
            let request = world.get(&path, cookie);
            let begun = Instant::now();
            let page = connection.call(&request).await?.expect(200)?;
            let took = begun.elapsed();
            turned.latency.record(u64::try_from(took.as_micros())?)?;
            turned.pages.push(took);
            next = next_page(&page.text())?;
            if turned.pages.len() > PAGES_MAX {
                bail!("more than {PAGES_MAX} pages");
            }
        }
        Ok(turned)
    }
}

/// Where the link to the next page leads: the last one of those below the list, with a token.
fn next_page(page: &str) -> anyhow::Result<Option<String>> {
    if !page.contains("</html>") {
        bail!("a page that has no end");
    }
    let Some((_, links)) = page.split_once("<nav class=\"pages\"") else { return Ok(None) };
    let (links, _) = links.split_once("</nav>").context("no end of the links to pages")?;
    let last = links.rsplit_once("href=\"").and_then(|(_, rest)| rest.split('"').next());
    Ok(last
        .filter(|path| path.contains("token="))
        .map(|path| path.replace("&amp;", "&").replace("&#38;", "&")))
}
