//! Signing in on a connection: as the account that asks, or as a person whose password is to be proven.

use ldap::control::{self, Control};
use ldap::malformed::Malformed;
use ldap::message::Body;
use ldap::refusal::BindRefusal;
use ldap::request::Request;

use crate::ldap::failure::Why;
use crate::ldap::session::Session;
use crate::ldap::settings::Account;
use crate::saying::short;

/// A bind that does not count, and what the directory said.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) refusal: BindRefusal,
    pub(crate) said: String,
}

/// As the account that asks.
pub(crate) async fn as_account(session: &mut Session, account: &Account) -> Result<(), Why> {
    let refused = match account {
        Account::Simple { name, password } => with_password(session, name, password.expose()).await?,
        Account::Certificate { .. } => bind(session, &Request::BindExternal).await?,
    };
    match refused {
        None => Ok(()),
        Some(Refused { refusal, said }) => Err(Why::Account { refusal, said }),
    }
}

/// With a name and a password. None where it is accepted.
pub(crate) async fn with_password(
    session: &mut Session,
    name: &str,
    password: &str,
) -> Result<Option<Refused>, Why> {
    let Some(request) = Request::bind(name, password.as_bytes()) else {
        // A server would say yes to a name without a password, and have signed in nobody (RFC 4513 §5.1.2).
        return Ok(Some(Refused { refusal: BindRefusal::WrongPassword, said: String::new() }));
    };
    bind(session, &request).await
}

async fn bind(session: &mut Session, request: &Request<'_>) -> Result<Option<Refused>, Why> {
    let answer = session.ask(request, &[Control::password_policy()]).await?;
    let Body::Bound(outcome) = answer.body else {
        return Err(Malformed("something else than the answer to a sign-in").into());
    };
    let policy = control::password_policy(&answer.controls)?;
    let refusal = BindRefusal::of(&outcome, policy);
    Ok(refusal.map(|refusal| {
        let said = format!("{}, {}", outcome.code, short(&outcome.message));
        Refused { refusal, said: said.trim_end_matches([',', ' ']).to_owned() }
    }))
}
