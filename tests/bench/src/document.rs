//! Puts the last tables into `docs/benchmarks.md`, between two lines that mark their place. What stands around them people write.

use std::path::Path;

use anyhow::Context as _;

/// The marks around the tables of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    begin: &'static str,
    end: &'static str,
}

/// Of the whole.
pub(crate) const WHOLE: Marks =
    Marks { begin: "<!-- tables of the last `cargo xtask bench` -->", end: "<!-- end of the tables -->" };
/// Of SCIM and SAML alone.
pub(crate) const SOURCES: Marks = Marks {
    begin: "<!-- tables of the last `cargo xtask bench --sources` -->",
    end: "<!-- end of the tables of sources -->",
};
/// Of applications alone.
pub(crate) const APPLICATIONS: Marks = Marks {
    begin: "<!-- tables of the last `cargo xtask bench --applications` -->",
    end: "<!-- end of the tables of applications -->",
};

/// Replaces what stands between the marks.
pub(crate) fn put(root: &Path, marks: Marks, tables: &str) -> anyhow::Result<()> {
    let path = root.join("docs/benchmarks.md");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let with =
        replaced(&text, marks, tables).with_context(|| format!("{} lacks its marks", path.display()))?;
    std::fs::write(&path, with)?;
    Ok(())
}

fn replaced(text: &str, Marks { begin, end }: Marks, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", tables.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let with = |marks: Marks, tables: &str| format!("{}\n{tables}\n{}", marks.begin, marks.end);
        let text = format!("head\n{}\nbetween\n{}\ntail\n", with(SOURCES, "old"), with(WHOLE, "kept"));
        let wanted = format!("head\n{}\nbetween\n{}\ntail\n", with(SOURCES, "\nnew\n"), with(WHOLE, "kept"));
        assert_eq!(replaced(&text, SOURCES, "new\n").unwrap(), wanted);
        assert!(replaced("head", WHOLE, "new").is_none());
    }
}
