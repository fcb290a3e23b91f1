//! How an application comes by tokens: put, get, list, delete.

use std::collections::BTreeSet;

use model::applications::application::ApplicationArn;
use model::applications::grant::{AuthorizedTokenIssuer, Grant, GrantType};
use model::applications::trusted_token_issuer::TrustedTokenIssuerArn;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use policy::gate::require_organizations;
use policy::require::Action;
use store::db::Store;
use store::tx::Rx;

use crate::applications::KIND;
use crate::gate::guarded;

/// Sets the grant of its kind.
pub async fn put(store: &Store, cx: &Cx, arn: &ApplicationArn, grant: Grant) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let (owning, application) = guarded(tx, cx, Action("sso:PutApplicationGrant"), &arn)?;
            grant.check()?;
            if matches!(grant, Grant::AuthorizationCode { .. }) {
                require_organizations(cx, &owning, "pages at which its people sign in for a code")?;
            }
            if let Grant::JwtBearer { authorized_token_issuers } = &grant {
                let instance = &application.instance_id;
                authorized_token_issuers
                    .iter()
                    .try_for_each(|issuer| require_issuer(tx, instance, issuer))?;
                require_once(authorized_token_issuers)?;
            }
            store::applications::grants::upsert(tx, &application.id, &grant)?;
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

/// No issuer is named twice: which audiences count would be a guess.
fn require_once(issuers: &[AuthorizedTokenIssuer]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    match issuers.iter().find(|one| !seen.insert(&one.trusted_token_issuer_arn)) {
        Some(twice) => Err(Fault::validation(format!(
            "AuthorizedTokenIssuers names {} twice: name it once, with all of its AuthorizedAudiences",
            twice.trusted_token_issuer_arn
        ))),
        None => Ok(()),
    }
}

/// The issuer must be there, in the application's instance: another one's people are not its own.
fn require_issuer(
    rx: &mut Rx<'_>,
    instance: &InstanceId,
    issuer: &AuthorizedTokenIssuer,
) -> Result<(), Fault> {
    let arn = &issuer.trusted_token_issuer_arn;
    if let Some(arn) = TrustedTokenIssuerArn::parse(arn)
        && arn.instance_id == *instance
        && store::applications::trusted_token_issuers::find(rx, &arn)?.is_some()
    {
        return Ok(());
    }
    Err(Fault::not_found(format!("TrustedTokenIssuer {arn} was not found")).with_resource_id(arn))
}

/// The grant of a kind.
pub fn get(store: &Store, cx: &Cx, arn: &ApplicationArn, kind: GrantType) -> Result<Grant, Fault> {
    store.read(|rx| {
        let (_, application) = guarded(rx, cx, Action("sso:GetApplicationGrant"), arn)?;
        let found = store::applications::grants::find(rx, &application.id, kind)?;
        found.ok_or_else(|| not_there(arn, kind))
    })
}

/// All of an application: one of each kind at most.
pub fn list(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<Vec<Grant>, Fault> {
    store.read(|rx| {
        let (_, application) = guarded(rx, cx, Action("sso:ListApplicationGrants"), arn)?;
        Ok(store::applications::grants::all_of(rx, &application.id)?)
    })
}

/// Takes the grant of a kind away.
pub async fn delete(store: &Store, cx: &Cx, arn: &ApplicationArn, kind: GrantType) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let (_, application) = guarded(tx, cx, Action("sso:DeleteApplicationGrant"), &arn)?;
            if !store::applications::grants::delete(tx, &application.id, kind)? {
                return Err(not_there(&arn, kind));
            }
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

fn not_there(arn: &ApplicationArn, kind: GrantType) -> Fault {
    Fault::not_found(format!("Application {arn} has no grant {}", kind.as_str()))
        .with_resource_id(arn.to_string())
}
