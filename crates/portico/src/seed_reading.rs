//! What a seed names and does not hold: secrets, by a file or an environment variable, and documents.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use model::fault::Fault;
use model::secret::Secret;
use outbound::client::Outbound;
use sources::our_side::OurSide;

use crate::seed_source_file::Reference;

/// Bytes of a secret's file at most.
const SECRET_MAX: u64 = 16_384;

impl Reference {
    /// The secret, without the end of its line.
    pub(crate) fn read(&self, base: &Path) -> anyhow::Result<Secret> {
        let text = match (&self.environment, &self.file) {
            (Some(name), None) => variable(name)?,
            (None, Some(file)) => text(&base.join(file), SECRET_MAX)?,
            _ => bail!("a secret needs environment or file, one of them"),
        };
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            bail!("the secret is empty");
        }
        Ok(Secret::new(secret))
    }
}

#[expect(clippy::disallowed_methods, reason = "the seed names the variable; it is read once, in the binary")]
fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("environment variable {name}"))
}

pub(crate) fn text(path: &Path, most: u64) -> anyhow::Result<String> {
    let name = || path.display().to_string();
    let length = std::fs::metadata(path).with_context(name)?.len();
    if length > most {
        bail!("{} has {length} bytes, {most} at most", path.display());
    }
    std::fs::read_to_string(path).with_context(name)
}

/// What reading sources needs.
#[derive(Debug, Clone)]
pub(crate) struct Around {
    /// The folder that files are named from: the seed's own.
    pub(crate) base: PathBuf,
    /// Who asks providers.
    pub(crate) outbound: Outbound,
    /// Under which address people reach us.
    pub(crate) ours: OurSide,
}

#[expect(clippy::needless_pass_by_value, reason = "an adapter of errors")]
pub(crate) fn said(fault: Fault) -> anyhow::Error {
    anyhow::anyhow!("{}", fault.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Reference {
        serde_yaml_ng::from_str(text).unwrap()
    }

    #[test]
    fn a_secret_comes_from_one_place_and_without_the_end_of_its_line() {
        let folder = std::env::temp_dir().join(format!("portico-seed-secret-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("token"), "pscim_abc\n").unwrap();
        std::fs::write(folder.join("empty"), "\n").unwrap();
        assert_eq!(reference("file: token").read(&folder).unwrap().expose(), "pscim_abc");
        for (bad, why) in [
            ("file: gone", "gone"),
            ("file: empty", "the secret is empty"),
            ("environment: PORTICO_NO_SUCH_VARIABLE", "PORTICO_NO_SUCH_VARIABLE"),
            ("{ environment: A, file: b }", "one of them"),
            ("{}", "one of them"),
        ] {
            let error = format!("{:#}", reference(bad).read(&folder).unwrap_err());
            assert!(error.contains(why), "{error}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
