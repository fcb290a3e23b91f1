//! Sign-ins that are not over, by the hash of the value that their browser holds.

use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::mfa::Method;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO sign_in_flows (flow_hash, user_id, workflow_id, password_hash, methods, mfa_at, known_browser, brought, session_id,
           created_at, expires_at, known_device, must_change)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    FIND = "SELECT user_id, workflow_id, password_hash, methods, mfa_at, known_browser, brought, session_id, created_at, expires_at, known_device, must_change
           FROM sign_in_flows WHERE flow_hash = ?1";
    ADVANCE = "UPDATE sign_in_flows SET methods = ?2, mfa_at = ?3, password_hash = ?4 WHERE flow_hash = ?1";
    DELETE = "DELETE FROM sign_in_flows WHERE flow_hash = ?1";
    DELETE_BY_USER = "DELETE FROM sign_in_flows WHERE user_id = ?1";
    DELETE_EXPIRED = "DELETE FROM sign_in_flows WHERE flow_hash IN
           (SELECT flow_hash FROM sign_in_flows WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// A sign-in that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInFlow {
    /// Whose.
    pub user_id: UserId,
    /// CloudTrail's `AuthWorkflowID`, which all its records share.
    pub workflow_id: String,
    /// The hash that the password was right against; empty where none was asked for.
    pub password_hash: String,
    /// What was proved so far.
    pub methods: Vec<Method>,
    /// When a second factor was given.
    pub mfa_at: Option<Timestamp>,
    /// Whether it happens in a browser that its person has remembered.
    pub known_browser: bool,
    /// Whether the person is told of nothing new: they were seen with that browser, or are where it is.
    pub known_device: bool,
    /// Whether the person's directory wants another password before it lets them in.
    pub must_change: bool,
    /// The session that the browser was in when it began, which the new one takes the place of.
    pub brought: Option<String>,
    /// The session in which its person proves themselves again; none for a new session.
    pub session_id: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// Adds a flow.
pub fn insert(tx: &mut Tx<'_>, flow_hash: &[u8; 32], new: &SignInFlow) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            flow_hash,
            new.user_id.as_str(),
            &new.workflow_id,
            &new.password_hash,
            &json(&new.methods)?,
            new.mfa_at,
            new.known_browser,
            new.brought.as_ref(),
            new.session_id.as_ref(),
            new.created_at,
            new.expires_at,
            new.known_device,
            new.must_change
        ],
    )
}

/// The flow of this hash.
pub fn find(rx: &mut Rx<'_>, flow_hash: &[u8; 32]) -> Result<Option<SignInFlow>, StoreError> {
    rx.first(&FIND, params![flow_hash], |row| {
        Ok(SignInFlow {
            user_id: UserId::trusted(row.text(0)?),
            workflow_id: row.text(1)?,
            password_hash: row.text(2)?,
            methods: row.json(3)?,
            mfa_at: row.opt_time(4)?,
            known_browser: row.flag(5)?,
            brought: row.opt_text(6)?,
            session_id: row.opt_text(7)?,
            created_at: row.time(8)?,
            expires_at: row.time(9)?,
            known_device: row.flag(10)?,
            must_change: row.flag(11)?,
        })
    })
}

/// Writes what has been proved meanwhile.
pub fn advance(tx: &mut Tx<'_>, flow_hash: &[u8; 32], flow: &SignInFlow) -> Result<(), Fault> {
    let methods = json(&flow.methods)?;
    tx.execute_one(&ADVANCE, params![flow_hash, &methods, flow.mfa_at, &flow.password_hash])
}

/// Ends a flow; false when it was over.
pub fn delete(tx: &mut Tx<'_>, flow_hash: &[u8; 32]) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![flow_hash])? > 0)
}

/// Ends every flow of a user.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] flows whose time is over; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
