//! IAM of the local accounts: their roles, those that provisioning made among them, users, groups and managed policies.

mod group_policies;
mod iam_groups;
mod oidc_providers;
mod policies;
mod policy_simulation;
mod policy_versions;
mod role_policies;
mod roles;
pub(crate) mod routes;
mod user_keys;
mod user_policies;
mod users;
mod words;
