//! Passwords of the directory: what is acceptable, and setting them. Checking one is part of signing in ([`crate::sign_in`]).

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind, ResourceType};
use model::limits::Mode;
use model::secret::Secret;
use policy::require::{Action, require};
use store::db::Store;
use store::tx::Tx;

use crate::attempts::Guess;
use crate::config::Config;
use crate::hashing::{Hasher, PasswordHash};
use crate::user_resource::resource;

/// Characters of a password (aws-capabilities §2.2).
const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=64;
/// From so many characters on, length does what classes of characters are meant to do (NIST SP 800-63B §3.1.1.2: fifteen where a
/// password stands alone, and no rules of composition). Relaxed mode only.
const PASSPHRASE_CHARACTERS_MIN: usize = 15;

/// Refuses a password that the policy does not admit; the sentence says which rule.
pub fn check(mode: Mode, password: &Secret) -> Result<(), Fault> {
    let text = password.expose();
    let characters = text.chars().count();
    if !CHARACTERS.contains(&characters) {
        let (low, high) = (CHARACTERS.start(), CHARACTERS.end());
        return Err(Fault::validation(format!(
            "the password must have {low} to {high} characters, not {characters}"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::validation("the password must not contain control characters"));
    }
    if mode == Mode::Relaxed && characters >= PASSPHRASE_CHARACTERS_MIN {
        return if text.chars().all(|character| text.starts_with(character)) {
            Err(Fault::validation("the password must not repeat one character"))
        } else {
            Ok(())
        };
    }
    let missing: Vec<&str> = [
        ("a lower-case letter", text.chars().any(char::is_lowercase)),
        ("an upper-case letter", text.chars().any(char::is_uppercase)),
        ("a digit", text.chars().any(char::is_numeric)),
        ("a symbol", text.chars().any(|character| !character.is_alphanumeric())),
    ]
    .into_iter()
    .filter_map(|(what, there)| (!there).then_some(what))
    .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let or = match mode {
        Mode::Relaxed => format!(", or have at least {PASSPHRASE_CHARACTERS_MIN} characters"),
        Mode::Strict => String::new(),
    };
    Err(Fault::validation(format!("the password must contain {}{or}", missing.join(", "))))
}

/// Hashes an acceptable password.
pub async fn hash(hasher: &Hasher, cx: &Cx, password: &Secret) -> Result<PasswordHash, Fault> {
    check(cx.mode, password)?;
    hasher.admit().await?.hash(cx, password).await
}

/// Sets a user's password in a transaction of the caller's, and ends the sessions that the old one opened. Whether the caller may is
/// the caller's question.
pub fn put(tx: &mut Tx<'_>, cx: &Cx, user: &UserId, hash: &PasswordHash) -> Result<(), Fault> {
    store::signin::passwords::put(tx, user, hash.as_str(), cx.now)?;
    store::signin::sign_outs::of_user(tx, user)?;
    Ok(())
}

/// Changes the password of the person who calls, who must know the one in force. Other sessions end; the caller's stays.
pub async fn change_own(
    store: &Store,
    cx: &Cx,
    hasher: &Hasher,
    old: &Secret,
    new: &Secret,
) -> Result<(), Fault> {
    let user = crate::sessions::caller(cx)?.clone();
    let guess = Guess::signed_in(store.keyring(), "old-password", user.user_id.as_str());
    let reserved = guess.clone();
    store.maintain(cx, move |tx, cx| reserved.reserve(tx, cx.now)).await?;
    let kept = store.read(|rx| Ok(store::signin::passwords::find(rx, &user.user_id)?))?;
    if !hasher.admit().await?.verify(old, kept.as_deref()).await? {
        return Err(Fault::validation("the password in force was not given correctly"));
    }
    let hash = hash(hasher, cx, new).await?;
    store
        .write(cx, move |tx, cx| {
            if store::signin::passwords::find(tx, &user.user_id)? != kept {
                return Err(Fault::conflict("the password was changed meanwhile"));
            }
            guess.was_right(tx)?;
            store::signin::passwords::put(tx, &user.user_id, hash.as_str(), cx.now)?;
            cx.event().touch("AWS::IdentityStore::User", user.user_id.arn());
            for session in store::signin::portal_sessions::list_by_user(tx, &user.user_id, cx.now, i64::MAX)?
            {
                if session.user.session_id != user.session_id {
                    store::signin::sign_outs::one(tx, &session.user.session_id)?;
                }
            }
            Ok(())
        })
        .await
}

/// An administrator sets the password of a user, whose sessions end. UpdatePassword of the sso-directory service.
pub async fn set(
    store: &Store,
    cx: &Cx,
    config: &Config,
    user: &UserId,
    hash: PasswordHash,
) -> Result<(), Fault> {
    let resource = store.read(|rx| resource(rx, config, user))?;
    require(cx, Action("sso-directory:UpdatePassword"), &[resource])?;
    let (user, identity_store) = (user.clone(), config.identity_store_id.clone());
    store
        .write(cx, move |tx, cx| {
            if !store::signin::passwords::is_user(tx, &identity_store, &user)? {
                let fault = Fault::new(FaultKind::NotFound(ResourceType::User), "USER not found.");
                return Err(fault.with_resource_id(user.as_str()));
            }
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            put(tx, cx, &user, &hash)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(mode: Mode, password: &str) -> Option<String> {
        check(mode, &Secret::new(password)).err().map(|fault| fault.message().to_owned())
    }

    #[test]
    fn the_classic_rule_wants_all_four_classes() {
        for mode in [Mode::Strict, Mode::Relaxed] {
            assert_eq!(refusal(mode, "Passw0rd!"), None);
            assert!(refusal(mode, "Pass0rd").unwrap().contains("8 to 64 characters, not 7"));
            assert!(refusal(mode, &"Aa1!".repeat(17)).unwrap().contains("not 68"));
            assert!(refusal(mode, "Password!").unwrap().contains("a digit"));
            assert!(refusal(mode, "Passw0rd").unwrap().contains("a symbol"));
            assert!(refusal(mode, "Passw0rd!\n").unwrap().contains("control"));
        }
    }

    #[test]
    fn a_passphrase_needs_length_only_and_only_when_relaxed() {
        assert_eq!(refusal(Mode::Relaxed, "correct horse battery staple"), None);
        assert!(refusal(Mode::Strict, "correct horse battery staple").is_some());
        assert!(refusal(Mode::Relaxed, "correct horses").unwrap().contains("at least 15"));
        assert!(refusal(Mode::Relaxed, &"a".repeat(20)).is_some());
    }
}
