//! Delegated administrators: the one member account that administers the organization's instance for the management account. What it may do is in
//! `policy::delegation`; no other service is administered so.

use model::access::Context;
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organization::Organization;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::timestamp::Timestamp;
use policy::require::{Action, require_with};
use policy::resource;
use store::accounts::accounts;
use store::db::Store;
use store::tx::Rx;

use crate::accounts::existing;
use crate::organization::{constraint, guarded, organization};

/// The service that can be administered from a member account.
pub(crate) const IDENTITY_CENTER: &str = "sso.amazonaws.com";

/// The condition key of the service that a call names.
fn of_service(service: &str) -> Context {
    Context::from([("organizations:ServicePrincipal".to_owned(), vec![service.to_owned()])])
}

/// The account, once the caller may do `action` with it for `service`, which has delegated administrators.
fn asked(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    (id, service): (&AccountId, &str),
) -> Result<(Account, Organization), Fault> {
    let organization = guarded(rx, cx, Action(action), id.as_str(), &of_service(service))?;
    if service != IDENTITY_CENTER {
        let message = format!(
            "ServicePrincipal {service} is not one that can have a delegated administrator here: {IDENTITY_CENTER} is the only one"
        );
        return Err(Fault::new(FaultKind::Service("InvalidInputException"), message)
            .with_reason("UNRECOGNIZED_SERVICE_PRINCIPAL"));
    }
    Ok((existing(rx, id)?, organization))
}

/// RegisterDelegatedAdministrator: counts from the next call of the account's roles on.
pub async fn register(store: &Store, cx: &Cx, id: AccountId, service: String) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let action = "organizations:RegisterDelegatedAdministrator";
            let (account, organization) = asked(tx, cx, action, (&id, &service))?;
            if account.id == organization.management_account_id {
                let message = "You specified the organization's management account, which cannot be a delegated administrator";
                return Err(constraint(
                    "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                    message.to_owned(),
                ));
            }
            if account.state != AccountState::Active {
                let message = format!("Account {id} is suspended");
                return Err(constraint(
                    "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
                    message,
                ));
            }
            match accounts::delegated(tx)?.first() {
                Some((other, _)) if other.id == id => {
                    return Err(Fault::new(
                        FaultKind::Service("AccountAlreadyRegisteredException"),
                        "The specified account is already a delegated administrator for this AWS service.",
                    ));
                }
                Some((other, _)) => {
                    let message = format!(
                        "{IDENTITY_CENTER} has one delegated administrator at most, and account {} is it: deregister that one first",
                        other.id
                    );
                    return Err(constraint(
                        "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
                        message,
                    ));
                }
                None => {}
            }
            cx.event().touch("AWS::Organizations::Account", organization.account_arn(&id));
            accounts::set_delegated(tx, &id, Some(cx.now))
        })
        .await
}

/// DeregisterDelegatedAdministrator: counts from the next call of the account's roles on.
pub async fn deregister(store: &Store, cx: &Cx, id: AccountId, service: String) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let action = "organizations:DeregisterDelegatedAdministrator";
            let (_, organization) = asked(tx, cx, action, (&id, &service))?;
            since(tx, &id)?;
            cx.event().touch("AWS::Organizations::Account", organization.account_arn(&id));
            accounts::set_delegated(tx, &id, None)
        })
        .await
}

/// Since when an account is a delegated administrator.
fn since(rx: &mut Rx<'_>, id: &AccountId) -> Result<Timestamp, Fault> {
    let found = accounts::delegated(rx)?.into_iter().find(|(account, _)| account.id == *id);
    found.map(|(_, at)| at).ok_or_else(|| {
        Fault::new(
            FaultKind::Service("AccountNotRegisteredException"),
            "The specified account is not a delegated administrator for this AWS service.",
        )
    })
}

/// The delegated administrators, of a service or of any, with the time since when.
pub fn list(
    store: &Store,
    cx: &Cx,
    service: Option<&str>,
) -> Result<(Vec<(Account, Timestamp)>, Organization), Fault> {
    store.read(|rx| {
        let organization = organization(rx)?;
        let further = service.map(of_service).unwrap_or_default();
        let action = Action("organizations:ListDelegatedAdministrators");
        let everything = resource::owned("*", &organization.management_account_id);
        require_with(cx, action, &[everything], &further)?;
        let of_ours = service.is_none_or(|service| service == IDENTITY_CENTER);
        let found = if of_ours { accounts::delegated(rx)? } else { Vec::new() };
        Ok((found, organization))
    })
}

/// The services that an account administers, with the time since when.
pub fn services(store: &Store, cx: &Cx, id: &AccountId) -> Result<Vec<(&'static str, Timestamp)>, Fault> {
    store.read(|rx| {
        let action = Action("organizations:ListDelegatedServicesForAccount");
        guarded(rx, cx, action, id.as_str(), &Context::new())?;
        existing(rx, id)?;
        Ok(vec![(IDENTITY_CENTER, since(rx, id)?)])
    })
}
