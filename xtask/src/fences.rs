//! Every block between fences says what it is, so that the commands among them can be run by a test: in README.md and docs a block of `sh` is run by
//! `tests/docs/run.py`, on a page that says in what, or the page says why it is not. Knows nothing of what the blocks hold.

use std::path::Path;

use anyhow::Context as _;

/// What a block may be.
const TAGS: [&str; 11] =
    ["sh", "text", "ini", "toml", "yaml", "json", "hcl", "apache", "nginx", "sql", "mermaid"];
/// Pages for those who work on the code, beside README.md and those of `docs`.
const PAGES: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];

/// Lists the blocks that say nothing, and those of which nobody knows how to run them.
pub(crate) fn check(root: &Path, breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let mut pages: Vec<String> = PAGES.map(str::to_owned).into();
    for folder in ["docs", "docs/compat", "docs/decisions", "docs/security", "findings"] {
        let entries = std::fs::read_dir(root.join(folder)).with_context(|| folder.to_owned())?;
        let names = entries.filter_map(Result::ok).filter_map(|entry| entry.file_name().into_string().ok());
        pages.extend(
            names
                .filter(|name| Path::new(name).extension().is_some_and(|kind| kind == "md"))
                .map(|name| format!("{folder}/{name}")),
        );
    }
    pages.sort();
    for page in pages {
        let text = std::fs::read_to_string(root.join(&page)).with_context(|| page.clone())?;
        breaches.extend(faults(&text).into_iter().map(|(line, fault)| format!("{page}:{line}: {fault}")));
    }
    Ok(())
}

fn faults(text: &str) -> Vec<(usize, String)> {
    let is_tested = text.lines().any(|line| line.starts_with("<!-- tested: "));
    let (mut faults, mut is_open, mut said) = (Vec::new(), false, "");
    for (number, line) in text.lines().enumerate() {
        if let Some(tag) = line.strip_prefix("```") {
            if !is_open && !TAGS.contains(&tag) {
                faults
                    .push((number + 1, format!("the block is {tag:?}: one of {} is meant", TAGS.join(", "))));
            }
            if !is_open && tag == "sh" && !is_tested && !said.starts_with("<!-- not run: ") {
                faults.push((
                    number + 1,
                    "the commands are not run: say in what the page is `tested`, or why they are `not run`"
                        .to_owned(),
                ));
            }
            is_open = !is_open;
        }
        said = if line.is_empty() { said } else { line };
    }
    if is_open {
        faults.push((text.lines().count(), "a block does not end".to_owned()));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn a_block_says_what_it_is_and_commands_are_run() {
        assert!(faults("```text\nx\n```\n").is_empty());
        assert!(faults("<!-- tested: alone -->\n```sh\nx\n```\n").is_empty());
        assert!(faults("<!-- not run: it takes a day -->\n\n```sh\nx\n```\n").is_empty());
        for bad in [
            "```\nx\n```\n",
            "```sh\nx\n```\n",
            "```text\nx\n",
            "<!-- not run: a -->\nwords\n```sh\nx\n```\n",
        ] {
            assert_eq!(faults(bad).len(), 1, "{bad}");
        }
    }
}
