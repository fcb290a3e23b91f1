//! The AWS service APIs: bytes to domain calls and back. No rules live here.
//!
//! One generic path serves every operation ([`dispatch`]): find it in the table, verify who calls ([`caller`]), decode and check the
//! input, call the handler, encode the answer or the fault, record the event. A handler turns strings into ids, calls one domain
//! function and turns its value into the output shape.

pub mod app;
mod aws_signin;
pub mod caller;
mod cloudtrail;
mod dialect;
mod dispatch;
mod fault;
mod iam;
mod identitystore;
pub mod inside;
mod organizations;
mod portal;
mod portico;
pub mod rates;
pub mod route;
pub mod router;
mod sso_admin;
mod sso_oidc;
mod sts;
mod table;
