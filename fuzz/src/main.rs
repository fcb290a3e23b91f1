//! libFuzzer before one target, which `PORTICO_FUZZ_TARGET` names. Everything that a target does is in `crates/fuzzing`.
#![no_main]

use std::sync::LazyLock;

use fuzzing::target::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("PORTICO_FUZZ_TARGET").unwrap_or_default();
    TARGETS.iter().find(|target| target.name == name).expect("PORTICO_FUZZ_TARGET names a target")
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
