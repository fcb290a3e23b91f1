//! `api/overlay.json`: what we say of the services beside the facts of their models.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// One service's part.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) module: String,
    pub(crate) event_source: String,
    /// Keep operations that are not served in the model, so that the compat page can list them.
    #[serde(default)]
    pub(crate) whole: bool,
    #[serde(default = "sigv4")]
    pub(crate) auth: String,
    pub(crate) resources: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) read_only: BTreeMap<String, bool>,
    #[serde(default)]
    pub(crate) anonymous: Vec<String>,
    /// Operations that are signed where the service's others are not.
    #[serde(default)]
    pub(crate) signed: Vec<String>,
    /// Shapes that hold secrets, beyond those that the model marks.
    #[serde(default)]
    pub(crate) secret: Vec<String>,
    /// Structures of answers that are also written from rows where they lie.
    #[serde(default)]
    pub(crate) rows: Vec<String>,
    /// By resource, where its events are recorded under another source than the service's.
    #[serde(default)]
    pub(crate) event_sources: BTreeMap<String, String>,
    /// By operation, members of the input that calls bring in headers which the model does not name: the header in lower case, the member.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, BTreeMap<String, String>>,
    /// The model is our own and kept as clients load it, with its texts; it is in no botocore.
    #[serde(default)]
    pub(crate) own: bool,
}

fn sigv4() -> String {
    "sigv4".to_owned()
}

impl Service {
    /// The resource file that an operation lives in; `None` when it is not served.
    pub(crate) fn resource_of(&self, operation: &str) -> Option<&str> {
        let found =
            self.resources.iter().find(|(_, operations)| operations.iter().any(|name| name == operation));
        found.map(|(resource, _)| resource.as_str())
    }

    /// Where the events of a resource are recorded.
    pub(crate) fn event_source_of(&self, resource: &str) -> &str {
        self.event_sources.get(resource).unwrap_or(&self.event_source)
    }

    /// Whether an operation changes nothing: by its verb, unless said otherwise.
    pub(crate) fn is_read_only(&self, operation: &str) -> bool {
        let by_verb =
            ["List", "Get", "Describe", "Is", "Lookup"].iter().any(|verb| operation.starts_with(verb));
        self.read_only.get(operation).copied().unwrap_or(by_verb)
    }

    /// What authenticates an operation.
    pub(crate) fn auth_of(&self, operation: &str) -> &str {
        let is_in = |list: &[String]| list.iter().any(|name| name == operation);
        match (is_in(&self.anonymous), is_in(&self.signed)) {
            (true, _) => "none",
            (false, true) => "sigv4",
            (false, false) => &self.auth,
        }
    }
}

/// Every service, by botocore's name of it.
pub(crate) fn read(root: &Path) -> anyhow::Result<BTreeMap<String, Service>> {
    let path = root.join("api/overlay.json");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}
