//! `cargo xtask compat`: the list of operations of each service in `docs/compat/`, and how many there are in the table of README.md, between two
//! marks each, so that nobody is misled about what is served. The prose around them is written by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::{extract, overlay};

const BEGIN: &str = "<!-- operations: written by `cargo xtask compat` -->";
const END: &str = "<!-- end of operations -->";
const COUNTS: &str = "<!-- counts: written by `cargo xtask compat` -->";
const COUNTS_END: &str = "<!-- end of counts -->";

/// Writes the lists, or with `check` fails when they would change.
pub(crate) fn run(root: &Path, check: bool) -> anyhow::Result<()> {
    let mut counts = BTreeMap::new();
    for (name, service) in overlay::read(root)? {
        let model = extract::model(root, &name, &service)?;
        let operations = model["operations"].as_object().context("no operations")?;
        let served = operations.keys().filter(|operation| service.resource_of(operation).is_some()).count();
        let count =
            if service.whole { format!("{served} of {}", operations.len()) } else { served.to_string() };
        counts.insert(name.clone(), count);
        let mut list =
            format!("{BEGIN}\n\n{served} of the {} operations listed here are served.\n\n", operations.len());
        list.push_str("| operation | served |\n| --- | --- |\n");
        for operation in operations.keys() {
            let answer = match service.resource_of(operation) {
                Some(_) => "yes",
                None => "no: `UnknownOperationException`",
            };
            writeln!(list, "| {operation} | {answer} |")?;
        }
        write!(list, "\n{END}")?;
        let path = root.join(format!("docs/compat/{name}.md"));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|_| format!("# {name}\n\n{BEGIN}{END}\n"));
        let [before, _, after] = parts(&page, BEGIN, END).with_context(|| path.display().to_string())?;
        let wanted = format!("{before}{list}{after}");
        if !path.exists() && check {
            bail!("{} is not there: run `cargo xtask compat`", path.display());
        }
        settle(&path, &page, &wanted, check)?;
    }
    let path = root.join("README.md");
    let page = std::fs::read_to_string(&path)?;
    settle(&path, &page, &counted(&page, counts)?, check)
}

/// Writes a page, or with `check` fails when it would change.
fn settle(path: &Path, page: &str, wanted: &str, check: bool) -> anyhow::Result<()> {
    if page == wanted {
        return Ok(());
    }
    if check {
        bail!("{} is not up to date: run `cargo xtask compat`", path.display());
    }
    Ok(std::fs::write(path, wanted)?)
}

/// What stands before, between and after two marks.
fn parts<'p>(page: &'p str, begin: &str, end: &str) -> anyhow::Result<[&'p str; 3]> {
    let (before, rest) = page.split_once(begin).with_context(|| format!("{begin} is missing"))?;
    let (between, after) = rest.split_once(end).with_context(|| format!("{end} is missing"))?;
    Ok([before, between, after])
}

/// The page with the second cell of each row between the marks set to the count of the service that the first cell begins with.
fn counted(page: &str, mut counts: BTreeMap<String, String>) -> anyhow::Result<String> {
    let [before, table, after] = parts(page, COUNTS, COUNTS_END).context("README.md")?;
    let mut out = String::new();
    for line in table.split_inclusive('\n') {
        let cells: Vec<&str> = line.splitn(4, '|').collect();
        let name = cells.get(1).and_then(|cell| cell.split_whitespace().next()).unwrap_or_default();
        match (counts.remove(name), cells.as_slice()) {
            (Some(count), [_, first, _, rest]) => write!(out, "|{first}| {count} |{rest}")?,
            _ => out.push_str(line),
        }
    }
    if let Some(name) = counts.keys().next() {
        bail!("README.md: the table between the marks of counts has no row that begins with {name}");
    }
    Ok(format!("{before}{COUNTS}{out}{COUNTS_END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_set_and_a_service_without_a_row_is_named() {
        let page = format!(
            "x\n{COUNTS}\n| service | operations | |\n|---|---|---|\n| iam (reads) | 5 | a |\n{COUNTS_END}\ny"
        );
        let counts = BTreeMap::from([("iam".to_owned(), "7 of 9".to_owned())]);
        assert_eq!(counted(&page, counts.clone()).unwrap(), page.replace("| 5 |", "| 7 of 9 |"));
        let more = counts.into_iter().chain([("sts".to_owned(), "3".to_owned())]).collect();
        assert!(counted(&page, more).unwrap_err().to_string().contains("begins with sts"));
        assert!(counted("no table", BTreeMap::new()).is_err());
    }
}
