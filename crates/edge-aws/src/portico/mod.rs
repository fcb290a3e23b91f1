//! The portico service: what AWS's console does and no API of AWS's. Handlers and rows.

mod access;
mod access_keys;
mod assignment_batches;
mod assignments;
mod bearer_tokens;
mod invitations;
mod mfa_devices;
mod names;
mod overviews;
mod owners;
mod passwords;
mod portal_settings;
mod provisioning_tenants;
mod rosters;
pub(crate) mod routes;
mod search;
mod service_users;
mod sessions;
mod simulation;
mod summaries;
mod unused_access;
mod user_sign_ins;
mod users;
mod users_without_mfa_device;
