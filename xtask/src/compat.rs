//! `cargo xtask compat`: the list of operations of each service in `docs/compat/`, between two marks, so that nobody is misled about what
//! is served. The prose around the list is written by hand.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::overlay;

const BEGIN: &str = "<!-- operations: written by `cargo xtask compat` -->";
const END: &str = "<!-- end of operations -->";

/// Writes the lists, or with `check` fails when they would change.
pub(crate) fn run(root: &Path, check: bool) -> anyhow::Result<()> {
    for (name, service) in overlay::read(root)? {
        let model = overlay::model(root, &name)?;
        let operations = model["operations"].as_object().context("no operations")?;
        let served = operations.keys().filter(|operation| service.resource_of(operation).is_some()).count();
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
        let (before, rest) =
            page.split_once(BEGIN).with_context(|| format!("{} lacks {BEGIN}", path.display()))?;
        let (_, after) = rest.split_once(END).with_context(|| format!("{} lacks {END}", path.display()))?;
        let wanted = format!("{before}{list}{after}");
        if check {
            if page != wanted || !path.exists() {
                bail!("{} is not up to date: run `cargo xtask compat`", path.display());
            }
        } else {
            std::fs::create_dir_all(root.join("docs/compat"))?;
            std::fs::write(&path, wanted)?;
        }
    }
    Ok(())
}
