//! The settings of what leaves: hosts and networks that may be asked although they are private, and authorities that are trusted beside the system's.
//! What they mean is `outbound`'s.

use std::path::PathBuf;

use outbound::allowed::Allowed;
use outbound::client::Outbound;
use outbound::terms::Terms;
use serde::Deserialize;

use crate::cli;

/// The keys of `[outbound]` in `portico.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct File {
    allow: Vec<String>,
    ca_files: Vec<PathBuf>,
}

/// What asks, by flags (or their variables) and the file together.
pub(crate) fn outbound(given: cli::Outbound, file: File) -> anyhow::Result<Outbound> {
    let allowed = Allowed::parse([given.outbound_allow, file.allow].concat());
    let terms = Terms {
        allowed: allowed.map_err(|fault| anyhow::anyhow!("{}", fault.message()))?,
        ca_files: [given.outbound_ca_files, file.ca_files].concat(),
        ..Terms::default()
    };
    Outbound::new(terms).map_err(|fault| anyhow::anyhow!("{}", fault.message()))
}

#[cfg(test)]
mod tests {
    use ::outbound::address::Address;

    use super::*;

    fn given(allow: &[&str]) -> cli::Outbound {
        let outbound_allow = allow.iter().map(|&entry| entry.to_owned()).collect();
        cli::Outbound { outbound_allow, ..cli::Outbound::default() }
    }

    #[test]
    fn flags_and_the_file_add_up() {
        let file = File { allow: vec!["10.2.0.0/16".to_owned()], ..File::default() };
        let both = outbound(given(&["10.1.0.5"]), file).unwrap();
        let admits = |address: &str| both.admits(&Address::parse(address).unwrap()).is_ok();
        assert!(admits("https://10.1.0.5/metadata") && admits("https://10.2.3.4/metadata"));
        assert!(!admits("https://10.3.0.1/metadata"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        let refusal = |given, file| outbound(given, file).unwrap_err().to_string();
        let all = refusal(given(&["0.0.0.0/0"]), File::default());
        assert!(all.contains("outbound.allow"), "{all}");
        let absent = File { ca_files: vec!["/absent/ca.pem".into()], ..File::default() };
        let absent = refusal(cli::Outbound::default(), absent);
        assert!(absent.contains("outbound.ca_files") && absent.contains("/absent/ca.pem"), "{absent}");
    }
}
