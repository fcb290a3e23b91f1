//! Every claim names its proof: in a table of a page below that has a column `proof`, each row names at least one proof, every file named is there, and every test
//! named stands in the file named before it. Knows nothing of whether the proofs hold: they are run elsewhere.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::markdown::quoted;

/// The pages that make claims.
const PAGES: [&str; 3] = ["docs/promises.md", "SECURITY.md", "docs/security/asvs.md"];
/// Where files that prove something stand; a page names them by the end of their path.
const PLACES: [&str; 5] = ["crates", "tests", "xtask/src", "scripts", "fuzz"];
/// Folders that hold nothing of ours.
const FOREIGN: [&str; 3] = ["target", "node_modules", "generated"];

/// Lists the claims without a proof that can be found.
pub(crate) fn check(root: &Path, breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for place in PLACES {
        gather(&root.join(place), &mut files);
    }
    for page in PAGES {
        let text = std::fs::read_to_string(root.join(page)).with_context(|| page.to_owned())?;
        Page { root, page, files: &files, columns: None, last: None }.check(&text, breaches)?;
    }
    Ok(())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_file() {
            files.push(path);
        } else if !FOREIGN.contains(&name) {
            gather(&path, files);
        }
    }
}

/// A page while it is read from top to bottom.
struct Page<'a> {
    root: &'a Path,
    page: &'static str,
    files: &'a [PathBuf],
    /// The columns of the table at hand, if it has proofs.
    columns: Option<Columns>,
    /// The file named last: what is named without a file stands there, in the next row too ("same file").
    last: Option<PathBuf>,
}

/// Where a table of claims says what.
#[derive(Clone, Copy)]
struct Columns {
    place: Option<usize>,
    /// Of a page that also tells what is not so: only what is `met` needs a proof; anything else says why instead.
    state: Option<usize>,
    proof: usize,
}

impl Page<'_> {
    fn check(mut self, text: &str, breaches: &mut Vec<String>) -> anyhow::Result<()> {
        for (number, line) in text.lines().enumerate() {
            let Some(row) = line.strip_prefix('|') else {
                self.columns = None;
                continue;
            };
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let column = |name: &str| cells.iter().position(|cell| *cell == name);
            if let Some(proof) = column("proof") {
                self.columns = Some(Columns { place: column("where"), state: column("state"), proof });
                continue;
            }
            let Some(Columns { place, state, proof }) = self.columns else { continue };
            if row.starts_with("---") {
                continue;
            }
            let at = format!("{}:{}", self.page, number + 1);
            let proven = self.last.take();
            let places = place.and_then(|place| cells.get(place)).copied().unwrap_or_default();
            for word in quoted(places) {
                self.follow(&at, word, breaches)?;
            }
            self.last = proven;
            let words: Vec<&str> = quoted(cells.get(proof).copied().unwrap_or_default()).collect();
            let state = state.and_then(|state| cells.get(state));
            let told = cells.get(proof).is_some_and(|cell| !cell.is_empty());
            let claimed = state.is_none_or(|state| *state == "met");
            if (claimed && words.is_empty()) || !told {
                breaches.push(format!("{at}: the claim names no proof"));
            }
            for word in words {
                self.follow(&at, word, breaches)?;
            }
        }
        Ok(())
    }

    /// Finds the file, or the test in the file named before.
    fn follow(&mut self, at: &str, word: &str, breaches: &mut Vec<String>) -> anyhow::Result<()> {
        if is_file(word) {
            match self.find(word).as_slice() {
                [found] => self.last = Some(found.clone()),
                [] => breaches.push(format!("{at}: {word} is not there")),
                several => breaches.push(format!("{at}: {word} names {} files: say which", several.len())),
            }
        } else if is_test(word) {
            let Some(file) = &self.last else {
                breaches.push(format!("{at}: {word} is named before any file"));
                return Ok(());
            };
            let text = std::fs::read_to_string(file)?;
            if !text.contains(word) {
                let shown = file.strip_prefix(self.root).unwrap_or(file).display();
                breaches.push(format!("{at}: {word} is not in {shown}"));
            }
        }
        Ok(())
    }

    /// The file of this name next to the last one, or else from the root, or else those whose paths end so.
    fn find(&self, name: &str) -> Vec<PathBuf> {
        let neighbour = self.last.as_ref().and_then(|last| last.parent()).map(|folder| folder.join(name));
        let near = [neighbour, Some(self.root.join(name))].into_iter().flatten().find(|file| file.is_file());
        near.map_or_else(
            || self.files.iter().filter(|file| file.ends_with(name)).cloned().collect(),
            |file| vec![file],
        )
    }
}

/// `tests/it/users.rs`, `suite.py`.
fn is_file(word: &str) -> bool {
    let ends = [".rs", ".py", ".mjs", ".txt", ".json", ".toml", ".md"];
    !word.contains(' ') && ends.iter().any(|end| word.ends_with(end))
}

/// `a_session_ends_on_its_second`: lower case with at least two underscores, as only names of tests have them.
fn is_test(word: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    word.chars().all(plain) && word.matches('_').count() >= 2
}
