//! SCIM 2.0 at `/{tenant}/scim/v2`: bytes to domain calls and back. No rules live here: what a person or group must be is `directory`'s, what SCIM
//! means is `scim`'s, and who may call is `sources`'.
//!
//! One path serves every request ([`served`]): verify who calls, read the body within its bounds, do what is asked, record it.

mod answer;
mod asked;
mod bulk;
mod calls;
mod conditions;
mod discovery;
mod group_members;
mod group_shape;
mod groups;
mod lookup;
mod op;
mod password;
mod refused;
pub mod router;
mod search;
mod served;
pub mod state;
mod strict;
mod user_shape;
mod users;
