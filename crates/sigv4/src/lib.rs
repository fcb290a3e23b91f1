//! Server-side verification of AWS Signature Version 4: the `Authorization` header form and the presigned query form. Knows no clock, no
//! network, no secrets store and no product: the caller brings the request's parts, the secret and the time.
//!
//! A request is first parsed into what it [`claims`](presented::Presented); with the claimed key's secret that claim is then
//! [verified](presented::Presented::verify).

pub mod canonical;
pub mod error;
pub mod instant;
pub mod keys;
pub mod presented;
pub mod request;
mod split;
