//! How somebody's new password is brought to their directory: by their old one, as they could do it themselves, so that the directory's own rules hold. Guesses at
//! the old one are bounded before they come here; what becomes of their sessions is `signin`'s.

use ldap::password::PasswordRefusal;
use model::cx::Cx;
use model::fault::Fault;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::{AskedDirectory, DirectoryAnswer, NewPasswordAnswer};
use outbound::client::Outbound;
use outbound::ldap::sign_in::{PasswordChange, Unproven};
use store::db::Store;

use crate::directory_connections::moment;
use crate::directory_sign_ins::reach;

/// Changes somebody's password there.
pub async fn change(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (asked, (old, new)): (&AskedDirectory, (&Secret, &Secret)),
) -> Result<NewPasswordAnswer, Fault> {
    if let Some(refusal) = unasked(old, new) {
        return Ok(refused(refusal, "", true));
    }
    let (connected, id) = match reach(store, outbound, asked)? {
        Ok(reached) => reached,
        Err(DirectoryAnswer::Away { said, may_have_heard }) => {
            return Ok(NewPasswordAnswer::Away { said, may_have_heard });
        }
        Err(_) => return Err(Fault::internal("a directory that was not asked has answered")),
    };
    Ok(match connected.change_password(&id, (old, new), moment(cx.now)?).await {
        Ok(PasswordChange::Done) => NewPasswordAnswer::Done,
        Ok(PasswordChange::Refused { why, said }) => refused(why, &said, why.proves_old()),
        Err(Unproven { failure, may_have_heard }) => {
            NewPasswordAnswer::Away { said: failure.to_string(), may_have_heard }
        }
    })
}

/// What no directory need be asked: it would sign in nobody, or change nothing and yet count as a change (RFC 3062 §2 has no rule against it).
fn unasked(old: &Secret, new: &Secret) -> Option<PasswordRefusal> {
    let is_none = |password: &Secret| password.expose().is_empty() || password.expose().contains('\0');
    if is_none(old) {
        return Some(PasswordRefusal::WrongOld);
    }
    if is_none(new) {
        return Some(PasswordRefusal::TooShort);
    }
    (old.expose() == new.expose()).then_some(PasswordRefusal::UsedBefore)
}

fn refused(why: PasswordRefusal, said: &str, gives_back: bool) -> NewPasswordAnswer {
    let told = match why {
        PasswordRefusal::WrongOld => Saying::OldPasswordNotRight,
        PasswordRefusal::TooShort => Saying::DirectoryPasswordShort,
        PasswordRefusal::TooWeak => Saying::DirectoryPasswordWeak,
        PasswordRefusal::UsedBefore => Saying::DirectoryPasswordUsed,
        PasswordRefusal::TooSoon => Saying::DirectoryPasswordSoon,
        PasswordRefusal::Policy => Saying::DirectoryPasswordRule,
        PasswordRefusal::NotAllowed | PasswordRefusal::Other => Saying::DirectoryPasswordKept,
    };
    let said = if said.is_empty() { why.to_string() } else { format!("{why} ({said})") };
    NewPasswordAnswer::Refused { reason: why.as_str(), said, told, is_no_guess: gives_back }
}
