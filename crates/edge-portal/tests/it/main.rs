//! The pages, asked through their router as a browser asks.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must say where")]

mod brand;
mod choosing;
mod consent;
mod external;
mod guard;
mod hosts;
mod languages;
mod late;
mod login;
mod portal;
mod provider;
mod signing_in;
mod traces;
mod world;
