//! What an account instance held, cleared away a piece at a time once nobody finds the instance any more. Kept apart from every aggregate, since it knows of
//! all of them. The organization's instance never ends.

use model::fault::Fault;
use model::instances::instance::Instance;

use crate::row::{list, params};
use crate::statement::{Statement, statements};
use crate::tx::Tx;

/// Removes from a table what belongs to any of the ids in the list `?1`.
macro_rules! of {
    ($table:literal, $column:literal) => {
        concat!("DELETE FROM ", $table, " WHERE ", $column, " IN (SELECT value FROM json_each(?1))")
    };
}

statements! {
    USERS = "SELECT user_id FROM users WHERE identity_store_id = ?1 ORDER BY user_id LIMIT ?2";
    GROUPS = "SELECT group_id FROM groups WHERE identity_store_id = ?1 ORDER BY group_id LIMIT ?2";
    APPLICATIONS = "SELECT application_id FROM applications WHERE instance_id = ?1 ORDER BY application_id LIMIT ?2";
    ISSUERS = "SELECT issuer_id FROM trusted_token_issuers WHERE instance_id = ?1 ORDER BY issuer_id LIMIT ?2";
    TENANTS = "SELECT tenant_id FROM provisioning_tenants WHERE identity_store_id = ?1 ORDER BY tenant_id LIMIT ?2";
    U_ACCESS_USES = of!("access_uses", "user_id");
    U_APPLICATION_CODES = of!("application_codes", "user_id");
    U_APPLICATION_TOKENS = of!("application_token_families", "user_id");
    U_ASSIGNMENTS = of!("application_assignments", "principal_id");
    U_AUTHORIZATION_CODES = of!("authorization_codes", "user_id");
    U_CONNECTED_SESSIONS = of!("connected_sessions", "user_id");
    U_CONSENTS = of!("consents", "user_id");
    U_CONSOLE_CODES = of!("console_login_codes", "user_id");
    U_CONSOLE_LOGINS = of!("console_logins", "user_id");
    U_ENABLED = of!("ended_enabled_users", "user_id");
    U_ENDED_MEMBERSHIPS = of!("ended_memberships", "user_id");
    U_EXTERNAL_IDS = of!("external_ids", "resource_id");
    U_FLOWS = of!("sign_in_flows", "user_id");
    U_INVITATIONS = of!("invitations", "user_id");
    U_MAILS = of!("mails", "user_id");
    U_MEMBERSHIPS = of!("memberships", "user_id");
    U_MFA_DEVICES = of!("mfa_devices", "user_id");
    U_OIDC_CODES = of!("oidc_codes", "user_id");
    U_OIDC_TOKENS = of!("oidc_token_families", "user_id");
    U_ONE_TIME_CODES = of!("one_time_codes", "user_id");
    U_OWNERS = of!("owners", "resource_id");
    U_PASSWORDS = of!("passwords", "user_id");
    U_PORTAL_CHOICES = of!("portal_choices", "user_id");
    U_PORTAL_SESSIONS = of!("portal_sessions", "user_id");
    U_REMEMBERED = of!("remembered_browsers", "user_id");
    U_SAML_PARTICIPANTS = of!("saml_participants", "user_id");
    U_SIGN_INS = of!("user_sign_ins", "user_id");
    U_SOURCES = of!("user_sources", "user_id");
    U_TEXTS = of!("user_texts", "user_id");
    U_TOKENS = of!("token_families", "user_id");
    U_UNLOCKS = of!("unlocks", "user_id");
    U_WITHOUT_DEVICE = of!("users_without_mfa_device", "user_id");
    U_ROWS = of!("users", "user_id");
    G_ENDED_MEMBERSHIPS = of!("ended_memberships", "group_id");
    G_ENDED_NESTED = of!("ended_nested_groups", "group_id");
    G_MEMBER_GROUPS = of!("member_groups", "group_id");
    G_MEMBERSHIPS = of!("memberships", "group_id");
    G_NESTED = of!("nested_groups", "group_id");
    G_ROWS = of!("groups", "group_id");
    A_ACCESS_SCOPES = of!("application_access_scopes", "application_id");
    A_ASSIGNMENTS = of!("application_assignments", "application_id");
    A_AUTHENTICATION = of!("application_authentication_methods", "application_id");
    A_CODES = of!("application_codes", "application_id");
    A_GRANTS = of!("application_grants", "application_id");
    A_TOKENS = of!("application_token_families", "application_id");
    A_ROWS = of!("applications", "application_id");
    I_KEYS = of!("issuer_keys", "issuer_id");
    I_ROWS = of!("trusted_token_issuers", "issuer_id");
    T_TOKENS = of!("bearer_tokens", "tenant_id");
    T_ROWS = of!("provisioning_tenants", "tenant_id");
    S_ATTRIBUTE_PRECEDENCES = "DELETE FROM attribute_precedences WHERE identity_store_id = ?1";
    S_EXTERNAL_IDS = "DELETE FROM external_ids WHERE identity_store_id = ?1";
    S_KEPT_OUT = "DELETE FROM kept_out WHERE identity_store_id = ?1";
    S_SETTINGS = "DELETE FROM directory_settings WHERE identity_store_id = ?1";
    // An instance's id has no sign that LIKE reads.
    TAGS = "DELETE FROM tags WHERE resource_arn = ?1 OR resource_arn LIKE ?2";
}

/// What hangs on people, and then they.
static OF_USERS: &[&Statement] = &[
    &U_ACCESS_USES,
    &U_APPLICATION_CODES,
    &U_APPLICATION_TOKENS,
    &U_ASSIGNMENTS,
    &U_AUTHORIZATION_CODES,
    &U_CONNECTED_SESSIONS,
    &U_CONSENTS,
    &U_CONSOLE_CODES,
    &U_CONSOLE_LOGINS,
    &U_ENABLED,
    &U_ENDED_MEMBERSHIPS,
    &U_EXTERNAL_IDS,
    &U_FLOWS,
    &U_INVITATIONS,
    &U_MAILS,
    &U_MEMBERSHIPS,
    &U_MFA_DEVICES,
    &U_OIDC_CODES,
    &U_OIDC_TOKENS,
    &U_ONE_TIME_CODES,
    &U_OWNERS,
    &U_PASSWORDS,
    &U_PORTAL_CHOICES,
    &U_PORTAL_SESSIONS,
    &U_REMEMBERED,
    &U_SAML_PARTICIPANTS,
    &U_SIGN_INS,
    &U_SOURCES,
    &U_TEXTS,
    &U_TOKENS,
    &U_UNLOCKS,
    &U_WITHOUT_DEVICE,
    &U_ROWS,
];

/// What hangs on groups, and then they. A group within another goes with the outer one's rows or with its own.
static OF_GROUPS: &[&Statement] = &[
    &U_ASSIGNMENTS,
    &U_EXTERNAL_IDS,
    &U_OWNERS,
    &G_ENDED_MEMBERSHIPS,
    &G_ENDED_NESTED,
    &G_MEMBER_GROUPS,
    &G_MEMBERSHIPS,
    &G_NESTED,
    &G_ROWS,
];

/// What hangs on applications, and then they.
static OF_APPLICATIONS: &[&Statement] =
    &[&A_ACCESS_SCOPES, &A_ASSIGNMENTS, &A_AUTHENTICATION, &A_CODES, &A_GRANTS, &A_TOKENS, &A_ROWS];

/// Removes up to `limit` things that the instance held, with all that hangs on them; whether there may be more.
pub fn sweep(tx: &mut Tx<'_>, instance: &Instance, limit: i64) -> Result<bool, Fault> {
    let (id, at) = (instance.id.as_str(), instance.identity_store_id.as_str());
    let kinds: [(&Statement, &str, &[&Statement]); 5] = [
        (&USERS, at, OF_USERS),
        (&GROUPS, at, OF_GROUPS),
        (&APPLICATIONS, id, OF_APPLICATIONS),
        (&ISSUERS, id, &[&I_KEYS, &I_ROWS]),
        (&TENANTS, at, &[&T_TOKENS, &T_ROWS]),
    ];
    for (of_instance, of, statements) in kinds {
        let ids: Vec<String> = tx.all(of_instance, params![of, limit], |row| row.text(0))?;
        if ids.is_empty() {
            continue;
        }
        let ids = list(ids.iter().map(String::as_str));
        for statement in statements {
            tx.execute(statement, params![&ids])?;
        }
        return Ok(true);
    }
    for statement in [&S_ATTRIBUTE_PRECEDENCES, &S_EXTERNAL_IDS, &S_KEPT_OUT, &S_SETTINGS] {
        tx.execute(statement, params![at])?;
    }
    tx.execute(&TAGS, params![&instance.id.arn(), &format!("%/{id}/%")])?;
    Ok(false)
}
