//! Applications.

use model::accounts::account::AccountId;
use model::applications::application::{
    Application, ApplicationArn, ApplicationId, SignInOptions, SignInOrigin, Switch,
};
use model::applications::application_provider::ApplicationProviderId;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

/// The columns that [`application`] reads, of the table by its letter.
macro_rules! columns {
    () => {
        "a.application_id, a.instance_id, a.account_id, a.provider_id, a.name, a.description, a.status, a.visibility,
         a.sign_in_origin, a.application_url, a.assignment_required, a.background_sessions, a.created_at, a.created_from"
    };
}
pub(crate) use columns;

/// A page of an instance's applications by id, of those that `$which` chooses.
macro_rules! page {
    ($which:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM applications a WHERE a.instance_id = ?1 AND a.application_id > ?2",
            $which,
            " ORDER BY a.application_id LIMIT ?3"
        )
    };
}

/// How many columns [`application`] reads.
const COLUMNS: usize = 14;

statements! {
    INSERT = "INSERT INTO applications (application_id, instance_id, account_id, provider_id, name, description, status, visibility,
              sign_in_origin, application_url, assignment_required, background_sessions, created_at, created_from, client_token, client_input)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    FIND = concat!("SELECT ", columns!(), " FROM applications a WHERE a.application_id = ?1");
    FIND_BY_CLIENT_TOKEN = concat!("SELECT ", columns!(), ", a.client_input FROM applications a
              WHERE a.instance_id = ?1 AND a.account_id = ?2 AND a.client_token = ?3");
    PAGE = page!("");
    PAGE_BY_ACCOUNT = page!(" AND a.account_id = ?4");
    PAGE_BY_PROVIDER = page!(" AND a.provider_id = ?4");
    PAGE_BY_BOTH = page!(" AND a.account_id = ?4 AND a.provider_id = ?5");
    COUNT = "SELECT COUNT(*) FROM applications WHERE instance_id = ?1";
    VOID = "UPDATE applications SET not_before = ?2 WHERE application_id = ?1 AND not_before < ?2";
    UPDATE = "UPDATE applications SET name = ?2, description = ?3, status = ?4, visibility = ?5, sign_in_origin = ?6,
              application_url = ?7, assignment_required = ?8, background_sessions = ?9 WHERE application_id = ?1";
    DELETE = "DELETE FROM applications WHERE application_id = ?1";
}

/// By which call an application is made: its token, if it has one, and a digest of what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBy {
    /// The caller's token.
    pub client_token: Option<String>,
    /// A digest of the input.
    pub input: String,
}

/// Adds an application.
pub fn insert(tx: &mut Tx<'_>, new: &Application, by: &MadeBy) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![
            new.id.as_str(),
            new.instance_id.as_str(),
            new.account_id.as_str(),
            new.provider_id.as_str(),
            &new.name,
            new.description.as_ref(),
            new.status.as_str(),
            new.visibility.as_str(),
            origin(new),
            url(new),
            new.assignment_required,
            new.background_sessions.as_str(),
            new.created_at,
            &new.created_from,
            by.client_token.as_ref(),
            &by.input
        ],
    )
}

fn origin(of: &Application) -> Option<&'static str> {
    of.sign_in.as_ref().map(|options| options.origin.as_str())
}

fn url(of: &Application) -> Option<&String> {
    of.sign_in.as_ref().and_then(|options| options.application_url.as_ref())
}

/// The application of this id.
pub fn find(rx: &mut Rx<'_>, id: &ApplicationId) -> Result<Option<Application>, StoreError> {
    rx.first(&FIND, params![id.as_str()], application)
}

/// The application that an account made by this token, and the digest of what it asked for.
pub fn find_by_client_token(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    account: &AccountId,
    token: &str,
) -> Result<Option<(Application, String)>, StoreError> {
    rx.first(&FIND_BY_CLIENT_TOKEN, params![instance.as_str(), account.as_str(), token], |row| {
        Ok((application(row)?, row.text(COLUMNS)?))
    })
}

/// Which applications a list is of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which<'a> {
    /// Those of this account alone.
    pub account: Option<&'a AccountId>,
    /// Those of this provider alone.
    pub provider: Option<&'a ApplicationProviderId>,
}

/// Applications of an instance by id.
pub fn page(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    which: Which<'_>,
    page: &PageRequest,
) -> Result<Vec<Application>, StoreError> {
    let (after, rows) = (page.after_or_start(), page.rows());
    let account = which.account.map(AccountId::as_str);
    let provider = which.provider.map(ApplicationProviderId::as_str);
    let mut by = |statement: &Statement, which: &[&str]| {
        let mut params = params![instance.as_str(), after, rows].to_vec();
        params.extend(which.iter().map(|text| crate::row::Param::Text(text)));
        rx.all(statement, &params, application)
    };
    match (account, provider) {
        (None, None) => by(&PAGE, &[]),
        (Some(account), None) => by(&PAGE_BY_ACCOUNT, &[account]),
        (None, Some(provider)) => by(&PAGE_BY_PROVIDER, &[provider]),
        (Some(account), Some(provider)) => by(&PAGE_BY_BOTH, &[account, provider]),
    }
}

/// How many an instance has.
pub fn count(rx: &mut Rx<'_>, instance: &InstanceId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![instance.as_str()])
}

/// Changes what can change of an application.
pub fn update(tx: &mut Tx<'_>, it: &Application) -> Result<(), Fault> {
    tx.execute_one(
        &UPDATE,
        params![
            it.id.as_str(),
            &it.name,
            it.description.as_ref(),
            it.status.as_str(),
            it.visibility.as_str(),
            origin(it),
            url(it),
            it.assignment_required,
            it.background_sessions.as_str()
        ],
    )
}

/// Makes void what an application was given until `now`.
pub fn void(tx: &mut Tx<'_>, id: &ApplicationId, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&VOID, params![id.as_str(), now])?;
    Ok(())
}

/// Removes an application.
pub fn delete(tx: &mut Tx<'_>, id: &ApplicationId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}

/// The ARN in the first columns of a row: id, instance, account.
pub(crate) fn arn(row: &Row<'_>) -> Result<ApplicationArn, StoreError> {
    Ok(ApplicationArn {
        id: ApplicationId::trusted(row.text(0)?),
        instance_id: InstanceId::trusted(row.text(1)?),
        account_id: AccountId::trusted(row.text(2)?),
    })
}

/// The application in the first columns of a row.
pub(crate) fn application(row: &Row<'_>) -> Result<Application, StoreError> {
    let origin = row.opt_text(8)?;
    let application_url = row.opt_text(9)?;
    let sign_in = match origin {
        None => None,
        Some(_) => Some(SignInOptions { origin: row.word(8, SignInOrigin::parse)?, application_url }),
    };
    Ok(Application {
        id: ApplicationId::trusted(row.text(0)?),
        instance_id: InstanceId::trusted(row.text(1)?),
        account_id: AccountId::trusted(row.text(2)?),
        provider_id: ApplicationProviderId::trusted(row.text(3)?),
        name: row.text(4)?,
        description: row.opt_text(5)?,
        status: row.word(6, Switch::parse)?,
        visibility: row.word(7, Switch::parse)?,
        sign_in,
        assignment_required: row.flag(10)?,
        background_sessions: row.word(11, Switch::parse)?,
        created_at: row.time(12)?,
        created_from: row.text(13)?,
    })
}
