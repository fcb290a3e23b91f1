//! People.

use std::collections::BTreeSet;

use directory::counting::Position;
use directory::memberships::{self, Listing};
use directory::provisioning::{self, Meant};
use directory::users::{self, UserKey};
use http::StatusCode;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::{ExternalId, User, UserId};
use model::fault::Fault;
use model::page::{Page as Rows, PageRequest};
use scim::error::Error;
use scim::filter::Filter;
use scim::listing::Given;
use scim::patch::{self, Change};
use scim::projection::Projection;
use scim::resource::{self, Resource};
use scim::schema::{Attribute, core, named};
use serde_json::{Map, Value, json};
use store::tx::Tx;

use crate::answer::Answer;
use crate::asked::Kind;
use crate::conditions::equal;
use crate::lookup::{self, Indexed, Listed, RELATED_MAX, if_there, related};
use crate::op::Op;
use crate::password::{self, Setting};
use crate::refused::{Refused, fault};
use crate::{strict, user_shape};

/// Values of an attribute that are read at most; how many may be kept is the directory's to say.
const VALUES_MAX: usize = 100;

/// What is answered of a person who is not there.
fn nobody() -> Refused {
    Error::new(404, "There is no user of this id").into()
}

fn id(text: &str) -> Result<UserId, Refused> {
    UserId::parse(text).map_err(|_| nobody())
}

fn find(op: &Op, id: &UserId) -> Result<User, Fault> {
    users::describe(&op.scim.store, &op.cx, &op.at, id, |row| Ok(row.opened()?))
}

/// A person as an answer. Who is new is in no group yet, which need not be looked up.
fn answer(op: &Op, (status, projection): (StatusCode, &Projection), user: User) -> Result<Answer, Refused> {
    let (location, version) = (op.location(Kind::Users, user.id.as_str()), op.version(user.revision));
    let wants = status != StatusCode::CREATED && projection.wants(People::related());
    let resource = People::default().resource(op, user, wants)?;
    let body = Value::Object(projection.of(op.resource_type(Kind::Users), resource));
    Ok(Answer::resource(status, (location, version), body))
}

pub(crate) fn get(op: &Op, text: &str) -> Result<Answer, Refused> {
    let projection = op.projection(Kind::Users)?;
    let user = find(op, &id(text)?)?;
    if op.is_known(user.revision) {
        return Ok(Answer::unchanged(op.version(user.revision)));
    }
    answer(op, (StatusCode::OK, &projection), user)
}

pub(crate) async fn list(op: &Op, given: &Given) -> Result<Answer, Refused> {
    let page = lookup::list(op, People::default(), given).await?;
    Ok(Answer::ok(strict::page(op, page)))
}

/// A person who is described by a body.
fn read(op: &Op, body: &Map<String, Value>) -> Result<Resource, Refused> {
    let mut person = resource::read(op.resource_type(Kind::Users), body, VALUES_MAX)?;
    if op.is_strict() {
        strict::person(&person)?;
    }
    // RFC 7643 requires the user name alone: a name to display is made up, and who is active stays so.
    for name in ["displayName", "active"] {
        person.entry(name).or_insert(Value::Null);
    }
    resource::require(op.resource_type(Kind::Users), &person)?;
    Ok(person)
}

pub(crate) async fn create(op: &Op, body: &Map<String, Value>) -> Result<Answer, Refused> {
    let projection = op.projection(Kind::Users)?;
    let mut person = read(op, body)?;
    let setting = Setting::of(op, None, password::of_person(&mut person)).await?;
    let new = (user_shape::person(op, person, None)?, op.issuer.clone());
    let then = move |tx: &mut Tx<'_>, cx: &Cx, user: &User| setting.set_in(tx, cx, user);
    let user = provisioning::create(&op.scim.store, &op.cx, &op.at, new, then).await?;
    answer(op, (StatusCode::CREATED, &projection), user)
}

pub(crate) async fn put(op: &Op, text: &str, body: &Map<String, Value>) -> Result<Answer, Refused> {
    let (projection, mut person) = (op.projection(Kind::Users)?, read(op, body)?);
    let (meant, shape) = (meant(op, text)?, op.clone());
    let setting = Setting::of(op, Some(&meant), password::of_person(&mut person)).await?;
    let with = move |user: &User| user_shape::person(&shape, person.clone(), Some(user));
    let user = change(op, meant, (with, setting)).await?;
    answer(op, (StatusCode::OK, &projection), user)
}

pub(crate) async fn patch(op: &Op, text: &str, body: &Map<String, Value>) -> Result<Answer, Refused> {
    let projection = op.projection(Kind::Users)?;
    let mut changes = patch::read(op.resource_type(Kind::Users), body, VALUES_MAX)?;
    if op.is_strict() {
        strict::patch_of_person(body, &changes)?;
    }
    let (meant, shape) = (meant(op, text)?, op.clone());
    let setting = Setting::of(op, Some(&meant), password::of_changes(&mut changes)?).await?;
    let with = move |user: &User| patched(&shape, user, &changes);
    let user = change(op, meant, (with, setting)).await?;
    answer(op, (StatusCode::OK, &projection), user)
}

async fn change(
    op: &Op,
    meant: Meant<UserId>,
    (with, setting): (impl Fn(&User) -> Result<provisioning::Person, Fault> + Send + 'static, Setting),
) -> Result<User, Fault> {
    let then =
        setting.is_due().then_some(move |tx: &mut Tx<'_>, cx: &Cx, user: &User| setting.set_in(tx, cx, user));
    Box::pin(provisioning::change(&op.scim.store, &op.cx, &op.at, meant, (with, then))).await
}

fn patched(op: &Op, user: &User, changes: &[Change]) -> Result<provisioning::Person, Fault> {
    let mut resource = user_shape::resource(op, user.clone())?;
    patch::apply(&mut resource, changes).map_err(fault)?;
    resource::require(op.resource_type(Kind::Users), &resource).map_err(fault)?;
    user_shape::person(op, resource, Some(user))
}

fn meant(op: &Op, text: &str) -> Result<Meant<UserId>, Refused> {
    Ok(Meant { id: id(text)?, revision: op.revision()?, issuer: op.issuer.clone() })
}

pub(crate) async fn delete(op: &Op, text: &str) -> Result<Answer, Refused> {
    let (id, revision) = (id(text)?, op.revision()?);
    users::delete(&op.scim.store, &op.cx, &op.at, &id, revision).await?;
    Ok(Answer::nothing())
}

/// People, to be listed.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Groups that were shown so far.
    shown: usize,
}

impl Listed for People {
    type Row = User;
    const KIND: Kind = Kind::Users;

    fn page(&self, op: &Op, page: &PageRequest) -> Result<Rows<User>, Fault> {
        users::list(&op.scim.store, &op.cx, &op.at, None, page)
    }

    fn position(&self, op: &Op, number: u64) -> Result<Position, Fault> {
        op.scim.numbers.of_user(&op.scim.store, &op.cx, &op.at, number)
    }

    fn indexed(&self, op: &Op, filter: &Filter) -> Result<Option<Indexed<User>>, Refused> {
        let (store, cx, at) = (&op.scim.store, &op.cx, &op.at);
        let conditions = filter.conjuncts().iter().enumerate();
        for (number, (attribute, part, text)) in
            conditions.filter_map(|(at, one)| equal(one).map(|one| (at, one)))
        {
            let key = match (attribute, part) {
                ("userName", _) => {
                    let rows = users::list(store, cx, at, Some(text), &PageRequest::first(1))?.items;
                    return Ok(Some(Indexed { rows, settled: None }));
                }
                ("id", _) => {
                    let found = UserId::parse(text).ok().map(|id| if_there(find(op, &id))).transpose()?;
                    return Ok(Some(Indexed { rows: found.flatten().into_iter().collect(), settled: None }));
                }
                ("groups", Some("value")) => {
                    return Ok(Some(Indexed { rows: in_group(op, text)?, settled: Some(number) }));
                }
                ("externalId", _) => {
                    UserKey::ExternalId(ExternalId { issuer: op.issuer.clone(), id: text.to_owned() })
                }
                ("emails", Some("value")) => {
                    return Ok(Some(Indexed { rows: with_address(op, text)?, settled: None }));
                }
                _ => continue,
            };
            let id = if_there(users::get_id(store, cx, at, &key))?;
            let found = id.map(|id| if_there(find(op, &id))).transpose()?.flatten();
            return Ok(Some(Indexed { rows: found.into_iter().collect(), settled: None }));
        }
        Ok(None)
    }

    fn id(row: &User) -> &str {
        row.id.as_str()
    }

    fn related() -> &'static Attribute {
        named(core::LEAN_USER.attributes, "groups").unwrap_or(&core::COMMON[0])
    }

    fn resource(&mut self, op: &Op, row: User, with_groups: bool) -> Result<Resource, Refused> {
        let id = row.id.clone();
        let mut resource = user_shape::resource(op, row)?;
        if !with_groups || op.is_strict() {
            return Ok(resource);
        }
        let groups = related((op, RELATED_MAX.saturating_sub(self.shown)), |op, at, page, groups| {
            let kind = |is_own: bool| if is_own { "direct" } else { "indirect" };
            let listing =
                Listing::new(page, |row| groups.push((row.group_id.to_owned(), kind(row.is_own()))));
            memberships::list_for_member(&op.scim.store, &op.cx, at, &id, listing)
        })?;
        self.shown += groups.len();
        if !groups.is_empty() {
            let group = |(id, kind): (String, &str)| json!({ "value": id, "$ref": op.location(Kind::Groups, &id), "type": kind });
            resource.insert("groups".to_owned(), groups.into_iter().map(group).collect());
        }
        Ok(resource)
    }
}

/// The people of whom this is an address: somebody's primary one, or one of several.
fn with_address(op: &Op, text: &str) -> Result<Vec<User>, Refused> {
    let (store, cx) = (&op.scim.store, &op.cx);
    let mut ids: BTreeSet<UserId> =
        if_there(users::get_id(store, cx, &op.at, &UserKey::Email(text.to_owned())))?.into_iter().collect();
    let others = related((op, RELATED_MAX), |op, at, page, ids| {
        let found = users::list_by_other_address(&op.scim.store, &op.cx, at, text, page)?;
        ids.extend(found.items.into_iter().map(String::from));
        Ok(found.next)
    })?;
    ids.extend(others.into_iter().map(UserId::trusted));
    let found = ids.iter().map(|id| if_there(find(op, id))).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// The people in a group.
fn in_group(op: &Op, text: &str) -> Result<Vec<User>, Refused> {
    let Ok(group) = GroupId::parse(text) else { return Ok(Vec::new()) };
    let page = |op: &Op, at: &_, page: &PageRequest, ids: &mut Vec<String>| {
        let listing = Listing::new(page, |row| ids.push(row.user_id.to_owned()));
        Ok(if_there(memberships::list(&op.scim.store, &op.cx, at, &group, listing))?.flatten())
    };
    let ids = related((op, RELATED_MAX), page)?;
    let mut people = Vec::with_capacity(ids.len());
    for id in ids {
        people.extend(if_there(find(op, &UserId::trusted(id)))?);
    }
    Ok(people)
}
