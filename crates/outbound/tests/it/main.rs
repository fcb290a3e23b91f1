//! Requests to servers on loopback that tests script, names that mean what tests say, addresses and networks at their edges: what is refused before
//! anything is sent, what is held within bounds, and what each refusal says.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop and say where")]

mod addresses;
mod allowances;
mod asked;
mod bounds;
mod certificates;
mod edges;
mod judged;
mod ldap;
mod redirects;
mod server;
