//! A person's own new password, by the old one: so the directory's own rules for people hold, and nothing is set that the person could not set.

use ldap::attribute::AttributeName;
use ldap::control::{self, Control};
use ldap::malformed::Malformed;
use ldap::message::Body;
use ldap::outcome::Outcome;
use ldap::password::{self, PasswordRefusal};
use ldap::request::{Change, How, PASSWORD_MODIFY, Request};
use model::secret::Secret;

use crate::ldap::asking;
use crate::ldap::failure::Why;
use crate::ldap::session::Session;
use crate::ldap::sign_in::PasswordChange;
use crate::saying::short;

/// Active Directory: the old value goes and the new one comes in one change, which everybody may do to an account (MS-ADTS §3.1.1.3.1.5.1), also where
/// the password is too old to sign in with.
pub(crate) async fn of_active_directory(
    session: &mut Session,
    dn: &str,
    old: &Secret,
    new: &Secret,
) -> Result<PasswordChange, Why> {
    let attribute: AttributeName = asking::name("unicodePwd")?;
    let (old, new) = (password::unicode_pwd(old.expose()), password::unicode_pwd(new.expose()));
    let changes = [
        Change { how: How::Delete, attribute: &attribute, value: &old },
        Change { how: How::Add, attribute: &attribute, value: &new },
    ];
    let answer = session.ask(&Request::Modify { dn, changes: &changes }, &[]).await?;
    let Body::Modified(outcome) = answer.body else {
        return Err(Malformed("something else than the answer to a change").into());
    };
    answered(&outcome, &answer.controls)
}

/// RFC 3062, on a connection on which the person has signed in.
pub(crate) async fn by_extension(
    session: &mut Session,
    dn: &str,
    old: &Secret,
    new: &Secret,
) -> Result<PasswordChange, Why> {
    let value = password::modify_request(dn, old.expose().as_bytes(), new.expose().as_bytes());
    let request = Request::Extended { name: PASSWORD_MODIFY, value: Some(&value) };
    let answer = session.ask(&request, &[Control::password_policy()]).await?;
    let Body::Extended { outcome, .. } = answer.body else {
        return Err(Malformed("something else than the answer to an extended operation").into());
    };
    answered(&outcome, &answer.controls)
}

fn answered(outcome: &Outcome, controls: &[Control]) -> Result<PasswordChange, Why> {
    let policy = control::password_policy(controls)?;
    Ok(match PasswordRefusal::of(outcome, policy) {
        None => PasswordChange::Done,
        Some(why) => {
            PasswordChange::Refused { why, said: format!("{}, {}", outcome.code, short(&outcome.message)) }
        }
    })
}
