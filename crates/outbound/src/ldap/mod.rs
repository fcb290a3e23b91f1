//! Directories that are asked by LDAP: connections that are judged as every other of this crate, made safe before anything is said, one operation at a
//! time on each, and a deadline on every answer. What is said and heard is the kit `ldap`'s. Knows nothing of whose people these are here.

mod asking;
mod binding;
mod changes;
mod context;
pub mod directory;
pub mod discovery;
mod domain;
pub mod failure;
mod full;
mod link;
mod members;
pub mod page;
mod paging;
pub mod pass;
mod passwords;
mod points;
mod rereading;
mod root;
mod session;
pub mod settings;
pub(crate) mod shared;
pub mod sign_in;
mod sync_repl;
mod tls;
pub mod trial;
pub mod watch;
