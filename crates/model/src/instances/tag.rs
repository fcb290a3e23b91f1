//! Tags on resources.

use std::collections::BTreeMap;

/// Tag keys (1 to 128 characters) and values (at most 256), at most 75 on a resource.
pub type Tags = BTreeMap<String, String>;
