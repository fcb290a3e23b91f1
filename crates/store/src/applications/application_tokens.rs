//! Families of tokens that applications were given for people. A family counts for as long as its application is there and enabled, its issuer and its person
//! are there as they were when it began, nobody voided what was issued so long ago, and its session is, if it hangs on one: all of this is read with it
//! ([`find_live`]), so that ending one of them is one row, however many families hang on it. Whether the person still may, and what it grew from, is read
//! beside it, in [`crate::applications::permitted_tokens`], which is what every consumer asks.

use model::accounts::account::AccountId;
use model::applications::application::{ApplicationArn, ApplicationId};
use model::applications::application_token::ApplicationTokenFamily;
use model::applications::trusted_token_issuer::TrustedTokenIssuerId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`live`] reads.
macro_rules! columns {
    () => {
        "f.family_id, f.application_id, f.issuer_id, f.parent_id, f.session_id, f.identity_store_id, f.user_id, f.scopes, f.created_at, f.expires_at,
         f.generation, f.exchanged_at, a.account_id, a.instance_id, u.user_name, i.owner_account_id"
    };
}

/// What must be there beside a family.
macro_rules! alive {
    () => {
        "FROM application_token_families f
         JOIN applications a ON a.application_id = f.application_id AND a.status = 'ENABLED' AND a.not_before < f.created_at
         JOIN users u ON u.user_id = f.user_id AND u.status = 'ENABLED' AND u.not_before < f.created_at
         JOIN instances i ON i.identity_store_id = f.identity_store_id AND i.not_before < f.created_at
         WHERE f.family_id = ?1 AND f.expires_at > ?2
         AND (f.issuer_id IS NULL OR EXISTS (SELECT 1 FROM trusted_token_issuers t WHERE t.issuer_id = f.issuer_id AND t.not_before < f.created_at))
         AND (f.session_id IS NULL OR EXISTS (SELECT 1 FROM portal_sessions s WHERE s.session_id = f.session_id AND s.expires_at > ?2))"
    };
}

statements! {
    INSERT = "INSERT INTO application_token_families (family_id, application_id, issuer_id, parent_id, session_id, identity_store_id, user_id, scopes,
              created_at, expires_at, generation, exchanged_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, '[]')";
    FIND_LIVE = concat!("SELECT ", columns!(), " ", alive!());
    EXCHANGE = "UPDATE application_token_families SET generation = generation + 1, exchanged_at = ?3 WHERE family_id = ?1 AND generation = ?2";
    DELETE = "DELETE FROM application_token_families WHERE family_id = ?1";
    DELETE_EXPIRED = "DELETE FROM application_token_families WHERE family_id IN
              (SELECT family_id FROM application_token_families WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// A family that counts, with what is known of its application and person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveFamily {
    /// The family.
    pub family: ApplicationTokenFamily,
    /// Whose it is.
    pub application: ApplicationArn,
    /// The person's sign-in name.
    pub user_name: String,
    /// The account that owns the instance.
    pub owner: AccountId,
}

fn live(row: &Row<'_>) -> Result<LiveFamily, StoreError> {
    let exchanged_at: Vec<i64> = row.json(11)?;
    let application_id = ApplicationId::trusted(row.text(1)?);
    Ok(LiveFamily {
        application: ApplicationArn {
            account_id: AccountId::trusted(row.text(12)?),
            instance_id: InstanceId::trusted(row.text(13)?),
            id: application_id.clone(),
        },
        family: ApplicationTokenFamily {
            id: FamilyId::trusted(row.text(0)?),
            application_id,
            issuer_id: row.opt_text(2)?.map(TrustedTokenIssuerId::trusted),
            parent_id: row.opt_text(3)?.map(FamilyId::trusted),
            session_id: row.opt_text(4)?,
            identity_store_id: IdentityStoreId::trusted(row.text(5)?),
            user_id: UserId::trusted(row.text(6)?),
            scopes: row.json(7)?,
            created_at: row.time(8)?,
            expires_at: row.time(9)?,
            generation: row.int(10)?,
            exchanged_at: exchanged_at.into_iter().map(Timestamp::from_micros).collect(),
        },
        user_name: row.text(14)?,
        owner: AccountId::trusted(row.text(15)?),
    })
}

/// Adds a family, of which no token was exchanged yet.
pub fn insert(tx: &mut Tx<'_>, new: &ApplicationTokenFamily) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.application_id.as_str(),
            new.issuer_id.as_ref().map(TrustedTokenIssuerId::as_str),
            new.parent_id.as_ref().map(FamilyId::as_str),
            new.session_id.as_ref(),
            new.identity_store_id.as_str(),
            new.user_id.as_str(),
            &json(&new.scopes)?,
            new.created_at,
            new.expires_at
        ],
    )
}

/// The family of this id, if its row and those that it hangs on are there. It says nothing of what the person may.
pub(crate) fn find_live(
    rx: &mut Rx<'_>,
    id: &FamilyId,
    now: Timestamp,
) -> Result<Option<LiveFamily>, StoreError> {
    rx.first(&FIND_LIVE, params![id.as_str(), now], live)
}

/// Puts the next refresh token in force instead of that of `generation`, which must be; `exchanged_at` is what is remembered from now on.
pub fn exchange(
    tx: &mut Tx<'_>,
    id: &FamilyId,
    generation: i64,
    exchanged_at: &[Timestamp],
) -> Result<(), Fault> {
    let moments: Vec<i64> = exchanged_at.iter().map(|at| at.micros()).collect();
    tx.execute_one(&EXCHANGE, params![id.as_str(), generation, &json(&moments)?])
}

/// Ends a family. What grew from it does not count any more, since it is not there.
pub fn delete(tx: &mut Tx<'_>, id: &FamilyId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] families of which no token is good any more at `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
