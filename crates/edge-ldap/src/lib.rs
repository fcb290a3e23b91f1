//! Directories that are read: a run from its job to its end ([`runs`]), and what becomes of the people and groups that it meets. Whom a person or group is
//! here, what may be changed of them and by whom is `directory`'s; which directories there are, when they are read and what their brake lets pass is
//! `sources`'; the protocol is `outbound`'s.

mod departures;
mod groups;
mod members;
mod people;
mod profiles;
pub mod run;
pub mod runs;
pub mod watches;
