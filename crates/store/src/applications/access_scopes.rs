//! What applications may ask for.

use model::applications::access_scope::{AccessScope, ScopeName, ScopeTarget};
use model::applications::application::ApplicationId;
use model::fault::Fault;
use model::page::PageRequest;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    UPSERT = "INSERT INTO application_access_scopes (application_id, scope, authorized_targets) VALUES (?1, ?2, ?3)
              ON CONFLICT (application_id, scope) DO UPDATE SET authorized_targets = excluded.authorized_targets";
    FIND = "SELECT scope, authorized_targets FROM application_access_scopes WHERE application_id = ?1 AND scope = ?2";
    PAGE = "SELECT scope, authorized_targets FROM application_access_scopes WHERE application_id = ?1 AND scope > ?2
            ORDER BY scope LIMIT ?3";
    COUNT_OTHERS = "SELECT COUNT(*) FROM application_access_scopes WHERE application_id = ?1 AND scope <> ?2";
    DELETE = "DELETE FROM application_access_scopes WHERE application_id = ?1 AND scope = ?2";
    DELETE_BY_APPLICATION = "DELETE FROM application_access_scopes WHERE application_id = ?1";
}

/// Adds a scope, or says of one to whom its tokens may be given.
pub fn upsert(tx: &mut Tx<'_>, application: &ApplicationId, it: &AccessScope) -> Result<(), Fault> {
    let targets: Vec<String> = it.authorized_targets.iter().map(ScopeTarget::to_string).collect();
    let targets = if targets.is_empty() { None } else { Some(json(&targets)?) };
    tx.execute_one(&UPSERT, params![application.as_str(), it.scope.as_str(), targets.as_ref()])
}

/// A scope of an application.
pub fn find(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    scope: &ScopeName,
) -> Result<Option<AccessScope>, StoreError> {
    rx.first(&FIND, params![application.as_str(), scope.as_str()], access_scope)
}

/// Scopes of an application by name.
pub fn page(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    page: &PageRequest,
) -> Result<Vec<AccessScope>, StoreError> {
    rx.all(&PAGE, params![application.as_str(), page.after_or_start(), page.rows()], access_scope)
}

/// How many an application has beside this one.
pub fn count_others(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    scope: &ScopeName,
) -> Result<u64, StoreError> {
    rx.count(&COUNT_OTHERS, params![application.as_str(), scope.as_str()])
}

/// Removes a scope; `false` when it was not there.
pub fn delete(tx: &mut Tx<'_>, application: &ApplicationId, scope: &ScopeName) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![application.as_str(), scope.as_str()])? == 1)
}

/// Removes every scope of an application.
pub fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

fn access_scope(row: &Row<'_>) -> Result<AccessScope, StoreError> {
    let targets: Vec<String> = if row.opt_text(1)?.is_some() { row.json(1)? } else { Vec::new() };
    let read = |arn: &String| {
        ScopeTarget::parse(arn).ok_or_else(|| StoreError::Corrupt(format!("{arn} is no target of a scope")))
    };
    Ok(AccessScope {
        scope: ScopeName::trusted(row.text(0)?),
        authorized_targets: targets.iter().map(read).collect::<Result<_, _>>()?,
    })
}
