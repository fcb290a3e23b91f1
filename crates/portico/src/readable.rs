//! A fault as the command line shows it: what a client would hear, and what only whoever runs the server may know.

use model::fault::Fault;

/// For whoever runs the server.
pub(crate) fn readable(fault: &Fault) -> anyhow::Error {
    match fault.context() {
        Some(context) => anyhow::anyhow!("{} ({context})", fault.message()),
        None => anyhow::anyhow!("{}", fault.message()),
    }
}
