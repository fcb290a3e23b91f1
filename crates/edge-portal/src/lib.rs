//! The pages that people use: sign-in, the AWS access portal, the device page, the consent page. Plain HTML forms that work without
//! scripts; no rule of access lives here.

mod admission;
pub mod assets;
mod authorize;
mod device;
mod form;
mod headers;
mod keys;
mod message;
mod misplaced;
pub mod portal;
mod posted;
mod profile;
mod return_to;
pub mod router;
mod shell;
mod sign_in;
mod start;
mod visitor;
