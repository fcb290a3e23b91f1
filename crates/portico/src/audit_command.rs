//! `portico audit verify`: shows that no piece of the audit trail was altered or lost. Reads only.

use std::fmt::Write as _;

use anyhow::bail;
use audit::verify::Verified;

use crate::cli::Verify;
use crate::readable::readable;
use crate::serve;
use crate::settings::{self, File};

/// Runs `portico audit verify`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) async fn verify(asked: &Verify) -> anyhow::Result<()> {
    let file = File::read(&asked.place)?;
    let location = settings::location(&asked.place, &file)?;
    let (store, _) = serve::open(&asked.place.data_dir, &location, 1)?;
    let wanted = asked.holds.clone();
    let reading = store.clone();
    let read = move || {
        let holds: Vec<&str> = wanted.iter().map(String::as_str).collect();
        audit::verify::verify(&reading, &holds)
    };
    let found = tokio::task::spawn_blocking(read).await?;
    store.close();
    let found = found.map_err(|fault| readable(&fault))?;
    let mut wrong: Vec<&str> = Vec::new();
    for chain in &found {
        println!("{}", summary(chain));
        wrong.extend(chain.wrong.iter().map(String::as_str));
    }
    let absent = asked.holds.iter().filter(|digest| !found.iter().any(|chain| chain.held.contains(digest)));
    let absent: Vec<String> = absent.map(|digest| format!("no piece has the digest {digest}")).collect();
    wrong.extend(absent.iter().map(String::as_str));
    if wrong.is_empty() {
        println!("Nothing was altered, and nothing is lost.");
        return Ok(());
    }
    for what in &wrong {
        println!("{what}");
    }
    bail!("the audit trail is not what was written: {} things are wrong", wrong.len())
}

fn summary(chain: &Verified) -> String {
    let mut text = format!("{}: {} records in {} pieces", chain.kind.as_str(), chain.records, chain.pieces);
    if chain.gone > 0 {
        let _ = write!(text, ", behind {} pieces whose time was over", chain.gone);
    }
    if chain.unfinished > 0 {
        let _ = write!(text, ", and {} bytes that were not written to their end", chain.unfinished);
    }
    if !chain.digest.is_empty() {
        let _ = write!(text, "; the last digest is {}", chain.digest);
    }
    text
}
