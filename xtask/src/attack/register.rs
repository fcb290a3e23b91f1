//! The register of attacks, `tests/attack/register.md`, read as data: what is attacked, by which standard it is known, and which tests
//! perform it. Knows nothing of how tests are run.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::markdown::quoted;
use crate::tidy;

/// Where the register is.
pub(crate) const FILE: &str = "tests/attack/register.md";

/// A test that performs an attack: written `` `suite: test` ``.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Proof {
    /// A crate, or the file of a program's tests.
    pub(crate) suite: String,
    /// The test's name there; of a test on both engines, without the engine.
    pub(crate) test: String,
}

/// A row of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attack {
    /// The heading that it stands under.
    pub(crate) chapter: String,
    /// What the attacker tries.
    pub(crate) name: String,
    /// The standard that names the attack, with its section.
    pub(crate) standard: String,
    /// The tests that perform it.
    pub(crate) proofs: Vec<Proof>,
}

/// Reads the register below `root`.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<Attack>> {
    let text = std::fs::read_to_string(root.join(FILE)).context(FILE)?;
    parse(&text).context(FILE)
}

/// Lists the proofs that no file of their suite holds. A look at the text alone, so that a test which was given another name is missed at once, and
/// not only where attacks are performed. Names in Chromium are put together as it runs, so those are looked for there.
pub(crate) fn check(root: &Path, breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for proof in read(root)?.into_iter().flat_map(|attack| attack.proofs) {
        let ending = proof.suite.rsplit_once('.').map(|(_, ending)| ending);
        let is_program = ending == Some("py");
        if ending == Some("mjs") || proof.suite == "fuzz" {
            continue;
        }
        if !texts.contains_key(&proof.suite) {
            let text = if is_program {
                std::fs::read_to_string(root.join("tests/attack").join(&proof.suite))
                    .with_context(|| proof.suite.clone())?
            } else {
                text_of(&root.join("crates").join(&proof.suite))?
            };
            texts.insert(proof.suite.clone(), text);
        }
        let name = proof.test.rsplit("::").next().unwrap_or_default();
        if !texts.get(&proof.suite).is_some_and(|text| text.contains(name)) {
            breaches.push(format!("{FILE}: {}: {} is not there", proof.suite, proof.test));
        }
    }
    Ok(())
}

fn text_of(folder: &Path) -> anyhow::Result<String> {
    let files = tidy::rust_files(folder).with_context(|| folder.display().to_string())?;
    files.iter().map(|file| Ok(std::fs::read_to_string(file)?)).collect()
}

fn parse(text: &str) -> anyhow::Result<Vec<Attack>> {
    let mut attacks: Vec<Attack> = Vec::new();
    let mut chapter = "";
    for (at, line) in text.lines().enumerate() {
        let here = || format!("line {}", at + 1);
        if let Some(heading) = line.strip_prefix("## ") {
            chapter = heading;
        }
        let Some(row) = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")) else { continue };
        let cells: Vec<&str> = row.split(" | ").map(str::trim).collect();
        let &[name, standard, tests] = cells.as_slice() else {
            bail!("{}: a row has three cells: attack, standard, proof", here());
        };
        if name == "attack" || name == "---" {
            continue;
        }
        let proofs = proofs(tests).with_context(here)?;
        if chapter.is_empty() || standard.is_empty() || proofs.is_empty() {
            bail!("{}: an attack needs a chapter, a standard and a proof", here());
        }
        if attacks.iter().any(|attack| attack.name == name) {
            bail!("{}: {name:?} stands there twice", here());
        }
        attacks.push(Attack {
            chapter: chapter.to_owned(),
            name: name.to_owned(),
            standard: standard.to_owned(),
            proofs,
        });
    }
    Ok(attacks)
}

/// What stands between back ticks, each `suite: test`.
fn proofs(cell: &str) -> anyhow::Result<Vec<Proof>> {
    let proof = |word: &str| {
        let (suite, test) =
            word.split_once(": ").with_context(|| format!("`{word}` is not `suite: test`"))?;
        Ok(Proof { suite: suite.to_owned(), test: test.to_owned() })
    };
    quoted(cell).map(proof).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn rows_are_read_under_their_heading_and_incomplete_ones_refused() {
        let head = "## Tokens\n\n| attack | standard | proof |\n| --- | --- | --- |\n";
        let read = parse(&format!("{head}| Replay | RFC 9700 §4.5 | `signin: a::b`, `oauth.py: c` |\n"));
        let read = read.unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].chapter, "Tokens");
        let shown: Vec<_> = read[0].proofs.iter().map(|proof| (&*proof.suite, &*proof.test)).collect();
        assert_eq!(shown, [("signin", "a::b"), ("oauth.py", "c")]);
        for bad in ["| Replay | RFC | |", "| Replay | `a: b` |", "| Replay | RFC | `ab` |"] {
            assert!(parse(&format!("{head}{bad}\n")).is_err(), "{bad}");
        }
        let row = "| Replay | RFC | `a: b` |\n";
        assert!(parse(&format!("{head}{row}{row}")).is_err());
    }
}
