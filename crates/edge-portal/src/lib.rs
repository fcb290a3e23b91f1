//! The pages that people use: sign-in, the AWS access portal, the device page, the consent page, choosing a password. Plain HTML forms that work
//! without scripts; no rule of access lives here.

mod add_device;
mod admission;
pub mod assets;
mod authorize;
pub mod brand;
mod device;
mod forgot;
pub mod form;
pub mod headers;
mod invitation;
mod keys;
mod login;
pub mod message;
pub mod misplaced;
mod next_step;
pub mod portal;
pub mod posted;
pub mod profile;
mod reason;
mod return_to;
pub mod router;
mod security;
mod shell;
pub mod sign_in;
mod start;
pub mod verify;
pub mod visitor;
pub mod words;
