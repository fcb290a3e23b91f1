//! Every statement of every aggregate: a test prepares each on both engines.

use crate::statement::Statement;

/// The statements, aggregate by aggregate. A new aggregate adds its line.
static AGGREGATES: &[&[&Statement]] = &[
    crate::accounts::access::ALL,
    crate::accounts::access_keys::ALL,
    crate::accounts::account_assignments::ALL,
    crate::accounts::account_creations::ALL,
    crate::accounts::accounts::ALL,
    crate::accounts::assignment_batches::ALL,
    crate::accounts::effective_access::ALL,
    crate::accounts::organizational_units::ALL,
    crate::accounts::organizations::ALL,
    crate::accounts::permission_set_policies::ALL,
    crate::accounts::permission_sets::ALL,
    crate::accounts::portal_choices::ALL,
    crate::accounts::provisioned_permission_sets::ALL,
    crate::accounts::provisioning_requests::ALL,
    crate::accounts::roles::ALL,
    crate::accounts::service_users::ALL,
    crate::accounts::used_assertions::ALL,
    crate::audit::audit_pieces::ALL,
    crate::audit::audit_records::ALL,
    crate::directory::external_ids::ALL,
    crate::directory::groups::ALL,
    crate::directory::memberships::ALL,
    crate::directory::rosters::ALL,
    crate::directory::user_texts::ALL,
    crate::directory::users::ALL,
    crate::instances::beginnings::ALL,
    crate::instances::instances::ALL,
    crate::instances::key_checks::ALL,
    crate::instances::revocations::ALL,
    crate::instances::signing_keys::ALL,
    crate::instances::tags::ALL,
    crate::jobs::ALL,
    crate::migrate::ALL,
    crate::signin::authorization_codes::ALL,
    crate::signin::console_login_codes::ALL,
    crate::signin::console_logins::ALL,
    crate::signin::device_authorizations::ALL,
    crate::signin::directory_settings::ALL,
    crate::signin::invitations::ALL,
    crate::signin::mails::ALL,
    crate::signin::mfa_devices::ALL,
    crate::signin::oauth_clients::ALL,
    crate::signin::one_time_codes::ALL,
    crate::signin::passwords::ALL,
    crate::signin::portal_sessions::ALL,
    crate::signin::consents::ALL,
    crate::signin::remembered_browsers::ALL,
    crate::signin::sign_in_flows::ALL,
    crate::signin::signin_attempts::ALL,
    crate::signin::tokens::ALL,
    crate::signin::unlocks::ALL,
    crate::signin::used_proofs::ALL,
];

/// Every statement.
pub fn all() -> impl Iterator<Item = &'static Statement> {
    AGGREGATES.iter().flat_map(|statements| statements.iter().copied())
}
