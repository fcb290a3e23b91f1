//! Every statement of every aggregate: a test prepares each on both engines.

use crate::statement::Statement;

/// The statements, aggregate by aggregate. A new aggregate adds its line.
static AGGREGATES: &[&[&Statement]] = &[
    crate::access_keys::ALL,
    crate::account_creations::ALL,
    crate::accounts::ALL,
    crate::effective_access::ALL,
    crate::organizations::ALL,
    crate::permission_sets::ALL,
    crate::permission_set_policies::ALL,
    crate::account_assignments::ALL,
    crate::provisioned_permission_sets::ALL,
    crate::provisioning_requests::ALL,
    crate::tags::ALL,
    crate::roles::ALL,
    crate::audit_pieces::ALL,
    crate::audit_records::ALL,
    crate::authorization_codes::ALL,
    crate::beginnings::ALL,
    crate::device_authorizations::ALL,
    crate::external_ids::ALL,
    crate::groups::ALL,
    crate::instances::ALL,
    crate::jobs::ALL,
    crate::key_checks::ALL,
    crate::memberships::ALL,
    crate::migrate::ALL,
    crate::oauth_clients::ALL,
    crate::passwords::ALL,
    crate::portal_sessions::ALL,
    crate::revocations::ALL,
    crate::signin_attempts::ALL,
    crate::signing_keys::ALL,
    crate::tokens::ALL,
    crate::used_assertions::ALL,
    crate::users::ALL,
];

/// Every statement.
pub fn all() -> impl Iterator<Item = &'static Statement> {
    AGGREGATES.iter().flat_map(|statements| statements.iter().copied())
}
