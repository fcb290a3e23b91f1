//! Accounts whose IAM and STS are somewhere else, and organizations of such accounts: at AWS, or at whatever speaks like it.

pub mod access;
pub mod differences;
pub mod failure;
pub mod least_privilege;
pub mod organization;
pub mod pace;
pub mod revocation;
pub mod roles;
pub mod saml_sign_in;
pub mod steps;
pub mod survey;
pub mod trial;
