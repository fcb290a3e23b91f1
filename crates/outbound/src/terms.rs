//! On what terms others are asked: whom to trust, what to allow, how long and how much. Values only; `client.rs` makes something of them.

use std::path::PathBuf;
use std::time::Duration;

use model::fault::Fault;

use crate::allowed::Allowed;
use crate::names::Names;
use crate::services::Services;

/// How long a request may take at most, all of it, whatever is set.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(60);
/// Bytes of an answer's body at most, whatever is set.
pub const BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// The terms. `Terms { allowed, ca_files, ..Terms::default() }` is what settings come to.
#[derive(Debug, Clone)]
pub struct Terms {
    /// What is allowed although it is not for everybody.
    pub allowed: Allowed,
    /// Authorities in PEM files that are trusted beside the system's.
    pub ca_files: Vec<PathBuf>,
    /// How long a request may take, all of it: name, connection, TLS, request, answer.
    pub timeout: Duration,
    /// Bytes of an answer's body at most.
    pub bytes_max: usize,
    /// Who resolves names.
    pub names: Names,
    /// Who finds services of domains.
    pub services: Services,
}

impl Default for Terms {
    /// The system's authorities, nothing allowed, ten seconds, one MiB: the metadata of big providers has a hundredth of that to a tenth.
    fn default() -> Self {
        Self {
            allowed: Allowed::default(),
            ca_files: Vec::new(),
            timeout: Duration::from_secs(10),
            bytes_max: 1_024 * 1_024,
            names: Names::system(),
            services: Services::system(),
        }
    }
}

impl Terms {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.timeout.is_zero() || self.timeout > TIMEOUT_MAX {
            let (is, max) = (self.timeout.as_secs_f64(), TIMEOUT_MAX.as_secs());
            return Err(Fault::validation(format!(
                "the timeout of outbound requests is {is} seconds: it must be more than 0 and at most {max}"
            )));
        }
        if !(1..=BYTES_MAX).contains(&self.bytes_max) {
            return Err(Fault::validation(format!(
                "the limit of outbound answers is {} bytes: it must be 1 to {BYTES_MAX}",
                self.bytes_max
            )));
        }
        Ok(())
    }
}
