//! Whose sign-in is asked of a directory: a person whom one owns, by whatever name they gave; and how many wrong passwords are passed on, so that nobody
//! locks an account there through here ([decision 0018](../../../docs/decisions/0018-directories.md)).

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::name_key::name_key;
use model::signin::directory_answer::AskedDirectory;
use model::sources::directory::{Directory, DirectoryId, Lockout};
use store::directory::{owners, users};
use store::sources::{directories, directory_entries};
use store::tx::Rx;

/// The directory that is asked about somebody, and when it locks them: the one that owns them, whether or not it was read since. Nobody whom a directory
/// owns is let in by anything that is here.
pub(crate) fn of(rx: &mut Rx<'_>, user: &UserId) -> Result<Option<(AskedDirectory, Lockout)>, Fault> {
    let Some(owner) = owners::find(rx, user.as_str())? else { return Ok(None) };
    let Some(directory_id) = DirectoryId::of_issuer(&owner.source) else { return Ok(None) };
    let entry = directory_entries::find_of_principal(rx, &directory_id, user.as_str())?;
    let lockout = directories::find(rx, &directory_id)?.map(|directory| directory.settings.lockout);
    // Of whom it was not read yet nobody can be asked about: that is as if it were away.
    let external_id = entry.map(|entry| entry.external_id).unwrap_or_default();
    Ok(Some((AskedDirectory { directory_id, external_id }, lockout.unwrap_or_default())))
}

/// The same where they may change the password that they have there.
pub(crate) fn changeable(rx: &mut Rx<'_>, user: &UserId) -> Result<Option<(AskedDirectory, Lockout)>, Fault> {
    let Some((asked, lockout)) = of(rx, user)? else { return Ok(None) };
    let directory = directories::find(rx, &asked.directory_id)?;
    let may = directory.is_some_and(|directory| directory.settings.password_change.is_on());
    Ok(may.then_some((asked, lockout)))
}

/// Refuses to give somebody a password here who signs in with that of their directory: it would open nothing.
pub(crate) fn refuse_in(rx: &mut Rx<'_>, user: &UserId) -> Result<(), Fault> {
    let Some((asked, _)) = of(rx, user)? else { return Ok(()) };
    Err(Fault::conflict(format!(
        "The user {user} signs in with the password of the directory {}, and has none here: change it there, or release the user first by \
         TakeOwnership of the service portico, with no TenantId or DirectoryId",
        asked.directory_id
    )))
}

/// Whom a name means that is nobody's user name: by the name with its domain, `DOMAIN\name`, the account or the address, if one person alone is called so.
pub(crate) fn called(rx: &mut Rx<'_>, store: &IdentityStoreId, typed: &str) -> Result<Option<String>, Fault> {
    let mut found: Vec<UserId> = Vec::new();
    for directory in &directories::list(rx, store)? {
        let Some((name, account)) = keys(directory, typed) else { continue };
        for user in directory_entries::find_by_login(rx, &directory.id, (&name, account.as_deref()))? {
            if !found.contains(&user) {
                found.push(user);
            }
        }
    }
    match found.as_slice() {
        [user] => Ok(users::find(rx, store, user)?.map(|user| user.profile.user_name)),
        _ => Ok(None),
    }
}

/// By what a directory may know a name; nothing where it is of another domain.
fn keys(directory: &Directory, typed: &str) -> Option<(String, Option<String>)> {
    let account = |name: &str| format!("a:{}", name_key(name));
    let Some((domain, name)) = typed.split_once('\\') else {
        return Some((name_key(typed), Some(account(typed))));
    };
    let own = directory.settings.domain.as_deref()?;
    // Nothing is called by an empty name.
    (name_key(own) == name_key(domain) && !name.is_empty()).then(|| (String::new(), Some(account(name))))
}
