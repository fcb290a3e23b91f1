//! Who somebody is here whom an external identity provider sent: found, and as far as an administrator decided it made, changed, and put into groups and taken
//! out of them. By the rules that hold for everybody; linking is never by a guess. What was refused and why is for the administrator.

use model::caller::Caller;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{ExternalId, TypedValue, User, UserId, UserProfile, UserStatus};
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::limits::Mode;
use model::name_key::name_key;
use model::sources::arrival::Arrival;
use model::sources::external_idp::{ExternalIdp, SubjectMatch};
use serde_json::Value;
use store::db::Store;
use store::directory::external_ids::{self, Holder};
use store::directory::{groups, memberships, user_sources, users};
use store::tx::{Rx, Tx};

use crate::contributions::Word;
use crate::kept_out;
use crate::memberships::{NewMembership, insert_known_in};
use crate::ownership;
use crate::principals::{PrincipalId as _, changed, whose};
use crate::provisioning::external_id;
use crate::saving::{end_mailed_links_in, save_in};
use crate::several;
use crate::users::{NewUser, insert_checked_in};

/// What an arrival comes to.
struct Plan {
    /// Who they are; none for somebody who is to be made.
    user: Option<User>,
    /// What they are to be.
    profile: UserProfile,
    /// What the provider says of them now, where others say something too.
    word: Option<Word>,
    /// Whether they are to be linked to the provider.
    link: bool,
    /// The groups that they get into, and out of.
    join: Vec<GroupId>,
    leave: Vec<GroupId>,
}

impl Plan {
    /// Whether all is as it should be.
    fn is_done(&self) -> bool {
        let as_it_is = self.user.as_ref().is_some_and(|user| user.profile == self.profile);
        as_it_is && self.word.is_none() && !self.link && self.join.is_empty() && self.leave.is_empty()
    }
}

/// Who is meant, as they are once everything that was decided is done.
pub async fn settle(store: &Store, cx: &Cx, idp: &ExternalIdp, arrival: &Arrival) -> Result<User, Fault> {
    let plan = store.read(|rx| planned(rx, cx, idp, arrival))?;
    if plan.is_done()
        && let Some(user) = plan.user
    {
        return Ok(user);
    }
    let name = if plan.user.is_some() { "UpdateUser" } else { "CreateUser" };
    let head = EventHead::of_service("sso-directory.amazonaws.com", name);
    let server = cx.clone().with_caller(Caller::service(cx.owner.clone())).with_event(head);
    let (idp, arrival, fresh) = (idp.clone(), arrival.clone(), UserId::fresh(cx));
    store
        .write(&server, move |tx, cx| {
            cx.event().detail("externalIdP", idp.issuer.as_str());
            let plan = planned(tx, cx, &idp, &arrival)?;
            carry_out(tx, cx, (&idp, &arrival), (plan, &fresh))
        })
        .await
}

/// What an arrival would come to, for an administrator who tries a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The user name that they would have.
    pub user_name: String,
    /// Whether they would be made.
    pub is_new: bool,
    /// The groups that they would get into, and out of.
    pub join: Vec<GroupId>,
    /// As it says.
    pub leave: Vec<GroupId>,
}

/// What [`settle`] would do; why it would refuse otherwise.
pub fn preview(store: &Store, cx: &Cx, idp: &ExternalIdp, arrival: &Arrival) -> Result<Preview, Fault> {
    let plan = store.read(|rx| planned(rx, cx, idp, arrival))?;
    Ok(Preview {
        user_name: plan.profile.user_name,
        is_new: plan.user.is_none(),
        join: plan.join,
        leave: plan.leave,
    })
}

fn planned(rx: &mut Rx<'_>, cx: &Cx, idp: &ExternalIdp, arrival: &Arrival) -> Result<Plan, Fault> {
    let found = find(rx, cx, idp, arrival)?;
    if found.as_ref().is_some_and(|user| user.status != UserStatus::Enabled) {
        return Err(refused(format!("{} is disabled here", arrival.subject)));
    }
    let rules = &idp.settings.arrivals;
    let (profile, word, link) = match &found {
        None if rules.create => {
            let profile = new_profile(rx, idp, arrival)?;
            let called = [ExternalId { issuer: idp.issuer.clone(), id: called(idp, arrival).to_owned() }];
            let known_by = (profile.user_name.as_str(), called.as_slice());
            if kept_out::find_in(rx, cx, &idp.identity_store_id, known_by)?.is_some() {
                return Err(refused(format!(
                    "{} was disabled here, and deleted by their source since",
                    arrival.subject
                )));
            }
            (profile, None, true)
        }
        None => return Err(refused(nobody(idp, arrival))),
        Some(user) => {
            let linked = external_id(&user.external_ids, &idp.issuer).is_some();
            let (profile, word) = updated(rx, cx, (idp, arrival), user)?;
            (profile, word, !linked && (rules.create || rules.update))
        }
    };
    let (mut join, mut leave) = group_changes(rx, idp, (found.as_ref(), arrival))?;
    for groups in [&mut join, &mut leave] {
        keep_open(rx, cx, groups, &idp.issuer)?;
    }
    Ok(Plan { user: found, profile, word, link, join, leave })
}

/// What somebody becomes by what the provider says now, and what it says where others do too. Whom another source owns it does not change unless it is
/// linked to them: they sign in as they are.
fn updated(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (idp, arrival): (&ExternalIdp, &Arrival),
    user: &User,
) -> Result<(UserProfile, Option<Word>), Fault> {
    if !idp.settings.arrivals.update {
        return Ok((user.profile.clone(), None));
    }
    if let Some(mut word) = Word::find_in(rx, cx, user, &idp.issuer)? {
        let said = shaped(word.as_said(user)?.profile, idp, arrival)?;
        if word.is_said(said.clone(), user)? {
            return Ok((user.profile.clone(), None));
        }
        let before = word.said();
        let profile = word.overhear(cx, (user, said))?;
        let is_new = word.said() != before;
        return Ok((profile, is_new.then_some(word)));
    }
    let is_open = ownership::is_open_in(rx, cx, user.id.as_str(), &idp.issuer)?
        && (cx.mode == Mode::Strict || !user_sources::are_several(rx, &user.id)?);
    let profile = if is_open { shaped(user.profile.clone(), idp, arrival)? } else { user.profile.clone() };
    Ok((profile, None))
}

fn refused(why: String) -> Fault {
    Fault::new(FaultKind::Forbidden, why)
}

fn nobody(idp: &ExternalIdp, arrival: &Arrival) -> String {
    let Arrival { subject, .. } = arrival;
    match idp.settings.subject {
        SubjectMatch::UserName => {
            format!(
                "nobody here has the user name {subject}: create the person first, or let Arrivals.Create be true"
            )
        }
        SubjectMatch::ExternalId => format!(
            "nobody here has the external id {subject} of {}: link the person with LinkUserToExternalIdP, or let Arrivals.Create be true",
            idp.issuer
        ),
    }
}

/// Who is meant, if they are here.
fn find(rx: &mut Rx<'_>, cx: &Cx, idp: &ExternalIdp, arrival: &Arrival) -> Result<Option<User>, Fault> {
    let (store, subject) = (&idp.identity_store_id, &arrival.subject);
    match idp.settings.subject {
        SubjectMatch::UserName => {
            require_spoken_for(idp, subject)?;
            let found = users::find_by_user_name(rx, store, &name_key(subject))?;
            // AWS wants the very name (aws-capabilities 2.6).
            Ok(found.filter(|user| cx.mode == Mode::Relaxed || user.profile.user_name == *subject))
        }
        SubjectMatch::ExternalId => {
            let external = ExternalId { issuer: idp.issuer.clone(), id: subject.clone() };
            let id = external_ids::find(rx, store, Holder::User, &external)?;
            id.map_or(Ok(None), |id| Ok(users::find(rx, store, &UserId::trusted(id))?))
        }
    }
}

fn require_spoken_for(idp: &ExternalIdp, user_name: &str) -> Result<(), Fault> {
    if idp.speaks_for(user_name) {
        return Ok(());
    }
    Err(refused(format!(
        "{user_name} is of none of the provider's Domains ({}): it does not speak for them",
        idp.settings.domains.join(", ")
    )))
}

/// Somebody who is made. A person of the same name who is there was not found by the provider's word for them, and is somebody else until they are linked.
fn new_profile(rx: &mut Rx<'_>, idp: &ExternalIdp, arrival: &Arrival) -> Result<UserProfile, Fault> {
    let user_name = match idp.settings.subject {
        SubjectMatch::UserName => arrival.subject.clone(),
        SubjectMatch::ExternalId => {
            let rule = idp.settings.arrivals.attributes.iter().find(|rule| rule.attribute == "userName");
            let given = rule.and_then(|rule| arrival.first(&rule.from));
            given
                .ok_or_else(|| {
                    refused("the provider gave no userName by the rules of Arrivals.Attributes".to_owned())
                })?
                .to_owned()
        }
    };
    if idp.settings.subject == SubjectMatch::ExternalId {
        if !idp.settings.domains.is_empty() {
            require_spoken_for(idp, &user_name)?;
        }
        if users::find_id_by_user_name(rx, &idp.identity_store_id, &name_key(&user_name))?.is_some() {
            return Err(refused(format!(
                "the user name {user_name} is somebody's already who is not linked: LinkUserToExternalIdP links them"
            )));
        }
    }
    let profile = UserProfile { display_name: user_name.clone(), user_name, ..UserProfile::default() };
    shaped(profile, idp, arrival)
}

/// A profile with what the provider says now. What it says nothing of stays.
fn shaped(mut profile: UserProfile, idp: &ExternalIdp, arrival: &Arrival) -> Result<UserProfile, Fault> {
    for rule in &idp.settings.arrivals.attributes {
        let Some(value) = arrival.first(&rule.from).map(str::to_owned) else { continue };
        let named = match rule.attribute.as_str() {
            "displayName" => {
                profile.display_name = value;
                continue;
            }
            "name.givenName" => {
                profile.name.given_name = Some(value);
                continue;
            }
            "name.familyName" => {
                profile.name.family_name = Some(value);
                continue;
            }
            "emails.value" => {
                let primary = TypedValue { value: Some(value), kind: Some("work".to_owned()), primary: true };
                if profile.primary_email() != primary.value.as_deref() {
                    let primary = serde_json::to_value(&primary).map_err(Fault::internal)?;
                    several::set_one(&mut profile, "Emails", Some(primary))?;
                }
                continue;
            }
            "title" => "Title",
            "userType" => "UserType",
            "preferredLanguage" => "PreferredLanguage",
            "locale" => "Locale",
            "timezone" => "Timezone",
            _ => continue,
        };
        profile.attributes.insert(named.to_owned(), Value::String(value));
    }
    Ok(profile)
}

type Changes = (Vec<GroupId>, Vec<GroupId>);

/// The groups that somebody gets into and out of: those alone that rules name.
fn group_changes(
    rx: &mut Rx<'_>,
    idp: &ExternalIdp,
    (user, arrival): (Option<&User>, &Arrival),
) -> Result<Changes, Fault> {
    let rules = &idp.settings.arrivals;
    let Some(from) = &rules.groups_from else { return Ok((Vec::new(), Vec::new())) };
    let said = arrival.values(from);
    let is_in = user.map_or(Ok(Vec::new()), |user| memberships::own_groups(rx, &user.id))?;
    let (mut join, mut leave) = (Vec::new(), Vec::new());
    for rule in &rules.groups {
        let group = GroupId::trusted(rule.group_id.as_str());
        let (is_said, is_in) = (said.contains(&rule.value), is_in.contains(&group));
        // Several values may stand for one group: one is enough.
        let by_another =
            rules.groups.iter().any(|other| other.group_id == rule.group_id && said.contains(&other.value));
        if is_said && !is_in && !join.contains(&group) && groups::exists(rx, &idp.identity_store_id, &group)?
        {
            join.push(group);
        } else if !by_another && is_in && !leave.contains(&group) {
            leave.push(group);
        }
    }
    Ok((join, leave))
}

/// Leaves out the groups that another source owns, which alone says who is in them.
fn keep_open(rx: &mut Rx<'_>, cx: &Cx, groups: &mut Vec<GroupId>, issuer: &str) -> Result<(), Fault> {
    let mut open = Vec::with_capacity(groups.len());
    for group in std::mem::take(groups) {
        if ownership::is_open_in(rx, cx, group.as_str(), issuer)? {
            open.push(group);
        }
    }
    *groups = open;
    Ok(())
}

fn carry_out(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (idp, arrival): (&ExternalIdp, &Arrival),
    (plan, fresh): (Plan, &UserId),
) -> Result<User, Fault> {
    let store = &idp.identity_store_id;
    let link =
        plan.link.then(|| ExternalId { issuer: idp.issuer.clone(), id: called(idp, arrival).to_owned() });
    let user = match plan.user {
        None => {
            let new = NewUser {
                id: Some(fresh.clone()),
                external_ids: link.into_iter().collect(),
                ..NewUser::new(store.clone(), crate::profile::checked_as_given(plan.profile)?)
            };
            let user = insert_checked_in(tx, cx, new)?;
            // Whom it keeps as it says at each sign-in it owns; others are the administrators' from then on.
            if idp.settings.arrivals.update {
                ownership::own_in(tx, cx, whose(&user), &idp.issuer)?;
            }
            user
        }
        Some(user) => {
            if let Some(link) = &link {
                crate::uniqueness::external_ids(tx, store, Holder::User, std::slice::from_ref(link))?;
                external_ids::insert(tx, store, Holder::User, user.id.as_str(), link)?;
            }
            let external_ids = user.external_ids.iter().cloned().chain(link).collect();
            if let Some(word) = &plan.word {
                word.all.write_in(tx, &user)?;
            }
            end_mailed_links_in(tx, &user, &plan.profile)?;
            save_in(tx, cx, User { profile: plan.profile, external_ids, ..user })?
        }
    };
    changed(cx, &user);
    change_groups(tx, cx, (store, &user), (&plan.join, &plan.leave))?;
    Ok(user)
}

/// What the provider calls them, as their external id.
fn called<'a>(idp: &ExternalIdp, arrival: &'a Arrival) -> &'a str {
    match idp.settings.subject {
        SubjectMatch::UserName => &arrival.called,
        SubjectMatch::ExternalId => &arrival.subject,
    }
}

fn change_groups(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (store, user): (&IdentityStoreId, &User),
    (join, leave): (&[GroupId], &[GroupId]),
) -> Result<(), Fault> {
    for group in join {
        insert_known_in(tx, cx, NewMembership::new(store.clone(), group.clone(), user.id.clone()))?;
        cx.event().touch("AWS::IdentityStore::Group", group.arn());
    }
    for group in leave {
        memberships::delete(tx, group, &user.id, cx.now)?;
        cx.event().touch("AWS::IdentityStore::Group", group.arn());
    }
    Ok(())
}
