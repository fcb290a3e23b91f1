//! Links by which people choose a password, found by the keyed hash of their token.

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::PageRequest;
use model::signin::invitation::{Invitation, InvitationId, Purpose};
use model::signin::letter::LetterState;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`invitation`] reads: with the person, without whom there is no invitation, and the letter, if there is one.
/// What was made before the instance's mark is void.
macro_rules! columns {
    () => {
        "SELECT i.invitation_id, i.user_id, u.user_name, i.purpose, i.created_at, i.created_by, i.expires_at, m.state, i.email_key,
         i.identity_store_id FROM invitations i JOIN users u ON u.user_id = i.user_id
         JOIN instances n ON n.identity_store_id = i.identity_store_id AND n.not_before < i.created_at LEFT JOIN mails m ON m.mail_id = i.mail_id"
    };
}

statements! {
    INSERT = "INSERT INTO invitations (invitation_id, identity_store_id, user_id, purpose, token_hash, mail_id, email_key, created_at, created_by,
              expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    FIND = concat!(columns!(), " WHERE i.invitation_id = ?1");
    FIND_BY_TOKEN = concat!(columns!(), " WHERE i.token_hash = ?1");
    FIND_BY_MAIL = concat!(columns!(), " WHERE i.mail_id = ?1");
    PAGE = concat!(columns!(), " WHERE i.identity_store_id = ?1 AND i.invitation_id > ?2 AND i.expires_at > ?3 ORDER BY i.invitation_id LIMIT ?4");
    PAGE_BY_USER = concat!(columns!(), " WHERE i.user_id = ?1 AND i.invitation_id > ?2 AND i.expires_at > ?3 ORDER BY i.invitation_id LIMIT ?4");
    DELETE = "DELETE FROM invitations WHERE invitation_id = ?1";
    DELETE_BY_USER = "DELETE FROM invitations WHERE user_id = ?1";
    DELETE_BY_PURPOSE = "DELETE FROM invitations WHERE user_id = ?1 AND purpose = ?2";
    DELETE_MAILED = "DELETE FROM invitations WHERE user_id = ?1 AND email_key IS NOT NULL";
    DELETE_EXPIRED = "DELETE FROM invitations WHERE invitation_id IN
              (SELECT invitation_id FROM invitations WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// An invitation that is made.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Where the person is.
    pub identity_store_id: IdentityStoreId,
    /// Whom it is for.
    pub user_id: UserId,
    /// See [`Purpose`].
    pub purpose: Purpose,
    /// The hash of its token.
    pub token_hash: [u8; 32],
    /// Its letter, and the key of the address that this goes to.
    pub mailed: Option<(String, String)>,
    /// When.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// An invitation with what binds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The invitation.
    pub invitation: Invitation,
    /// Where the person is.
    pub identity_store_id: IdentityStoreId,
    /// The key of the address that it was mailed to.
    pub email_key: Option<String>,
}

fn invitation(row: &Row<'_>) -> Result<Bound, StoreError> {
    let state = row.opt_text(7)?;
    Ok(Bound {
        invitation: Invitation {
            id: InvitationId::trusted(row.text(0)?),
            user_id: UserId::trusted(row.text(1)?),
            user_name: row.text(2)?,
            purpose: row.word(3, Purpose::parse)?,
            created_at: row.time(4)?,
            created_by: row.text(5)?,
            expires_at: row.time(6)?,
            letter: state.map(|_| row.word(7, LetterState::parse)).transpose()?,
        },
        email_key: row.opt_text(8)?,
        identity_store_id: IdentityStoreId::trusted(row.text(9)?),
    })
}

/// Adds an invitation.
pub fn insert(tx: &mut Tx<'_>, new: &NewInvitation) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.identity_store_id.as_str(),
            new.user_id.as_str(),
            new.purpose.as_str(),
            &new.token_hash,
            new.mailed.as_ref().map(|(mail_id, _)| mail_id),
            new.mailed.as_ref().map(|(_, email_key)| email_key),
            new.created_at,
            &new.created_by,
            new.expires_at
        ],
    )
}

/// The invitation with this id.
pub fn find(rx: &mut Rx<'_>, id: &InvitationId) -> Result<Option<Bound>, StoreError> {
    rx.first(&FIND, params![id.as_str()], invitation)
}

/// The invitation whose token has this hash.
pub fn find_by_token(rx: &mut Rx<'_>, token_hash: &[u8; 32]) -> Result<Option<Bound>, StoreError> {
    rx.first(&FIND_BY_TOKEN, params![token_hash], invitation)
}

/// The invitation that a letter carries.
pub fn find_by_mail(rx: &mut Rx<'_>, mail_id: &str) -> Result<Option<Bound>, StoreError> {
    rx.first(&FIND_BY_MAIL, params![mail_id], invitation)
}

/// Invitations that have not ended by `now`, by id: a store's, or one user's where one is named.
pub fn page(
    rx: &mut Rx<'_>,
    (store, user): (&IdentityStoreId, Option<&UserId>),
    now: Timestamp,
    request: &PageRequest,
) -> Result<Vec<Invitation>, StoreError> {
    let (statement, whose) = user.map_or((&PAGE, store.as_str()), |user| (&PAGE_BY_USER, user.as_str()));
    let params = params![whose, request.after_or_start(), now, request.rows()];
    rx.all(statement, params, |row| Ok(invitation(row)?.invitation))
}

/// Removes an invitation; false when it was gone.
pub fn delete(tx: &mut Tx<'_>, id: &InvitationId) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![id.as_str()])? > 0)
}

/// Removes every invitation of a user.
pub fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes a user's invitation of this purpose, if there is one.
pub fn delete_by_purpose(tx: &mut Tx<'_>, user: &UserId, purpose: Purpose) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_PURPOSE, params![user.as_str(), purpose.as_str()])?;
    Ok(())
}

/// Removes a user's invitations that were mailed: the address is another one now.
pub fn delete_mailed(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_MAILED, params![user.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] invitations that ended by `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
