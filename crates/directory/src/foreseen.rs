//! What a source's word on somebody would come to, without doing it: for whoever plans before they change, and for whoever reads the same people each
//! night and should write nothing for those who are as they should be. The rules are those of [`crate::provisioning`] and [`crate::provisioned_groups`],
//! asked ahead, so that what is refused has a sentence for an administrator.

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{ExternalId, User, UserId, UserProfile, UserStatus};
use model::fault::{Fault, FaultKind};
use model::limits::Mode;
use model::name_key::name_key;
use serde_json::Value;
use store::directory::external_ids::{self, Holder};
use store::directory::{groups, owners, users};
use store::tx::Rx;

use crate::contributions::Word;
use crate::kept_out;
use crate::ownership::{Whose, named};
use crate::profile::{self, checked_as_given};
use crate::provisioning::{Person, external_id};

/// Whom a source means.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Where.
    pub store_id: &'a IdentityStoreId,
    /// What its external ids have as their issuer.
    pub issuer: &'a str,
    /// The id that it has for them.
    pub external_id: &'a str,
}

/// What comes of a person.
#[derive(Debug, Clone, PartialEq)]
pub enum Foreseen {
    /// They are made.
    Create(Box<Person>),
    /// They are as they should be.
    AsIs(Box<User>),
    /// They become this.
    Change {
        /// Who they are.
        user: Box<User>,
        /// What they should be.
        person: Box<Person>,
        /// What differs, attribute by attribute.
        differences: Vec<String>,
    },
    /// Nothing, and why.
    Refused {
        /// Who they are, if they are here.
        user: Option<UserId>,
        /// A sentence for an administrator.
        why: String,
    },
}

/// What comes of a group, without its members.
#[derive(Debug, Clone, PartialEq)]
pub enum ForeseenGroup {
    /// It is made.
    Create,
    /// It is as it should be.
    AsIs(Box<Group>),
    /// It gets another name, or is linked.
    Change(Box<Group>),
    /// Nothing, and why.
    Refused {
        /// Which it is, if it is here.
        group: Option<GroupId>,
        /// A sentence for an administrator.
        why: String,
    },
}

fn of(found: &Named<'_>) -> ExternalId {
    ExternalId { issuer: found.issuer.to_owned(), id: found.external_id.to_owned() }
}

/// What a person comes to who should be what `with` says, by what they are.
pub fn person(
    rx: &mut Rx<'_>,
    cx: &Cx,
    called: Named<'_>,
    with: impl Fn(Option<&User>) -> Result<Person, Fault>,
) -> Result<Foreseen, Fault> {
    let found = external_ids::find(rx, called.store_id, Holder::User, &of(&called))?.map(UserId::trusted);
    let mut found = found.map_or(Ok(None), |id| users::find(rx, called.store_id, &id))?;
    let before = found.as_ref().map(|user| as_said(rx, cx, &called, user)).transpose()?;
    let mut person = match said(with(before.as_ref()))? {
        Ok(person) => person,
        Err(why) => return Ok(Foreseen::Refused { user: found.map(|user| user.id), why }),
    };
    let same_name = users::find_by_user_name(rx, called.store_id, &name_key(&person.profile.user_name))?;
    match (&found, same_name) {
        (_, None) => {}
        (Some(found), Some(same)) if found.id == same.id => {}
        // Handed over by an administrator, and not linked yet.
        (None, Some(same)) if is_unlinked(rx, cx, &called, &same)? => {
            person = match said(with(Some(&same)))? {
                Ok(person) => person,
                Err(why) => return Ok(Foreseen::Refused { user: Some(same.id), why }),
            };
            found = Some(same);
        }
        (found, Some(same)) => {
            let why = taken(rx, &called, &same)?;
            return Ok(Foreseen::Refused { user: found.as_ref().map(|user| user.id.clone()), why });
        }
    }
    match found {
        Some(user) => of_somebody(rx, cx, &called, (user, person)),
        None => of_nobody(rx, cx, &called, person),
    }
}

/// Somebody as this source says them: others may speak of them too, and win.
fn as_said(rx: &mut Rx<'_>, cx: &Cx, called: &Named<'_>, user: &User) -> Result<User, Fault> {
    match Word::find_in(rx, cx, user, called.issuer)? {
        Some(word) => word.as_said(user),
        None => Ok(user.clone()),
    }
}

/// A refusal as a sentence; what is no refusal stays a fault.
fn said<T>(result: Result<T, Fault>) -> Result<Result<T, String>, Fault> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(fault) if matches!(fault.kind(), FaultKind::Unavailable | FaultKind::Internal) => Err(fault),
        Err(fault) => Ok(Err(fault.message().to_owned())),
    }
}

fn is_unlinked(rx: &mut Rx<'_>, cx: &Cx, called: &Named<'_>, user: &User) -> Result<bool, Fault> {
    if cx.mode == Mode::Strict {
        return Ok(false);
    }
    let owner = owners::find(rx, user.id.as_str())?;
    Ok(external_id(&user.external_ids, called.issuer).is_none()
        && owner.is_some_and(|owner| owner.source == called.issuer))
}

fn whose(rx: &mut Rx<'_>, whose: Whose<'_>) -> Result<String, Fault> {
    let owner = owners::find(rx, whose.id)?;
    let owner = owner.map(|owner| named(rx, whose.store_id, owner)).transpose()?;
    Ok(owner.map_or_else(|| "no source: they were made here".to_owned(), |owner| owner.said()))
}

/// Why nobody is linked by a name.
fn taken(rx: &mut Rx<'_>, called: &Named<'_>, same: &User) -> Result<String, Fault> {
    let (name, id) = (&same.profile.user_name, &same.id);
    let of = Whose { holder: Holder::User, store_id: called.store_id, id: id.as_str() };
    let whose = whose(rx, of)?;
    Ok(format!(
        "The user name {name} is that of the user {id}, who is owned by {whose}. Nobody is linked by a name: an administrator hands them over by \
         TakeOwnership with the DirectoryId, and the next run links them"
    ))
}

fn of_nobody(rx: &mut Rx<'_>, cx: &Cx, called: &Named<'_>, mut person: Person) -> Result<Foreseen, Fault> {
    match said(checked_as_given(person.profile))? {
        Ok(profile) => person.profile = profile,
        Err(why) => return Ok(Foreseen::Refused { user: None, why }),
    }
    if let Some(why) = same_address(rx, called.store_id, &person.profile, None)? {
        return Ok(Foreseen::Refused { user: None, why });
    }
    let known_by = (person.profile.user_name.as_str(), [of(called)]);
    if kept_out::find_in(rx, cx, called.store_id, (known_by.0, &known_by.1))?.is_some() {
        person.status = UserStatus::Disabled;
    }
    Ok(Foreseen::Create(Box::new(person)))
}

fn of_somebody(
    rx: &mut Rx<'_>,
    cx: &Cx,
    called: &Named<'_>,
    (user, mut person): (User, Person),
) -> Result<Foreseen, Fault> {
    let refused = |why: String| Ok(Foreseen::Refused { user: Some(user.id.clone()), why });
    let owner = owners::find(rx, user.id.as_str())?;
    if cx.mode == Mode::Relaxed && owner.as_ref().is_none_or(|owner| owner.source != called.issuer) {
        let of = Whose { holder: Holder::User, store_id: called.store_id, id: user.id.as_str() };
        let whose = whose(rx, of)?;
        return refused(format!(
            "The user {} is owned by {whose}: this source reads them and does not change them",
            user.id
        ));
    }
    if owner.is_some_and(|owner| owner.disabled_here_at.is_some()) {
        // An administrator lets them in again, whatever the source says.
        person.status = UserStatus::Disabled;
    }
    match said(checked_as_given(person.profile))? {
        Ok(profile) => person.profile = profile,
        Err(why) => return refused(why),
    }
    if let Some(why) = same_address(rx, called.store_id, &person.profile, Some(&user.id))? {
        return refused(why);
    }
    let before = as_said(rx, cx, called, &user)?;
    let mut differences = differences(&before.profile, &person.profile);
    if external_id(&user.external_ids, called.issuer) != person.external_id.as_deref() {
        differences.push("linked to the directory".to_owned());
    }
    if differences.is_empty() && person.status == user.status {
        return Ok(Foreseen::AsIs(Box::new(user)));
    }
    Ok(Foreseen::Change { user: Box::new(user), person: Box::new(person), differences })
}

/// Why somebody cannot have their address, if another has it.
fn same_address(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    profile: &UserProfile,
    own: Option<&UserId>,
) -> Result<Option<String>, Fault> {
    let Some(email) = profile.primary_email() else { return Ok(None) };
    let other = users::find_id_by_email(rx, store_id, &name_key(email))?.filter(|id| Some(id) != own);
    Ok(other
        .map(|id| format!("The e-mail address {email} is that of the user {id}: it is one person's alone")))
}

/// What differs, attribute by attribute, as people read it.
fn differences(before: &UserProfile, after: &UserProfile) -> Vec<String> {
    let (before, after) = (members(before), members(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let shown = |value: Option<&Value>| match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| format!("{name}: {} becomes {}", shown(before.get(name)), shown(after.get(name))))
        .collect()
}

/// Everything of a profile by name.
fn members(profile: &UserProfile) -> serde_json::Map<String, Value> {
    let mut all = profile.attributes.clone();
    all.insert("UserName".to_owned(), profile.user_name.as_str().into());
    all.insert("DisplayName".to_owned(), profile.display_name.as_str().into());
    // Values that serde writes without fail: texts and lists of them.
    let written = [
        ("Name", serde_json::to_value(&profile.name)),
        ("Emails", serde_json::to_value(&profile.emails)),
        ("others", serde_json::to_value(&profile.others)),
    ];
    for (name, value) in written {
        let value = value.unwrap_or_default();
        let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            all.insert(name.to_owned(), value);
        }
    }
    for (name, value) in &profile.extensions {
        all.insert(name.clone(), value.clone());
    }
    all
}

/// What a group comes to that should have this name.
pub fn group(
    rx: &mut Rx<'_>,
    cx: &Cx,
    called: Named<'_>,
    display_name: &str,
) -> Result<ForeseenGroup, Fault> {
    let found = external_ids::find(rx, called.store_id, Holder::Group, &of(&called))?.map(GroupId::trusted);
    let mut found = found.map_or(Ok(None), |id| groups::find(rx, called.store_id, &id))?;
    let id = found.as_ref().map(|group| group.id.clone());
    if let Err(why) = said(profile::check_group(display_name, None))? {
        return Ok(ForeseenGroup::Refused { group: id, why });
    }
    let same = groups::find_by_display_name(rx, called.store_id, &name_key(display_name))?;
    if let Some(same) = same.filter(|same| Some(&same.id) != id.as_ref()) {
        let owner = owners::find(rx, same.id.as_str())?;
        let is_own = owner.is_some_and(|owner| owner.source == called.issuer);
        if found.is_some() || !is_own || external_id(&same.external_ids, called.issuer).is_some() {
            let of = Whose { holder: Holder::Group, store_id: called.store_id, id: same.id.as_str() };
            let why = format!(
                "The name {display_name} is that of the group {}, which is owned by {}. Nothing is linked by a name: an administrator hands it over \
                 by TakeOwnership with the DirectoryId, and the next run links it",
                same.id,
                whose(rx, of)?
            );
            return Ok(ForeseenGroup::Refused { group: id, why });
        }
        found = Some(same);
    }
    let Some(group) = found else { return Ok(ForeseenGroup::Create) };
    let owner = owners::find(rx, group.id.as_str())?;
    if cx.mode == Mode::Relaxed && owner.is_none_or(|owner| owner.source != called.issuer) {
        let of = Whose { holder: Holder::Group, store_id: called.store_id, id: group.id.as_str() };
        let why = format!(
            "The group {} is owned by {}: this source reads it and does not change it",
            group.id,
            whose(rx, of)?
        );
        return Ok(ForeseenGroup::Refused { group: Some(group.id), why });
    }
    let is_linked = external_id(&group.external_ids, called.issuer) == Some(called.external_id);
    if is_linked && group.display_name == display_name {
        return Ok(ForeseenGroup::AsIs(Box::new(group)));
    }
    Ok(ForeseenGroup::Change(Box::new(group)))
}
