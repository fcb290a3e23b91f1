//! The pages that people use: sign-in, the AWS access portal, the device page, the consent page, choosing a password. Plain HTML forms that work
//! without scripts; no rule of access lives here.

mod add_device;
mod admission;
pub mod agent;
pub mod assets;
mod authorize;
pub mod brand;
mod config;
mod device;
pub mod external;
mod forgot;
pub mod form;
pub mod headers;
mod invitation;
mod keys;
mod listing;
mod login;
pub mod message;
pub mod misplaced;
mod next_step;
mod open_console;
pub mod portal;
pub mod posted;
pub mod profile;
mod profile_names;
mod providers;
mod reason;
mod return_to;
pub mod router;
mod saml;
mod security;
mod shell;
pub mod sign_in;
mod start;
pub mod verify;
pub mod visitor;
pub mod words;
