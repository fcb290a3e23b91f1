//! Puts the last tables into `docs/benchmarks.md`, between two lines that mark their place. What stands around them people write.

use std::path::Path;

use anyhow::Context as _;

const BEGIN: &str = "<!-- tables of the last `cargo xtask bench` -->";
const END: &str = "<!-- end of the tables -->";

/// Replaces what stands between the marks.
pub(crate) fn put(root: &Path, tables: &str) -> anyhow::Result<()> {
    let path = root.join("docs/benchmarks.md");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let with = replaced(&text, tables).with_context(|| format!("{} lacks its marks", path.display()))?;
    std::fs::write(&path, with)?;
    Ok(())
}

fn replaced(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let text = format!("head\n{BEGIN}\nold\n{END}\ntail\n");
        assert_eq!(replaced(&text, "new\n").unwrap(), format!("head\n{BEGIN}\n\nnew\n\n{END}\ntail\n"));
        assert!(replaced("head", "new").is_none());
    }
}
