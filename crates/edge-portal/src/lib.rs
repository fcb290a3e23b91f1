//! The pages that people use: sign-in, the AWS access portal, the device page, the consent page, choosing a password. Plain HTML forms that work
//! without scripts; no rule of access lives here.

mod add_device;
mod admission;
pub mod assets;
mod authorize;
mod device;
mod forgot;
mod form;
mod headers;
mod invitation;
mod keys;
mod login;
mod message;
mod misplaced;
mod next_step;
pub mod portal;
mod posted;
mod profile;
mod return_to;
pub mod router;
mod security;
mod shell;
mod sign_in;
mod start;
mod verify;
mod visitor;
mod words;
