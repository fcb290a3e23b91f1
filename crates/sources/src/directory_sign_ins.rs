//! How somebody is asked about where their directory is, when they sign in: whether their password is right there and they may enter, or, where another
//! proof was given, whether they may. Guesses are bounded before they come here; what a sign-in comes to is `signin`'s.

use ldap::id::EntryId;
use ldap::refusal::BindRefusal;
use model::cx::Cx;
use model::fault::Fault;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::{AskedDirectory, DirectoryAnswer};
use model::sources::directory::DirectorySchema;
use outbound::client::Outbound;
use outbound::ldap::directory::Directory as Connected;
use outbound::ldap::sign_in::{SignIn, Unproven};
use store::db::Store;
use store::sources::directories;

use crate::directory_connections::{connect, moment};

/// What speaks to the directory, and the entry there; or an answer, where nobody can be asked.
pub(crate) fn reach(
    store: &Store,
    outbound: &Outbound,
    asked: &AskedDirectory,
) -> Result<Result<(Connected, EntryId), DirectoryAnswer>, Fault> {
    let directory = store.read(|rx| Ok(directories::find(rx, &asked.directory_id)?))?;
    let (Some(directory), Some(id)) = (directory, EntryId::parse(&asked.external_id)) else {
        let said = "the directory is gone, or the person was not read in it yet".to_owned();
        return Ok(Err(DirectoryAnswer::Away { said, may_have_heard: false }));
    };
    Ok(Ok((connect(store, outbound, &directory)?, id)))
}

/// Whether somebody's password is right, and they may enter.
pub async fn ask(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (asked, password): (&AskedDirectory, &Secret),
) -> Result<DirectoryAnswer, Fault> {
    if password.expose().is_empty() || password.expose().contains('\0') {
        // A bind without a password is nobody's, and succeeds (RFC 4513 §5.1.2); some servers compare no further than a zero byte.
        return Ok(refused(BindRefusal::WrongPassword, ""));
    }
    let (connected, id) = match reach(store, outbound, asked)? {
        Ok(reached) => reached,
        Err(answer) => return Ok(answer),
    };
    Ok(match connected.sign_in(&id, password, moment(cx.now)?).await {
        Ok(SignIn::Welcome(_)) => DirectoryAnswer::Welcome,
        Ok(SignIn::Refused { refusal, person: Some(person), said })
            if wants_another(store, asked, refusal)? =>
        {
            // Who may not enter with another password either hears that.
            match BindRefusal::of_state(person.state) {
                Some(BindRefusal::MustChangePassword) | None if person.state.is_enabled() => {
                    DirectoryAnswer::MustChange { reason: refusal.as_str(), said }
                }
                state => refused(state.unwrap_or(refusal), &said),
            }
        }
        Ok(SignIn::Refused { refusal, said, .. }) => refused(refusal, &said),
        Err(Unproven { failure, may_have_heard }) => {
            DirectoryAnswer::Away { said: failure.to_string(), may_have_heard }
        }
    })
}

/// Whether somebody whose password is right must choose another, and may do so here. Where it is too old, only Active Directory takes another by it.
fn wants_another(store: &Store, asked: &AskedDirectory, refusal: BindRefusal) -> Result<bool, Fault> {
    let Some(directory) = store.read(|rx| Ok(directories::find(rx, &asked.directory_id)?))? else {
        return Ok(false);
    };
    let may = match refusal {
        BindRefusal::MustChangePassword => true,
        BindRefusal::PasswordExpired => directory.settings.schema == DirectorySchema::ActiveDirectory,
        _ => false,
    };
    Ok(may && directory.settings.password_change.is_on())
}

/// Whether somebody who proved themselves otherwise may enter.
pub async fn ask_standing(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    asked: &AskedDirectory,
) -> Result<DirectoryAnswer, Fault> {
    let (connected, id) = match reach(store, outbound, asked)? {
        Ok(reached) => reached,
        Err(answer) => return Ok(answer),
    };
    Ok(match connected.standing(&id, moment(cx.now)?).await {
        Ok(Some(person)) if person.state.is_enabled() && !person.state.locked => DirectoryAnswer::Welcome,
        Ok(Some(person)) if person.state.untold => {
            let said = "the account that asks may not read userAccountControl of this person".to_owned();
            DirectoryAnswer::Away { said, may_have_heard: false }
        }
        Ok(Some(person)) => {
            let refusal = BindRefusal::of_state(person.state).unwrap_or(BindRefusal::Locked);
            DirectoryAnswer::Refused { reason: refusal.as_str(), said: refusal.to_string(), told: None }
        }
        Ok(None) => refused(BindRefusal::NoSuchPerson, ""),
        Err(failure) => DirectoryAnswer::Away { said: failure.to_string(), may_have_heard: false },
    })
}

fn refused(refusal: BindRefusal, said: &str) -> DirectoryAnswer {
    let told = refusal.proves_password().then_some(match refusal {
        BindRefusal::PasswordExpired | BindRefusal::MustChangePassword => Saying::DirectoryPasswordOver,
        BindRefusal::NotNow => Saying::DirectoryNotNow,
        _ => Saying::DirectoryAccountOff,
    });
    let said = if said.is_empty() { refusal.to_string() } else { format!("{refusal} ({said})") };
    DirectoryAnswer::Refused { reason: refusal.as_str(), said, told }
}
