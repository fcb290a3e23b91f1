//! Servers of SCIM that others wrote, everything in memory: `scim2-server` as its command starts it, and `scimmy-routers` before maps that we gave it.

use std::rc::Rc;

use anyhow::Context as _;

use crate::process::{Process, free_address};
use crate::scim::Target;
use crate::stores::Places;

const TOKEN: &str = "bench-token";

/// A peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Scim2Server,
    Scimmy,
}

impl Peer {
    pub(crate) const ALL: [Self; 2] = [Self::Scim2Server, Self::Scimmy];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Scim2Server => "scim2-server",
            Self::Scimmy => "scimmy-routers",
        }
    }

    /// Operations of a bulk request: its body may have a mebibyte with scim2-server.
    pub(crate) const fn bulk_max(self) -> usize {
        match self {
            Self::Scim2Server => 1_000,
            Self::Scimmy => 100,
        }
    }

    /// A new one, empty.
    pub(crate) async fn start(self, places: &Places) -> anyhow::Result<Rc<Target>> {
        let address = free_address()?;
        let port = address.port().to_string();
        let text = |path: std::path::PathBuf| path.to_str().map(str::to_owned).context("a path that is text");
        let command: Vec<String> = match self {
            Self::Scim2Server => {
                let program = text(places.tools.join("scim2/bin/scim2-server"))?;
                vec![program, "--port".to_owned(), port, "--bearer-token".to_owned(), TOKEN.to_owned()]
            }
            Self::Scimmy => {
                let script = text(places.root.join("tests/bench/peers/scimmy.mjs"))?;
                vec!["node".to_owned(), script, text(places.tools.join("scimmy"))?, port, TOKEN.to_owned()]
            }
        };
        let log = places.scratch.join(format!("{}.log", self.name()));
        let mut process = Process::start(&command, &log, address)?;
        process.answers("/v2/ServiceProviderConfig").await?;
        Ok(Target::theirs(self.name(), process, TOKEN))
    }
}
