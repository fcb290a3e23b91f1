//! Accounts whose IAM and STS are somewhere else: at AWS, or at whatever speaks like it.

pub mod access;
pub mod differences;
pub mod failure;
pub mod pace;
pub mod revocation;
pub mod roles;
pub mod saml_sign_in;
pub mod steps;
pub mod survey;
pub mod trial;
