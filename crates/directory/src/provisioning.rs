//! What an identity provider does to people and groups: made, written anew or changed as a whole, each in one transaction, by the rules, quotas and
//! records that hold for everybody. Whom it makes it owns, and of others it changes what it is a source of. What a person should be is worked out from what they are by whoever speaks the protocol; whatever comes of that
//! is checked here. Somebody who is as they should be already is not written.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::kept_out::KeptOut;
use model::directory::user::{ExternalId, User, UserId, UserProfile, UserStatus};
use model::fault::{ConflictReason, Fault, FaultKind};
use model::name_key::name_key;
use store::db::Store;
use store::directory::external_ids::Holder;
use store::directory::{owners, users};
use store::tx::Tx;

use crate::contributions::Word;
use crate::gate::enter;
use crate::kept_out;
use crate::ownership::{self, Source};
use crate::principals::{self, Principal, PrincipalId as _, arn, changed, whose};
use crate::profile::{self, checked_as_given};
use crate::saving::{end_mailed_links_in, save_in};
use crate::uniqueness;
use crate::users::{NewUser, insert_checked_in, sign_out_in};
use policy::gate::Gate;

/// A person as they should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// What callers set. Parts of the name may be missing.
    pub profile: UserProfile,
    /// Whether they may sign in.
    pub status: UserStatus,
    /// Their id at the provider.
    pub external_id: Option<String>,
}

/// Who is meant, at which revision, and what external ids of this provider have as their issuer.
#[derive(Debug, Clone)]
pub struct Meant<I> {
    /// Who.
    pub id: I,
    /// The revision that the caller saw, if it cares.
    pub revision: Option<String>,
    /// The issuer.
    pub issuer: String,
}

/// The id that this issuer gave.
pub fn external_id<'e>(external_ids: &'e [ExternalId], issuer: &str) -> Option<&'e str> {
    external_ids.iter().find(|external| external.issuer == issuer).map(|external| external.id.as_str())
}

pub(crate) fn given(issuer: &str, id: Option<String>) -> Vec<ExternalId> {
    id.map(|id| ExternalId { issuer: issuer.to_owned(), id }).into_iter().collect()
}

/// Makes a person; `then` does what else belongs to it, in the same transaction.
pub async fn create(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (person, issuer): (Person, String),
    then: impl Fn(&mut Tx<'_>, &Cx, &User) -> Result<(), Fault> + Send + 'static,
) -> Result<User, Fault> {
    let gate = Gate::own("identitystore:CreateUser", vec![]);
    let instance = store.glance(|rx| enter(gate, rx, cx, at))?;
    let new = NewUser {
        identity_store_id: instance.identity_store_id,
        id: Some(UserId::fresh(cx)),
        profile: checked_as_given(person.profile)?,
        status: person.status,
        external_ids: given(&issuer, person.external_id),
    };
    store
        .write(cx, move |tx, cx| {
            let mut new = new.clone();
            let known_by = (new.profile.user_name.as_str(), new.external_ids.as_slice());
            let kept_out = kept_out::find_in(tx, cx, &new.identity_store_id, known_by)?;
            if kept_out.is_some() {
                new.status = UserStatus::Disabled;
            }
            let user = match insert_checked_in(tx, cx, new.clone()) {
                Ok(user) => user,
                Err(fault) => {
                    let Some(user) = join_in(tx, cx, (&new, &issuer), &fault)? else { return Err(fault) };
                    then(tx, cx, &user)?;
                    changed(cx, &user);
                    return Ok(user);
                }
            };
            ownership::own_in(tx, cx, whose(&user), &issuer)?;
            if let Some(kept_out) = kept_out {
                owners::set_disabled_here(tx, user.id.as_str(), Some(kept_out.disabled_here_at))?;
            }
            then(tx, cx, &user)?;
            changed(cx, &user);
            Ok(user)
        })
        .await
}

/// Somebody whom a provider brings who is here already under that name: if an administrator linked them to it, they are whom it means, and it speaks of
/// them from now on beside their owner. Nobody is linked by a name or an address alone.
fn join_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (new, issuer): (&NewUser, &str),
    fault: &Fault,
) -> Result<Option<User>, Fault> {
    // Before anybody looked, an index says so, and the whole runs again with the look.
    if *fault.kind() != FaultKind::Conflict(ConflictReason::Uniqueness) || tx.index_decides() {
        return Ok(None);
    }
    let key = name_key(&new.profile.user_name);
    let Some(user) = users::find_by_user_name(tx, &new.identity_store_id, &key)? else { return Ok(None) };
    let Some(word) = Word::find_in(tx, cx, &user, issuer)?.filter(|word| !word.is_owner()) else {
        return Ok(None);
    };
    let external_id = external_id(&new.external_ids, issuer).map(str::to_owned);
    let person = Person { profile: new.profile.clone(), status: user.status, external_id };
    say_in(tx, cx, (user, word), (person, issuer)).map(Some)
}

/// Makes a person what their sources say, of whom one says something now.
fn say_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (user, mut word): (User, Word),
    (person, issuer): (Person, &str),
) -> Result<User, Fault> {
    let status = word.status_in(tx, &user, person.status)?;
    let profile = word.hear_in(tx, cx, (&user, person.profile))?;
    word.all.write_in(tx, &user)?;
    become_in(tx, cx, user, (Person { profile, status, ..person }, issuer))
}

/// Refuses what the owner of somebody alone may set, such as their password.
pub fn require_owner_in(tx: &mut Tx<'_>, cx: &Cx, user: &User) -> Result<(), Fault> {
    ownership::require_in(tx, cx, whose(user), &Source::of(cx))
}

/// Refuses a change of somebody whom this provider does not change, before anything is done for it.
pub fn require_changeable(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    meant: &Meant<UserId>,
) -> Result<(), Fault> {
    let gate = Gate::own("identitystore:UpdateUser", arn(&meant.id));
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let user: User = principals::find(rx, &store_id, &meant.id)?;
        ownership::require_in(rx, cx, whose(&user), &Source(Some(meant.issuer.clone())))
    })
}

/// Makes a person what `with` says that they should be, by what they are; `then` does what else belongs to it, if anything does. Who is disabled by it is signed out of
/// everything at once.
pub async fn change(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    meant: Meant<UserId>,
    (with, then): (
        impl Fn(&User) -> Result<Person, Fault> + Send + 'static,
        Option<impl Fn(&mut Tx<'_>, &Cx, &User) -> Result<(), Fault> + Send + 'static>,
    ),
) -> Result<User, Fault> {
    let gate = || Gate::own("identitystore:UpdateUser", arn(&meant.id));
    if then.is_none()
        && let Some(user) = as_they_should_be(store, cx, (gate(), at), (&meant, &with))?
    {
        return Ok(user);
    }
    let gate = gate();
    let Meant { id, revision, issuer } = meant;
    principals::on_one(store, cx, (gate, at), (&id, revision), move |tx, cx, user: User| {
        let user = match Word::entered_in(tx, cx, &user, &issuer)? {
            None => {
                let person = with(&user)?;
                become_in(tx, cx, user, (person, &issuer))?
            }
            Some(word) => {
                let person = with(&word.as_said(&user)?)?;
                say_in(tx, cx, (user, word), (person, &issuer))?
            }
        };
        if let Some(then) = &then {
            then(tx, cx, &user)?;
        }
        changed(cx, &user);
        Ok(user)
    })
    .await
}

/// The person, where nothing is to be done: night after night that is nearly everybody, and a look costs no commit. Who is disabled is not among them, because sign-outs may be due.
fn as_they_should_be(
    store: &Store,
    cx: &Cx,
    (gate, at): (Gate, &IdentityStoreRef),
    (meant, with): (&Meant<UserId>, &impl Fn(&User) -> Result<Person, Fault>),
) -> Result<Option<User>, Fault> {
    let (user, word) = store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let user: User = principals::find(rx, &store_id, &meant.id)?;
        uniqueness::revision(meant.revision.as_deref(), user.revision)?;
        let word = Word::entered_in(rx, cx, &user, &meant.issuer)?;
        Ok((user, word))
    })?;
    let person = match &word {
        None => with(&user)?,
        Some(word) => with(&word.as_said(&user)?)?,
    };
    let is_enabled = (person.status, user.status) == (UserStatus::Enabled, UserStatus::Enabled);
    let is_called_so = person.external_id.as_deref() == external_id(&user.external_ids, &meant.issuer);
    let is_so = |profile| match &word {
        None => Ok::<_, Fault>(checked_as_given(profile)? == user.profile),
        Some(word) => word.is_said(profile, &user),
    };
    if !is_enabled || !is_called_so || !is_so(person.profile)? {
        return Ok(None);
    }
    changed(cx, &user);
    cx.event().only_look();
    Ok(Some(user))
}

fn become_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    user: User,
    (mut person, issuer): (Person, &str),
) -> Result<User, Fault> {
    if let Some(kept_out) = becomes_kept_out_in(tx, cx, &user, (&person, issuer))? {
        owners::set_disabled_here(tx, user.id.as_str(), Some(kept_out.disabled_here_at))?;
        person.status = UserStatus::Disabled;
    }
    if person.status == UserStatus::Disabled {
        // Also who is disabled already: nothing that was begun meanwhile stays open.
        sign_out_in(tx, cx, &user.id)?;
    }
    if (person.status, user.status) == (UserStatus::Enabled, UserStatus::Disabled) {
        ownership::let_in_again_in(tx, cx, &user.id)?;
    }
    let profile = checked_as_given(person.profile)?;
    let called = Called { holder: Holder::User, held: &user.external_ids, issuer, id: person.external_id };
    let external_ids = call_in(tx, &user, called)?;
    if external_ids.is_none() && profile == user.profile && person.status == user.status {
        return Ok(user);
    }
    end_mailed_links_in(tx, &user, &profile)?;
    let external_ids = external_ids.unwrap_or(user.external_ids);
    save_in(tx, cx, User { profile, status: person.status, external_ids, ..user })
}

/// Whom an administrator keeps out, if somebody takes their name or id: that is how they would come back otherwise.
fn becomes_kept_out_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    user: &User,
    (person, issuer): (&Person, &str),
) -> Result<Option<KeptOut>, Fault> {
    let is_renamed = name_key(&person.profile.user_name) != name_key(&user.profile.user_name);
    let is_recalled = person.external_id.as_deref() != external_id(&user.external_ids, issuer);
    if !is_renamed && !is_recalled {
        return Ok(None);
    }
    let called = given(issuer, person.external_id.clone());
    kept_out::find_in(tx, cx, &user.identity_store_id, (&person.profile.user_name, &called))
}

/// What a provider calls a user or group from now on.
pub(crate) struct Called<'a> {
    pub(crate) holder: Holder,
    /// All that they are called now.
    pub(crate) held: &'a [ExternalId],
    pub(crate) issuer: &'a str,
    /// By this issuer; `None` when it no longer calls them anything.
    pub(crate) id: Option<String>,
}

/// Writes it: all that they are called then, or `None` when it is so already.
pub(crate) fn call_in<P: Principal>(
    tx: &mut Tx<'_>,
    principal: &P,
    called: Called<'_>,
) -> Result<Option<Vec<ExternalId>>, Fault> {
    let Called { holder, held, issuer, id } = called;
    if id.as_deref() == external_id(held, issuer) {
        return Ok(None);
    }
    let new = given(issuer, id);
    let others = held.iter().filter(|external| external.issuer != issuer).cloned();
    let external_ids: Vec<ExternalId> = others.chain(new.iter().cloned()).collect();
    profile::check_external_ids(&external_ids)?;
    let (store_id, id) = (principal.identity_store_id(), principal.id().text());
    store::directory::external_ids::delete(tx, id, issuer)?;
    uniqueness::external_ids(tx, store_id, holder, &new)?;
    for external in &new {
        store::directory::external_ids::insert(tx, store_id, holder, id, external)?;
    }
    Ok(Some(external_ids))
}
