//! For tests only: what each fuzz target does with its bytes. A target panics when something does not hold; whoever feeds it, libFuzzer (`fuzz/`) or the
//! replay of the corpora (`tests/it`), learns no more. No product crate may depend on it.

pub mod target;

mod directories;
mod identifiers;
mod json;
mod key_sets;
mod policies;
mod proofs;
mod providers;
mod provisioning;
mod query;
mod requests;
mod saml_encrypted;
mod saml_messages;
mod saml_metadata;
mod saml_redirect;
mod seed;
mod signatures;
mod tokens;

#[path = "../../policy/tests/it/differences.rs"]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "of the list of differences only the rules are wanted here")
)]
mod differences;
#[path = "../../wire/tests/it/make.rs"]
mod make;
#[path = "../../wire/tests/it/operations.rs"]
#[cfg_attr(not(test), expect(dead_code, reason = "the lists of codegen are for the wire's own tests"))]
mod operations;
#[path = "../../policy/tests/it/oracle.rs"]
mod oracle;
#[path = "../../wire/tests/it/redact.rs"]
mod redact;
#[path = "../../portico/src/seed_access_file.rs"]
mod seed_access_file;
#[path = "../../portico/src/seed_application_file.rs"]
#[expect(dead_code, reason = "what is read is not used")]
mod seed_application_file;
#[path = "../../portico/src/seed_file.rs"]
#[expect(dead_code, reason = "what is read is not used")]
mod seed_file;
#[path = "../../portico/src/seed_organization_file.rs"]
mod seed_organization_file;
#[path = "../../portico/src/seed_people_file.rs"]
#[expect(dead_code, reason = "what is read is not used")]
mod seed_people_file;
#[path = "../../portico/src/seed_source_file.rs"]
#[expect(dead_code, reason = "what is read is not used")]
mod seed_source_file;
