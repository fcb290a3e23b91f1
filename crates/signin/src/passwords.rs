//! Passwords of the directory: what is acceptable, and setting them. Checking one is part of signing in ([`crate::sign_in`]).

use std::time::Duration;

use model::caller::Caller;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{User, UserId};
use model::event::EventHead;
use model::fault::{ConflictReason, Fault, FaultKind};
use model::limits::Mode;
use model::saying::{CharacterClass, Classes, Saying};
use model::secret::Secret;
use model::signin::password_policy::{CHARACTERS, PasswordPolicy, PasswordRule};
use model::signin::portal_session::PortalSession;
use policy::gate::Gate;
use store::db::Store;
use store::signin::passwords::Password;
use store::tx::{Rx, Tx};

use crate::attempts::Guess;
use crate::breached;
use crate::config::Config;
use crate::directories;
use crate::flows::{self, Next, Progress};
use crate::gate::{enter, on, require_user};
use crate::hashing::{Hasher, PasswordHash};
use crate::notices;
use crate::settings;

/// From so many characters on, length does what classes of characters are meant to do (NIST SP 800-63B §3.1.1.2: fifteen where a
/// password stands alone, and no rules of composition).
const PASSPHRASE_CHARACTERS_MIN: usize = 15;
/// How long a one-time password opens the way to choosing another.
const ONE_TIME: Duration = Duration::from_hours(7 * 24);

/// Refuses a password that the policy does not admit; the sentence says which rule.
pub fn check(policy: &PasswordPolicy, mode: Mode, password: &Secret) -> Result<(), Fault> {
    let policy = policy.clone().in_force(mode);
    let text = password.expose();
    let characters = text.chars().count();
    if !(policy.minimum_length..=*CHARACTERS.end()).contains(&characters) {
        let (low, high) = (policy.minimum_length, *CHARACTERS.end());
        return Err(Fault::invalid(Saying::PasswordLength { low, high, given: characters }));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::invalid(Saying::PasswordControls));
    }
    if text.chars().all(|character| text.starts_with(character)) {
        return Err(Fault::invalid(Saying::PasswordRepeats));
    }
    let is_passphrase = characters >= PASSPHRASE_CHARACTERS_MIN && !policy.require_character_classes;
    if !is_passphrase {
        let missing = missing_classes(text);
        if !missing.0.is_empty() {
            return Err(Fault::invalid(if policy.require_character_classes {
                Saying::PasswordLacks { missing }
            } else {
                Saying::PasswordLacksOr { missing, characters: PASSPHRASE_CHARACTERS_MIN }
            }));
        }
    }
    if policy.refuse_breached && breached::is_known(text) {
        return Err(Fault::invalid(Saying::PasswordKnown));
    }
    Ok(())
}

fn missing_classes(text: &str) -> Classes {
    let classes = [
        (CharacterClass::LowerCase, text.chars().any(char::is_lowercase)),
        (CharacterClass::UpperCase, text.chars().any(char::is_uppercase)),
        (CharacterClass::Digit, text.chars().any(char::is_numeric)),
        (CharacterClass::Symbol, text.chars().any(|character| !character.is_alphanumeric())),
    ];
    Classes(classes.into_iter().filter_map(|(what, there)| (!there).then_some(what)).collect())
}

/// Hashes an acceptable password, before there is a directory whose policy could be asked.
pub async fn hash(hasher: &Hasher, cx: &Cx, password: &Secret) -> Result<PasswordHash, Fault> {
    check(&PasswordPolicy::default(), cx.mode, password)?;
    hasher.admit().await?.hash(cx, password).await
}

/// Sets a user's first password in a transaction of the caller's. Whether the caller may is the caller's question.
pub fn put(tx: &mut Tx<'_>, cx: &Cx, user: &UserId, hash: &PasswordHash) -> Result<(), Fault> {
    replace(
        tx,
        cx,
        user,
        &Accepted { hash: hash.clone(), must_change: false, one_time: false, remembered: 0 },
    )
}

/// A password that the policy admits, hashed.
#[derive(Debug, Clone)]
pub struct Accepted {
    hash: PasswordHash,
    must_change: bool,
    one_time: bool,
    remembered: usize,
}

/// Puts a password in force instead of the one before, and remembers that. Links by which one could be chosen are void; sessions, and to tell the
/// person, are the caller's affair.
pub(crate) fn replace(tx: &mut Tx<'_>, cx: &Cx, user: &UserId, new: &Accepted) -> Result<(), Fault> {
    let before = store::signin::passwords::find(tx, user)?;
    // The one in force is refused as its own; so many before it.
    let kept = new.remembered.saturating_sub(1);
    let former = before.into_iter().flat_map(|before| std::iter::once(before.hash).chain(before.former));
    let password = Password {
        hash: new.hash.as_str().to_owned(),
        changed_at: cx.now,
        must_change: new.must_change,
        expires_at: new.one_time.then(|| cx.now.plus(ONE_TIME)),
        former: former.take(kept).collect(),
    };
    // What was remembered of browsers and programs was decided by who knew the password before.
    store::signin::remembered_browsers::delete_by_user(tx, user)?;
    store::signin::consents::delete_by_user(tx, user)?;
    // They were made for the password before.
    store::signin::invitations::delete_by_user(tx, user)?;
    store::signin::passwords::put(tx, user, &password)
}

/// Somebody who signs in chooses another password, as they must.
pub async fn choose(
    store: &Store,
    cx: &Cx,
    (config, hasher): (&Config, &Hasher),
    (flow, new): (&Secret, &Secret),
) -> Result<Progress, Fault> {
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let pending = store.read(|rx| flows::require(rx, cx, config, flow))?;
    if pending.next != Next::NewPassword || pending.changes_there() {
        return Ok(Progress::More(flow.clone()));
    }
    let user = &pending.user;
    let accepted = accept(store, cx, hasher, (&user.identity_store_id, &user.id), new).await?;
    let event = EventHead::of_service("sso-directory.amazonaws.com", "UpdatePassword");
    let person = flows::portal_user(cx, user, String::new());
    let step = cx.clone().with_caller(Caller::portal_user(person)).with_event(event);
    let (flow, config, session_token) = (flow.clone(), config.clone(), crate::random::token(cx));
    store
        .write(&step, move |tx, cx| {
            let mut pending = flows::require(tx, cx, &config, &flow)?;
            cx.event().name_user(&pending.user.profile.user_name);
            cx.event().touch("AWS::IdentityStore::User", pending.user.id.arn());
            replace(tx, cx, &pending.user.id, &accepted)?;
            let whom = (&pending.user.identity_store_id, &pending.user.id);
            notices::password_changed_in(tx, cx, &config, whom)?;
            store::signin::sign_outs::of_user(tx, &pending.user.id, cx.now)?;
            // That ended this sign-in too.
            accepted.hash.as_str().clone_into(&mut pending.flow.password_hash);
            pending.flow.brought = None;
            store::signin::sign_in_flows::insert(tx, &pending.hash, &pending.flow)?;
            flows::advance(tx, cx, &config, &pending, (&flow, &session_token))
        })
        .await
}

/// RequirePasswordChange: at the next sign-in.
pub async fn require_change(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, &UserId),
) -> Result<(), Fault> {
    let (at, user) = (at.clone(), user.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(on("portico:RequirePasswordChange", &user), tx, cx, &at)?;
            require_user(tx, &instance, &user)?;
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            if store::signin::passwords::require_change(tx, &user)? {
                return Ok(());
            }
            Err(Fault::conflict("The person has no password to change: give them one, or an invitation."))
        })
        .await
}

/// Checks a password that a person chooses against the policy and the person's passwords before, and hashes it.
pub(crate) async fn accept(
    store: &Store,
    cx: &Cx,
    hasher: &Hasher,
    (identity_store, user): (&IdentityStoreId, &UserId),
    password: &Secret,
) -> Result<Accepted, Fault> {
    let (policy, before) = store.read(|rx| {
        let policy: PasswordPolicy = settings::find(rx, identity_store)?;
        Ok((policy.in_force(cx.mode), store::signin::passwords::find(rx, user)?))
    })?;
    check(&policy, cx.mode, password)?;
    let before = before.into_iter().flat_map(|before| std::iter::once(before.hash).chain(before.former));
    for former in before.take(policy.remembered) {
        if hasher.admit().await?.verify(password, Some(&former)).await? {
            let count = policy.remembered;
            return Err(Fault::invalid(Saying::PasswordHadBefore { count }));
        }
    }
    let hash = hasher.admit().await?.hash(cx, password).await?;
    Ok(Accepted { hash, must_change: false, one_time: false, remembered: policy.remembered })
}

/// What the policy asks of a password.
pub fn rule(store: &Store, cx: &Cx, identity_store: &IdentityStoreId) -> Result<PasswordRule, Fault> {
    store.read(|rx| rule_in(rx, cx, identity_store))
}

/// [`rule`] inside a transaction.
pub(crate) fn rule_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    identity_store: &IdentityStoreId,
) -> Result<PasswordRule, Fault> {
    let policy: PasswordPolicy = settings::find(rx, identity_store)?;
    let policy = policy.in_force(cx.mode);
    Ok(PasswordRule {
        low: policy.minimum_length,
        high: *CHARACTERS.end(),
        passphrase: (!policy.require_character_classes).then_some(PASSPHRASE_CHARACTERS_MIN),
        remembered: policy.remembered,
        refuse_breached: policy.refuse_breached,
    })
}

/// The password that somebody has here. One from before a directory came to own them opens nothing any more, nor proves anything.
pub(crate) fn of_ours(rx: &mut Rx<'_>, user: &UserId) -> Result<Option<Password>, Fault> {
    if directories::of(rx, user)?.is_some() {
        return Ok(None);
    }
    Ok(store::signin::passwords::find(rx, user)?)
}

/// Whether the person of a session has a password.
pub fn has_own(store: &Store, session: &PortalSession) -> Result<bool, Fault> {
    store.read(|rx| Ok(of_ours(rx, &session.user.user_id)?.is_some()))
}

/// The person who calls gives the password again: the session counts as proved now.
pub async fn verify_own(
    store: &Store,
    cx: &Cx,
    hasher: &Hasher,
    session: &PortalSession,
    password: &Secret,
) -> Result<(), Fault> {
    let user = crate::sessions::caller(cx)?.clone();
    let guess = Guess::signed_in(store.keyring(), "old-password", user.user_id.as_str());
    let reserved = guess.clone();
    store.maintain(cx, move |tx, cx| reserved.reserve(tx, cx.now)).await?;
    let kept = store.read(|rx| of_ours(rx, &user.user_id))?;
    let in_force = kept.as_ref().map(|kept| kept.hash.as_str());
    if !hasher.admit().await?.verify(password, in_force).await? {
        return Err(Fault::invalid(Saying::PasswordNotRight));
    }
    let (proofs, id) = (session.proofs.clone(), user.session_id.clone());
    store
        .write(cx, move |tx, cx| {
            guess.was_right(tx)?;
            cx.event().add("CredentialType", "PASSWORD");
            store::signin::portal_sessions::verify(tx, &id, &proofs, cx.now)
        })
        .await
}

/// Changes the password of the person who calls, who must know the one in force. Other sessions end; the caller's stays.
pub async fn change_own(
    store: &Store,
    cx: &Cx,
    (config, hasher): (&Config, &Hasher),
    old: &Secret,
    new: &Secret,
) -> Result<(), Fault> {
    let user = crate::sessions::caller(cx)?.clone();
    let guess = Guess::signed_in(store.keyring(), "old-password", user.user_id.as_str());
    let reserved = guess.clone();
    store.maintain(cx, move |tx, cx| reserved.reserve(tx, cx.now)).await?;
    let kept = store.read(|rx| of_ours(rx, &user.user_id))?;
    let in_force = kept.as_ref().map(|kept| kept.hash.as_str());
    if !hasher.admit().await?.verify(old, in_force).await? {
        return Err(Fault::invalid(Saying::OldPasswordNotRight));
    }
    let new = accept(store, cx, hasher, (&user.identity_store_id, &user.user_id), new).await?;
    let config = config.clone();
    store
        .write(cx, move |tx, cx| {
            if of_ours(tx, &user.user_id)? != kept {
                return Err(Fault::say(
                    FaultKind::Conflict(ConflictReason::State),
                    Saying::PasswordChangedMeanwhile,
                ));
            }
            guess.was_right(tx)?;
            replace(tx, cx, &user.user_id, &new)?;
            notices::password_changed_in(tx, cx, &config, (&user.identity_store_id, &user.user_id))?;
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

/// What an administrator asks for.
#[derive(Debug, Clone, Default)]
pub struct NewPassword {
    /// The password; `None` for one that is made.
    pub password: Option<Secret>,
    /// Whether the person must choose another at the next sign-in.
    pub must_change: bool,
}

/// UpdatePassword: an administrator sets the password of a user, or has a one-time one made, which is answered. Everything that the user has
/// open ends.
pub async fn set(
    store: &Store,
    cx: &Cx,
    (config, hasher): (&Config, &Hasher),
    (at, user): (&IdentityStoreRef, &UserId),
    new: NewPassword,
) -> Result<Option<Secret>, Fault> {
    store.read(|rx| {
        let instance = enter(on("portico:UpdatePassword", user), rx, cx, at)?;
        require_user(rx, &instance, user)?;
        directories::refuse_in(rx, user)
    })?;
    let made = new.password.is_none().then(|| crate::random::readable(cx, 5));
    let accepted = match (&new.password, &made) {
        (Some(given), _) => {
            let accepted = accept(store, cx, hasher, (at.id(), user), given).await?;
            Accepted { must_change: new.must_change, ..accepted }
        }
        (None, made) => {
            let policy: PasswordPolicy = store.read(|rx| settings::find(rx, at.id()))?;
            let made = made.clone().unwrap_or_else(|| crate::random::readable(cx, 5));
            let hash = hasher.admit().await?.hash(cx, &made).await?;
            let remembered = policy.in_force(cx.mode).remembered;
            Accepted { hash, must_change: true, one_time: true, remembered }
        }
    };
    let (at, user, config) = (at.clone(), user.clone(), config.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(on("portico:UpdatePassword", &user), tx, cx, &at)?;
            require_user(tx, &instance, &user)?;
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            set_in(tx, cx, &config, ((&instance.identity_store_id, &user), &accepted))
        })
        .await?;
    Ok(made)
}

/// Somebody else than the person sets their password: everything that they have open ends, and they are told.
fn set_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    ((store_id, user), accepted): ((&IdentityStoreId, &UserId), &Accepted),
) -> Result<(), Fault> {
    let had_one = store::signin::passwords::find(tx, user)?.is_some();
    replace(tx, cx, user, accepted)?;
    if had_one {
        notices::password_changed_in(tx, cx, config, (store_id, user))?;
    }
    store::signin::sign_outs::of_user(tx, user, cx.now)?;
    Ok(())
}

/// A password that an identity provider sets, for [`set_provisioned_in`]: of somebody, or of whoever is to be made. Whether it may is the caller's
/// question. None, where it is the one in force already: providers say the same every night, and nobody is to be signed out for it.
pub async fn accept_provisioned(
    store: &Store,
    cx: &Cx,
    hasher: &Hasher,
    (identity_store, user): (&IdentityStoreId, Option<&UserId>),
    password: &Secret,
) -> Result<Option<Accepted>, Fault> {
    let Some(user) = user else {
        let policy: PasswordPolicy = store.read(|rx| settings::find(rx, identity_store))?;
        let policy = policy.in_force(cx.mode);
        check(&policy, cx.mode, password)?;
        let hash = hasher.admit().await?.hash(cx, password).await?;
        let remembered = policy.remembered;
        return Ok(Some(Accepted { hash, must_change: false, one_time: false, remembered }));
    };
    let before = store.read(|rx| Ok(store::signin::passwords::find(rx, user)?))?;
    // One that must be changed, or is for once, is no password of theirs yet.
    let lasting = before.filter(|before| !before.must_change && before.expires_at.is_none());
    if let Some(before) = lasting
        && hasher.admit().await?.verify(password, Some(&before.hash)).await?
    {
        return Ok(None);
    }
    accept(store, cx, hasher, (identity_store, user), password).await.map(Some)
}

/// Sets it, in the transaction that makes or changes the person.
pub fn set_provisioned_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    (user, accepted): (&User, &Accepted),
) -> Result<(), Fault> {
    cx.event().detail("passwordSet", true);
    set_in(tx, cx, config, ((&user.identity_store_id, &user.id), accepted))
}

/// GetPasswordPolicy.
pub fn policy(store: &Store, cx: &Cx, at: &IdentityStoreRef) -> Result<PasswordPolicy, Fault> {
    store.read(|rx| {
        let instance = enter(Gate::own("portico:GetPasswordPolicy", vec![]), rx, cx, at)?;
        let policy: PasswordPolicy = settings::find(rx, &instance.identity_store_id)?;
        Ok(policy.in_force(cx.mode))
    })
}

/// PutPasswordPolicy: what is asked of passwords that are chosen from now on.
pub async fn put_policy(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    policy: PasswordPolicy,
) -> Result<(), Fault> {
    let (at, policy) = (at.clone(), policy);
    store
        .write(cx, move |tx, cx| {
            let gate = Gate::own("portico:PutPasswordPolicy", vec![]);
            let instance = enter(gate, tx, cx, &at)?;
            settings::put(tx, cx, &instance.identity_store_id, &policy.clone().checked(cx.mode)?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(mode: Mode, password: &str) -> Option<String> {
        check(&PasswordPolicy::default(), mode, &Secret::new(password))
            .err()
            .map(|fault| fault.message().to_owned())
    }

    #[test]
    fn the_classic_rule_wants_all_four_classes() {
        for mode in [Mode::Strict, Mode::Relaxed] {
            assert_eq!(refusal(mode, "Tr4vels!"), None);
            assert!(refusal(mode, "Tr4vels").unwrap().contains("8 to 64 characters, not 7"));
            assert!(refusal(mode, &"Aa1!".repeat(17)).unwrap().contains("not 68"));
            assert!(refusal(mode, "Travels!").unwrap().contains("a digit"));
            assert!(refusal(mode, "Tr4velsX").unwrap().contains("a symbol"));
            assert!(refusal(mode, "Tr4vels!\n").unwrap().contains("control"));
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
