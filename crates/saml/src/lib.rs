//! SAML 2.0, the part of it that an identity center needs: canonical XML, signatures of one accepted shape, assertions. It knows no
//! account, no role and no clock, and never hands out a node that its signature does not cover.
//!
//! - [`verify::verify`] takes a message and the keys of its sender and gives the canonical text that was signed, nothing else.
//! - [`encrypted::open`] does the same for a Response whose assertion is encrypted; [`redirect::Received`] for what came in a query string.
//! - [`assertion::Assertion::read`] reads that text; [`assertion::Assertion::check`] holds it against a moment, an audience and a recipient.
//! - [`envelope`] and [`answer`] say what a message claims before anything is proved: whose keys are needed, whether it is a refusal.
//! - [`authn_request`] and [`metadata`] write and read what goes before, [`logout`] what comes at the end.
//! - [`sign::assertion`] and [`sign::response`] write messages in canonical form and sign them; [`encrypting`] encrypts what a receiver alone is to read.

pub mod algorithm;
pub mod answer;
pub mod assertion;
pub mod authn_request;
mod c14n;
pub mod certificate;
pub mod decryption;
mod der;
mod descriptors;
pub mod encrypted;
pub mod encrypting;
pub mod envelope;
pub mod error;
mod guard;
pub mod key;
pub mod logout;
pub mod metadata;
pub mod name_id;
mod names;
mod reading;
pub mod redirect;
mod sha1;
mod shape;
pub mod sign;
pub mod status;
pub mod verify;
mod writer;
