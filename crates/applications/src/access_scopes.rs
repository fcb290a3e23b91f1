//! What an application may ask for, and to whom tokens of it may be given: put, get, list, delete.

use model::applications::access_scope::{AccessScope, ScopeName, ScopeTarget};
use model::applications::application::{Application, ApplicationArn};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::limits::SCOPES_PER_CLIENT_MAX;
use model::page::{Page, PageRequest};
use policy::require::Action;
use store::db::Store;
use store::tx::Rx;

use crate::applications::KIND;
use crate::gate::guarded;

/// Adds a scope, or says of one to whom its tokens may be given.
pub async fn put(store: &Store, cx: &Cx, arn: &ApplicationArn, scope: AccessScope) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let (instance, application) = guarded(tx, cx, Action("sso:PutApplicationAccessScope"), &arn)?;
            check(tx, (&instance, &application), &scope)?;
            store::applications::access_scopes::upsert(tx, &application.id, &scope)?;
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

fn check(
    rx: &mut Rx<'_>,
    (instance, application): (&Instance, &Application),
    new: &AccessScope,
) -> Result<(), Fault> {
    // What leads to the accounts of the whole organization is for the account that manages it.
    if new.scope.as_str() == ScopeName::ACCOUNT_ACCESS && application.account_id != instance.owner {
        return Err(Fault::validation(format!(
            "Scope {} is for applications of the management account {} only",
            ScopeName::ACCOUNT_ACCESS,
            instance.owner
        )));
    }
    let others = store::applications::access_scopes::count_others(rx, &application.id, &new.scope)?;
    if others >= SCOPES_PER_CLIENT_MAX as u64 {
        return Err(Fault::validation(format!(
            "The application would have {} access scopes, {SCOPES_PER_CLIENT_MAX} at most",
            others + 1
        )));
    }
    new.authorized_targets.iter().try_for_each(|target| require_target(rx, instance, target))
}

/// A target is this instance, or an application of it.
fn require_target(rx: &mut Rx<'_>, instance: &Instance, target: &ScopeTarget) -> Result<(), Fault> {
    let is_there = match target {
        ScopeTarget::Instance(id) => *id == instance.id,
        ScopeTarget::Application(arn) => {
            arn.instance_id == instance.id
                && store::applications::applications::find(rx, &arn.id)?.is_some_and(|it| it.arn() == *arn)
        }
    };
    if is_there {
        return Ok(());
    }
    let arn = target.to_string();
    Err(Fault::not_found(format!("AuthorizedTargets: {arn} was not found")).with_resource_id(arn))
}

/// A scope of an application.
pub fn get(store: &Store, cx: &Cx, arn: &ApplicationArn, scope: &ScopeName) -> Result<AccessScope, Fault> {
    store.read(|rx| {
        let (_, application) = guarded(rx, cx, Action("sso:GetApplicationAccessScope"), arn)?;
        let found = store::applications::access_scopes::find(rx, &application.id, scope)?;
        found.ok_or_else(|| not_there(arn, scope))
    })
}

/// Scopes of an application by name.
pub fn list(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    page: &PageRequest,
) -> Result<Page<AccessScope>, Fault> {
    store.read(|rx| {
        let (_, application) = guarded(rx, cx, Action("sso:ListApplicationAccessScopes"), arn)?;
        let rows = store::applications::access_scopes::page(rx, &application.id, page)?;
        Ok(page.page(rows, |row| row.scope.to_string()))
    })
}

/// Takes a scope away.
pub async fn delete(store: &Store, cx: &Cx, arn: &ApplicationArn, scope: ScopeName) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let (_, application) = guarded(tx, cx, Action("sso:DeleteApplicationAccessScope"), &arn)?;
            if !store::applications::access_scopes::delete(tx, &application.id, &scope)? {
                return Err(not_there(&arn, &scope));
            }
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

fn not_there(arn: &ApplicationArn, scope: &ScopeName) -> Fault {
    Fault::not_found(format!("Application {arn} has no access scope {scope}"))
        .with_resource_id(arn.to_string())
}
