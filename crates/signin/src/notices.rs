//! What a person is told by mail of what happened with their name. Where no mail is sent, or the person has no address, nothing is said.

use model::caller::Identity;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::letter::LetterKind;
use store::tx::Tx;

use crate::attempts::Letters;
use crate::config::Config;
use crate::letters::{self, Happened, Person};
use crate::mails::{self, NewLetter};
use crate::portal_settings;

/// The person who calls has signed in; `known`: with a device that they were seen with, or from an address where they are.
pub(crate) fn sign_in_in(tx: &mut Tx<'_>, cx: &Cx, config: &Config, known: bool) -> Result<(), Fault> {
    let Identity::PortalUser(person) = cx.caller.identity() else { return Ok(()) };
    let (store_id, user) = (&person.identity_store_id, &person.user_id);
    // Who has the password can sign in again and again.
    if known || !config.mails || !Letters::notices(tx.keyring(), user.as_str()).may_send(tx, cx.now)? {
        return Ok(());
    }
    tell_in(tx, cx, config, (store_id, user), LetterKind::NewDevice)
}

/// A person's password was replaced.
pub(crate) fn password_changed_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    (store_id, user): (&IdentityStoreId, &UserId),
) -> Result<(), Fault> {
    if !config.mails {
        return Ok(());
    }
    tell_in(tx, cx, config, (store_id, user), LetterKind::PasswordChanged)
}

fn tell_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    (store_id, user): (&IdentityStoreId, &UserId),
    kind: LetterKind,
) -> Result<(), Fault> {
    let Some(user) = store::directory::users::find(tx, store_id, user)? else { return Ok(()) };
    let Some(to) = mails::address_of(&user) else { return Ok(()) };
    let portal = portal_settings::shown(tx, store_id)?.name;
    let person = Person::of(&user, config, portal.as_deref());
    // Where an administrator did it from is not the person's affair.
    let own = !matches!(cx.caller.identity(), Identity::PortalUser(caller) if caller.user_id != user.id)
        && matches!(cx.caller.identity(), Identity::PortalUser(_));
    let seen = |text: &'_ str| if own { text.to_owned() } else { String::new() };
    let (source_ip, user_agent) = (seen(&cx.source_ip), seen(&cx.user_agent));
    let happened = Happened { at: cx.now, source_ip: &source_ip, user_agent: &user_agent };
    let text = match kind {
        LetterKind::NewDevice => letters::new_device(person, happened),
        _ => letters::password_changed(person, happened),
    };
    let letter = NewLetter { kind, user: &user.id, to: &to, text: &text, until: None };
    mails::send_in(tx, cx, &letter).map(|_| ())
}
