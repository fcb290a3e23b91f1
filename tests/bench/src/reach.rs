//! Who reaches an account that a hundred thousand people reach, page by page to the end: the first pages beside the last, and the server's memory.

use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::assignments::assign_groups;
use crate::company::{self, MEMBERS};
use crate::ends::{Ends, SLOWER_MAX};
use crate::http::Connection;
use crate::report::{Aim, count_of, mebibytes, say};
use crate::world::World;

/// Rows of a page.
const ROWS: usize = 100;
/// How much more memory of its own the server may hold at the end.
const GROWTH_MAX: u64 = 4 * 1_048_576;

/// Has so many groups reach one account, and lists who does.
pub(crate) async fn measure(world: &World, groups: usize) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut connection = Connection::new(world.process.address);
    say(&format!("{} groups get a permission set in one account", count_of(groups as u64)));
    let account = world.company.accounts() - 1;
    assign_groups(&mut connection, world, account, groups).await?;
    say("listing who reaches it");
    let before = world.process.memory()?.anonymous;
    let (mut pages, mut token, mut rows) = (Vec::new(), None::<String>, 0);
    let mut last = String::new();
    loop {
        let mut body = json!({"InstanceArn": world.instance_arn, "AccountId": company::account_id(account), "MaxResults": ROWS});
        if let Some(token) = &token {
            body["NextToken"] = token.as_str().into();
        }
        let request = world.key.call("portico", "Portico.ListEffectiveAccess", &body.to_string());
        let begun = Instant::now();
        let answer = connection.call(&request).await?.expect(200)?.json()?;
        pages.push(begun.elapsed());
        let listed = answer["EffectiveAccess"].as_array().context("rows")?;
        rows += listed.len();
        // By permission set and person, each once: a list that went round would not end.
        let place = |row: &Value| format!("{} {}", row["PermissionSetArn"], row["UserId"]);
        if listed.first().map(place).is_some_and(|first| first <= last) {
            bail!("a page that begins before the end of the one before");
        }
        last = listed.last().map(place).unwrap_or(last);
        token = answer["NextToken"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    let after = world.process.memory()?.anonymous;
    if rows < groups * MEMBERS {
        bail!("{rows} rows of at least {}", groups * MEMBERS);
    }
    let Ends { pages: ends, first, last: latest } =
        Ends::of(&pages).context("too few pages to hold against each other")?;
    let table = format!(
        "| who reaches one account | rows | pages | µs a page, the first {ends} | the last {ends} | memory of its own, before | after |\n|---|--:|--:|--:|--:|--:|--:|\n| ListEffectiveAccess by AccountId | {} | {} | {first:.0} | {latest:.0} | {} MiB | {} MiB |\n",
        count_of(rows as u64),
        count_of(pages.len() as u64),
        mebibytes(before),
        mebibytes(after)
    );
    let what = |what: &str| {
        format!("ListEffectiveAccess of an account that {} reach, {what}", count_of(rows as u64))
    };
    let slower = Aim::at_most(what("times slower on the last pages"), SLOWER_MAX, latest / first);
    let growth = after.saturating_sub(before);
    let growth = Aim {
        what: what("memory that it leaves behind"),
        wanted: format!("at most {} MiB", mebibytes(GROWTH_MAX)),
        found: format!("{} MiB", mebibytes(growth)),
        met: growth <= GROWTH_MAX,
    };
    Ok((table, vec![slower, growth]))
}
