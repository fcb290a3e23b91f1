//! Groups. A PATCH of members never reads the members.

use directory::counting::Position;
use directory::groups::{self, GroupKey};
use directory::memberships::{self, Listing};
use directory::provisioned_groups::{self, GroupChange, MembersChange};
use directory::provisioning::Meant;
use http::StatusCode;
use model::directory::group::{Group, GroupId};
use model::directory::user::ExternalId;
use model::fault::Fault;
use model::page::{Page as Rows, PageRequest};
use scim::error::Error;
use scim::filter::Filter;
use scim::listing::Given;
use scim::patch::{self, Change};
use scim::projection::Projection;
use scim::resource::{self, Resource};
use scim::schema::{Attribute, core, named};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::asked::Kind;
use crate::conditions::equal;
use crate::group_members::{self, MEMBERS_MAX};
use crate::group_shape::{self, Members};
use crate::lookup::{self, Indexed, Listed, RELATED_MAX, if_there, related};
use crate::op::Op;
use crate::refused::{Refused, fault};
use crate::strict;

fn nothing() -> Refused {
    Error::new(404, "There is no group of this id").into()
}

fn id(text: &str) -> Result<GroupId, Refused> {
    GroupId::parse(text).map_err(|_| nothing())
}

fn answer(op: &Op, (status, projection): (StatusCode, &Projection), group: Group) -> Result<Answer, Refused> {
    let (location, version) = (op.location(Kind::Groups, group.id.as_str()), op.version(group.revision));
    let resource = Groups::default().resource(op, group, projection.wants(Groups::related()))?;
    let body = Value::Object(projection.of(&core::GROUPS, resource));
    Ok(Answer::resource(status, (location, version), body))
}

pub(crate) fn get(op: &Op, text: &str) -> Result<Answer, Refused> {
    let projection = op.projection(Kind::Groups)?;
    let group = groups::describe(&op.scim.store, &op.cx, &op.at, &id(text)?)?;
    if op.is_known(group.revision) {
        return Ok(Answer::unchanged(op.version(group.revision)));
    }
    answer(op, (StatusCode::OK, &projection), group)
}

pub(crate) async fn list(op: &Op, given: &Given) -> Result<Answer, Refused> {
    let page = lookup::list(op, Groups::default(), given).await?;
    Ok(Answer::ok(strict::page(op, page)))
}

/// A group that is described by a body: its name, its id at the provider, and who is in it, if the body says so.
fn read(op: &Op, body: &Map<String, Value>) -> Result<GroupChange, Refused> {
    let mut group = resource::read(&core::GROUPS, body, members_max(op))?;
    resource::require(&core::GROUPS, &group)?;
    // Who says nothing of members leaves them.
    let mut members = Vec::new();
    if resource::member(body, "members").is_some() {
        let named = group.shift_remove("members").unwrap_or_default();
        members.push(MembersChange::Only(group_members::named(&named, op)?));
    }
    Ok(GroupChange {
        display_name: text(&group, "displayName"),
        external_id: opt_text(&group, "externalId"),
        members,
    })
}

fn members_max(op: &Op) -> usize {
    if op.is_strict() { strict::MEMBERS_MAX } else { MEMBERS_MAX }
}

fn opt_text(resource: &Resource, name: &str) -> Option<String> {
    resource.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn text(resource: &Resource, name: &str) -> String {
    opt_text(resource, name).unwrap_or_default()
}

pub(crate) async fn create(op: &Op, body: &Map<String, Value>) -> Result<Answer, Refused> {
    let projection = op.projection(Kind::Groups)?;
    let mut new = read(op, body)?;
    // Nobody is in it yet.
    for members in &mut new.members {
        if let MembersChange::Only(users) = members {
            *members = MembersChange::Add(std::mem::take(users));
        }
    }
    let new = (new, op.issuer.clone());
    let group = provisioned_groups::create(&op.scim.store, &op.cx, &op.at, new).await?;
    answer(op, (StatusCode::CREATED, &projection), group)
}

fn meant(op: &Op, text: &str) -> Result<Meant<GroupId>, Refused> {
    Ok(Meant { id: id(text)?, revision: op.revision()?, issuer: op.issuer.clone() })
}

pub(crate) async fn put(op: &Op, text: &str, body: &Map<String, Value>) -> Result<Answer, Refused> {
    let (projection, change) = (op.projection(Kind::Groups)?, read(op, body)?);
    let with = move |_: &Group| Ok(change.clone());
    let group = provisioned_groups::change(&op.scim.store, &op.cx, &op.at, meant(op, text)?, with).await?;
    answer(op, (StatusCode::OK, &projection), group)
}

pub(crate) async fn patch(op: &Op, text: &str, body: &Map<String, Value>) -> Result<Answer, Refused> {
    let projection = op.projection(Kind::Groups)?;
    let changes = patch::read(&core::GROUPS, body, members_max(op))?;
    if op.is_strict() {
        strict::patch_of_group(body, &changes)?;
    }
    let (of_members, of_itself): (Vec<Change>, Vec<Change>) =
        changes.into_iter().partition(|change| change.target.place.attribute == Groups::related());
    let members = group_members::changes(&of_members, op)?;
    let (meant, shape) = (meant(op, text)?, op.clone());
    let with = move |group: &Group| {
        let mut resource = group_shape::resource(&shape, group.clone(), None);
        patch::apply(&mut resource, &of_itself).map_err(fault)?;
        let display_name = self::text(&resource, "displayName");
        Ok(GroupChange {
            display_name,
            external_id: opt_text(&resource, "externalId"),
            members: members.clone(),
        })
    };
    let group = provisioned_groups::change(&op.scim.store, &op.cx, &op.at, meant, with).await?;
    if projection == Projection::Usual {
        // RFC 7644 §3.5.2: no body where none is asked for. It would have every member.
        return Ok(Answer { version: op.version(group.revision), ..Answer::nothing() });
    }
    answer(op, (StatusCode::OK, &projection), group)
}

pub(crate) async fn delete(op: &Op, text: &str) -> Result<Answer, Refused> {
    let (id, revision) = (id(text)?, op.revision()?);
    groups::delete(&op.scim.store, &op.cx, &op.at, &id, revision).await?;
    Ok(Answer::nothing())
}

/// Groups, to be listed.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Members that were shown so far, users and groups.
    shown: usize,
}

impl Listed for Groups {
    type Row = Group;
    const KIND: Kind = Kind::Groups;

    fn page(&self, op: &Op, page: &PageRequest) -> Result<Rows<Group>, Fault> {
        groups::list(&op.scim.store, &op.cx, &op.at, None, page)
    }

    fn position(&self, op: &Op, number: u64) -> Result<Position, Fault> {
        op.scim.numbers.of_group(&op.scim.store, &op.cx, &op.at, number)
    }

    fn indexed(&self, op: &Op, filter: &Filter) -> Result<Option<Indexed<Group>>, Refused> {
        let (store, cx, at) = (&op.scim.store, &op.cx, &op.at);
        let find = |id: &GroupId| if_there(groups::describe(store, cx, at, id));
        let conditions =
            || filter.conjuncts().iter().enumerate().filter_map(|(at, one)| equal(one).map(|one| (at, one)));
        let member = conditions().find(|(_, one)| matches!(one, ("members", Some("value"), _)));
        // The group itself before its members: `id eq "…" and members eq "…"` looks at one pair.
        for (_, (attribute, _, text)) in conditions() {
            let rows = match attribute {
                "displayName" => groups::list(store, cx, at, Some(text), &PageRequest::first(1))?.items,
                "id" => {
                    GroupId::parse(text).ok().map(|id| find(&id)).transpose()?.flatten().into_iter().collect()
                }
                "externalId" => {
                    let key =
                        GroupKey::ExternalId(ExternalId { issuer: op.issuer.clone(), id: text.to_owned() });
                    let id = if_there(groups::get_id(store, cx, at, &key))?;
                    id.map(|id| find(&id)).transpose()?.flatten().into_iter().collect()
                }
                _ => continue,
            };
            let Some((number, (_, _, user))) = member else {
                return Ok(Some(Indexed { rows, settled: None }));
            };
            let of_member = rows.into_iter().map(|group: Group| {
                group_members::is_member(op, &group.id, user).map(|is_member| is_member.then_some(group))
            });
            let rows = of_member.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            return Ok(Some(Indexed { rows, settled: Some(number) }));
        }
        let Some((number, (_, _, user))) = member else { return Ok(None) };
        let mut rows = Vec::new();
        for id in group_members::groups_of(op, user)? {
            rows.extend(find(&GroupId::trusted(id))?);
        }
        Ok(Some(Indexed { rows, settled: Some(number) }))
    }

    fn id(row: &Group) -> &str {
        row.id.as_str()
    }

    fn related() -> &'static Attribute {
        named(core::GROUP.attributes, "members").unwrap_or(&core::COMMON[0])
    }

    fn resource(&mut self, op: &Op, row: Group, with_members: bool) -> Result<Resource, Refused> {
        if op.is_strict() {
            // AWS never shows members: whoever wants to know asks by a filter.
            return Ok(group_shape::resource(op, row, Some(Members::default())));
        }
        if !with_members {
            return Ok(group_shape::resource(op, row, None));
        }
        let users = related((op, RELATED_MAX.saturating_sub(self.shown)), |op, at, page, ids| {
            let listing = Listing::own(page, |row| ids.push(row.user_id.to_owned()));
            memberships::list(&op.scim.store, &op.cx, at, &row.id, listing)
        })?;
        let groups = provisioned_groups::members_of(&op.scim.store, &op.cx, &op.at, &row.id)?;
        self.shown += users.len() + groups.len();
        Ok(group_shape::resource(op, row, Some(Members { users, groups })))
    }
}
