//! Who may act for an application: put, get, list, delete. A policy that could not be evaluated is not kept, and what is kept is read back as it was written.

use model::applications::application::ApplicationArn;
use model::applications::authentication_method::{AuthenticationMethod, AuthenticationMethodType};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use policy::document::Document;
use policy::require::Action;
use store::db::Store;

use crate::applications::KIND;
use crate::gate::guarded;

/// Says how whoever acts for an application proves that they may.
pub async fn put(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    method: AuthenticationMethod,
) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let action = Action("sso:PutApplicationAuthenticationMethod");
            let (_, application) = guarded(tx, cx, action, &arn)?;
            let AuthenticationMethod::Iam { actor_policy } = &method;
            Document::parse_new_actor(&actor_policy.to_string()).map_err(|fault| match fault.kind() {
                FaultKind::Service(_) => {
                    Fault::validation(format!("AuthenticationMethod.Iam.ActorPolicy: {}", fault.message()))
                }
                _ => fault,
            })?;
            store::applications::authentication_methods::upsert(tx, &application.id, &method)?;
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

/// An authentication method of an application.
pub fn get(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    kind: AuthenticationMethodType,
) -> Result<AuthenticationMethod, Fault> {
    store.read(|rx| {
        let (_, application) = guarded(rx, cx, Action("sso:GetApplicationAuthenticationMethod"), arn)?;
        let found = store::applications::authentication_methods::find(rx, &application.id, kind)?;
        found.ok_or_else(|| not_there(arn, kind))
    })
}

/// All of an application: one of each kind at most.
pub fn list(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<Vec<AuthenticationMethod>, Fault> {
    store.read(|rx| {
        let (_, application) = guarded(rx, cx, Action("sso:ListApplicationAuthenticationMethods"), arn)?;
        Ok(store::applications::authentication_methods::all_of(rx, &application.id)?)
    })
}

/// Takes an authentication method away: nobody may act for the application by it any more.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    kind: AuthenticationMethodType,
) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let action = Action("sso:DeleteApplicationAuthenticationMethod");
            let (_, application) = guarded(tx, cx, action, &arn)?;
            if !store::applications::authentication_methods::delete(tx, &application.id, kind)? {
                return Err(not_there(&arn, kind));
            }
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

fn not_there(arn: &ApplicationArn, kind: AuthenticationMethodType) -> Fault {
    Fault::not_found(format!("Application {arn} has no authentication method {}", kind.as_str()))
        .with_resource_id(arn.to_string())
}
