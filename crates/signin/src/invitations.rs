//! Links by which a person chooses a password. An administrator has one made; it works once, until its time, and only as long as nothing changed that
//! it was made for: the person is there and enabled, has the address that it was mailed to and the password of then, and no newer one was
//! made. To open it changes nothing, for programs open the links in letters; to use it signs nobody in.

use std::time::Duration;

use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{User, UserId, UserStatus};
use model::entropy::uuid_by_time;
use model::event::{EventHead, Outcome};
use model::fault::{Fault, FaultKind, ResourceType};
use model::name_key::name_key;
use model::page::{Page, PageRequest};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::invitation::{Invitation, InvitationId, Purpose};
use model::signin::letter::LetterKind;
use model::signin::password_policy::PasswordRule;
use model::timestamp::Timestamp;
use policy::gate::{ALL_USERS, Gate, not_found};
use serde_json::json;
use store::db::Store;
use store::signin::invitations::{Bound, NewInvitation};
use store::tx::{Rx, Tx};

use crate::config::Config;
use crate::directories;
use crate::gate::{enter, on, require_user};
use crate::hashing::Hasher;
use crate::letters::{self, Happened, Person};
use crate::mails::{self, NewLetter};
use crate::{notices, passwords, portal_settings};

/// How long an invitation may hold.
pub const VALIDITY_DEFAULT: Duration = Duration::from_hours(168);

/// An invitation that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its id.
    pub id: InvitationId,
    /// The link: given out here and never again.
    pub url: Secret,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether it was mailed too.
    pub mailed: bool,
}

/// CreateInvitation: a link by which the person chooses a password, whether or not there is one. Those from before are void.
pub async fn create(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (at, user): (&IdentityStoreRef, &UserId),
    validity: Duration,
) -> Result<Made, Fault> {
    let (at, user, config) = (at.clone(), user.clone(), config.clone());
    let token = crate::random::token(cx);
    store
        .write(cx, move |tx, cx| {
            let instance = enter(on("portico:CreateInvitation", &user), tx, cx, &at)?;
            let found = store::directory::users::find(tx, &instance.identity_store_id, &user)?;
            let person = found.ok_or_else(|| not_found(ResourceType::User, user.as_str()))?;
            if person.status == UserStatus::Disabled {
                return Err(Fault::conflict("The user is disabled: enable the user first."));
            }
            directories::refuse_in(tx, &user)?;
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            store::signin::invitations::delete_by_user(tx, &user)?;
            let until = cx.now.plus(validity);
            let made = make_in(tx, cx, &config, &person, (Purpose::Invitation, until, &token))?;
            cx.event().respond(json!({
                "invitationId": made.id.as_str(),
                "expiresAt": made.expires_at.rfc3339(),
                "mailed": made.mailed,
            }));
            Ok(made)
        })
        .await
}

/// Makes an invitation, and mails it where letters are delivered and the person has an address. Whether the caller may is the caller's question.
pub(crate) fn make_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    person: &User,
    (purpose, until, token): (Purpose, Timestamp, &Secret),
) -> Result<Made, Fault> {
    let url = config.invitation_url(token);
    let mailed = match mails::address_of(person).filter(|_| config.mails) {
        None => None,
        Some(to) => {
            let portal = portal_settings::shown(tx, &person.identity_store_id)?.name;
            let whom = Person::of(person, config, portal.as_deref());
            let asked = Happened { at: cx.now, source_ip: &cx.source_ip, user_agent: "" };
            let has_password = store::signin::passwords::find(tx, &person.id)?.is_some();
            let text = match purpose {
                Purpose::Forgotten => letters::forgotten(whom, &url, (until, asked)),
                Purpose::Invitation if has_password => letters::reset(whom, &url, until),
                Purpose::Invitation => letters::invitation(whom, &url, until),
            };
            let kind = LetterKind::Invitation;
            let letter = NewLetter { kind, user: &person.id, to: &to, text: &text, until: Some(until) };
            Some((mails::send_in(tx, cx, &letter)?, name_key(to.as_str())))
        }
    };
    let new = NewInvitation {
        id: InvitationId::trusted(uuid_by_time(cx.entropy(), cx.now).to_string()),
        identity_store_id: person.identity_store_id.clone(),
        user_id: person.id.clone(),
        purpose,
        token_hash: tx.keyring().hash_token(token.expose()),
        mailed,
        created_at: cx.now,
        created_by: cx.caller.arn(),
        expires_at: until,
    };
    store::signin::invitations::insert(tx, &new)?;
    Ok(Made { id: new.id, url, expires_at: until, mailed: new.mailed.is_some() })
}

/// ListInvitations: those that were not used and have not ended, of a person or of everybody, by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, Option<&UserId>),
    page: &PageRequest,
) -> Result<Page<Invitation>, Fault> {
    let asked = user.map_or_else(|| ALL_USERS.to_owned(), UserId::arn);
    let gate = Gate::own("portico:ListInvitations", vec![asked]);
    store.read(|rx| {
        let instance = enter(gate, rx, cx, at)?;
        if let Some(user) = user {
            require_user(rx, &instance, user)?;
        }
        let whose = (&instance.identity_store_id, user);
        let rows = store::signin::invitations::page(rx, whose, cx.now, page)?;
        Ok(page.page(rows, |invitation| invitation.id.as_str().to_owned()))
    })
}

/// DeleteInvitation: the link works no more, and a letter that waits is not sent.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, &UserId),
    id: &InvitationId,
) -> Result<(), Fault> {
    let (at, user, id) = (at.clone(), user.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(on("portico:DeleteInvitation", &user), tx, cx, &at)?;
            require_user(tx, &instance, &user)?;
            let found = store::signin::invitations::find(tx, &id)?;
            if found.is_none_or(|found| found.invitation.user_id != user) {
                return Err(Fault::not_found("There is no such invitation.").with_resource_id(id.as_str()));
            }
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            store::signin::invitations::delete(tx, &id).map(|_| ())
        })
        .await
}

/// What a person sees who opens a link.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Whose password it is about.
    pub user_name: String,
    /// What is asked of it, in a sentence.
    pub rule: PasswordRule,
}

/// Looks at a link, which changes nothing.
pub fn look(store: &Store, cx: &Cx, token: &Secret) -> Result<Opened, Fault> {
    store.read(|rx| {
        let (found, person) = live(rx, cx.now, token)?.ok_or_else(void)?;
        let rule = passwords::rule_in(rx, cx, &found.identity_store_id)?;
        Ok(Opened { user_name: person.profile.user_name, rule })
    })
}

fn void() -> Fault {
    Fault::say(FaultKind::NotFound(ResourceType::Other), Saying::LinkVoid)
}

/// The invitation of a token, and its person, if it works.
fn live(rx: &mut Rx<'_>, now: Timestamp, token: &Secret) -> Result<Option<(Bound, User)>, Fault> {
    let hash = rx.keyring().hash_token(token.expose());
    let found = store::signin::invitations::find_by_token(rx, &hash)?;
    in_force(rx, now, found)
}

/// The invitation that a letter carries, and its person, if it works.
pub(crate) fn of_mail(
    rx: &mut Rx<'_>,
    now: Timestamp,
    mail_id: &str,
) -> Result<Option<(Bound, User)>, Fault> {
    let found = store::signin::invitations::find_by_mail(rx, mail_id)?;
    in_force(rx, now, found)
}

fn in_force(rx: &mut Rx<'_>, now: Timestamp, found: Option<Bound>) -> Result<Option<(Bound, User)>, Fault> {
    let Some(found) = found.filter(|found| now < found.invitation.expires_at) else { return Ok(None) };
    let person = store::directory::users::find(rx, &found.identity_store_id, &found.invitation.user_id)?;
    let Some(person) = person.filter(|person| person.status == UserStatus::Enabled) else { return Ok(None) };
    if directories::of(rx, &person.id)?.is_some() {
        // Of before a directory came to own them, whose password is the one that opens.
        return Ok(None);
    }
    let address = person.profile.primary_email().map(name_key);
    let is_bound = found.email_key.is_none() || found.email_key == address;
    Ok(is_bound.then_some((found, person)))
}

/// Uses a link: its person's password is `password` from now on, and everything that the person has open ends. Whose it is: they are led to sign
/// in, nobody is signed in.
pub async fn accept(
    store: &Store,
    cx: &Cx,
    (config, hasher): (&Config, &Hasher),
    token: &Secret,
    password: &Secret,
) -> Result<String, Fault> {
    let (found, person) = store.read(|rx| live(rx, cx.now, token))?.ok_or_else(void)?;
    let whose = (&person.identity_store_id, &person.id);
    let new = passwords::accept(store, cx, hasher, whose, password).await?;
    let cx = used_by(cx, &found, &person);
    let (config, token, user_name) = (config.clone(), token.clone(), person.profile.user_name.clone());
    store
        .write(&cx, move |tx, cx| {
            // Used by another meanwhile, or void: whoever hashed first is not asked.
            if live(tx, cx.now, &token)?.is_none_or(|(again, _)| again != found) {
                return Err(void());
            }
            let had_one = store::signin::passwords::find(tx, &person.id)?.is_some();
            passwords::replace(tx, cx, &person.id, &new)?;
            store::signin::sign_outs::of_user(tx, &person.id, cx.now)?;
            if found.email_key.is_some() {
                let verified = seen_as(cx, "VerifyEmail", &found, &person);
                store::audit::audit_records::insert(tx, &verified.record(Outcome::Success))?;
            }
            if had_one {
                notices::password_changed_in(tx, cx, &config, (&person.identity_store_id, &person.id))?;
            }
            Ok(())
        })
        .await?;
    Ok(user_name)
}

/// The call as that of the link's person: who holds it has shown that they are.
fn used_by(cx: &Cx, found: &Bound, person: &User) -> Cx {
    let caller = Caller::portal_user(PortalUser {
        user_id: person.id.clone(),
        user_name: person.profile.user_name.clone(),
        identity_store_id: person.identity_store_id.clone(),
        account_id: cx.owner.clone(),
        session_id: found.invitation.id.as_str().to_owned(),
    });
    seen_as(&cx.clone().with_caller(caller), "UpdatePassword", found, person)
}

fn seen_as(cx: &Cx, name: &'static str, found: &Bound, person: &User) -> Cx {
    let step = cx.with_event(EventHead::of_service("sso-directory.amazonaws.com", name));
    let event = step.event();
    event.touch("AWS::IdentityStore::User", person.id.arn());
    event.add("InvitationId", found.invitation.id.as_str());
    event.add("Purpose", found.invitation.purpose.as_str());
    event.detail(name, "Success");
    step
}
