//! Members of groups as requests name them.

use directory::memberships::{self, Listing};
use directory::provisioned_groups::{self, MembersChange, NamedMember};
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::page::PageRequest;
use scim::error::{Error, ScimType};
use scim::filter::{Filter, Literal, Operator};
use scim::patch::{Act, Change};
use serde_json::Value;

use crate::lookup::{RELATED_MAX, if_there, related};
use crate::op::Op;
use crate::refused::Refused;

/// Members that one request names at most in one place.
pub(crate) const MEMBERS_MAX: usize = 5_000;

/// Who is named by a list of members.
pub(crate) fn named(members: &Value, op: &Op) -> Result<Vec<NamedMember>, Error> {
    members
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .map(|member| one(member, op.is_strict()))
        .collect()
}

/// A member: a user or a group, by its type or by the address that it names; by neither, whichever has the id.
fn one(member: &Value, is_strict: bool) -> Result<NamedMember, Error> {
    let text = |name: &str| member.get(name).and_then(Value::as_str);
    let is = |kind: &str| text("type").is_some_and(|said| said.eq_ignore_ascii_case(kind));
    let mut address = text("$ref").into_iter().flat_map(|address| address.rsplit('/'));
    let (last, kind) = (address.next(), address.next());
    let id = text("value").or(last);
    let id = id.ok_or_else(|| Error::value("a member needs a value: the id of a user or group"))?;
    let (user, group) = (UserId::parse(id), GroupId::parse(id));
    let (Ok(user), Ok(group)) = (user, group) else {
        return Err(Error::value("members: a value is not the id of a user or group"));
    };
    let is_group = is("Group") || (text("type").is_none() && kind == Some("Groups"));
    match is_strict {
        true if is_group => Err(Error::value("members must be users: a group cannot be a member of a group")),
        true => Ok(NamedMember::User(user)),
        false if is_group => Ok(NamedMember::Group(group)),
        false if is("User") => Ok(NamedMember::User(user)),
        false => Ok(NamedMember::Either(user, group)),
    }
}

/// What becomes of the members by changes of them.
pub(crate) fn changes(changes: &[Change], op: &Op) -> Result<Vec<MembersChange>, Error> {
    changes.iter().map(|one| change(one, op)).collect()
}

fn change(change: &Change, op: &Op) -> Result<MembersChange, Error> {
    if let Some(part) = change.target.place.part {
        let name = part.name;
        return Err(Error::bad(
            ScimType::Mutability,
            format!("members.{name} cannot be changed: remove or add a member"),
        ));
    }
    let given = change.value.as_ref().map(|members| named(members, op)).transpose()?;
    match (change.act, &change.target.filter, given) {
        (Act::Remove, Some(filter), _) => chosen(filter).map(MembersChange::Remove),
        (_, Some(_), _) => {
            Err(Error::bad(ScimType::Mutability, "a member cannot be changed: remove or add one"))
        }
        (Act::Add, None, users) => Ok(MembersChange::Add(users.unwrap_or_default())),
        (Act::Remove, None, Some(users)) => Ok(MembersChange::Remove(users)),
        (Act::Replace, None, users) => Ok(MembersChange::Only(users.unwrap_or_default())),
        (Act::Remove, None, None) => Ok(MembersChange::Only(Vec::new())),
    }
}

/// The members that a filter of a path names. Others would have to be looked for among all.
fn chosen(filter: &Filter) -> Result<Vec<NamedMember>, Error> {
    let one = |filter: &Filter| match filter {
        Filter::Compare(place, Operator::Eq, Literal::Text(text)) if place.attribute.name == "value" => {
            // Nobody has what is no id.
            let (user, group) = (UserId::parse(text.as_str()), GroupId::parse(text.as_str()));
            Ok(user.ok().zip(group.ok()).map(|(user, group)| NamedMember::Either(user, group)))
        }
        _ => Err(Error::path("members are chosen by value eq alone, as in members[value eq \"…\"]")),
    };
    let all = match filter {
        Filter::Or(any) => any.as_slice(),
        single => std::slice::from_ref(single),
    };
    Ok(all.iter().map(one).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The ids of the groups that have this member, a user or a group, by itself; none of what is not there.
pub(crate) fn groups_of(op: &Op, member: &str) -> Result<Vec<String>, Refused> {
    let (Ok(user), Ok(group)) = (UserId::parse(member), GroupId::parse(member)) else {
        return Ok(Vec::new());
    };
    let of_user = related((op, RELATED_MAX), |op, at, page, ids| {
        let listing = Listing::own(page, |row| ids.push(row.group_id.to_owned()));
        Ok(if_there(memberships::list_for_member(&op.scim.store, &op.cx, at, &user, listing))?.flatten())
    })?;
    if !of_user.is_empty() || op.is_strict() {
        return Ok(of_user);
    }
    let of_group = if_there(provisioned_groups::groups_of(&op.scim.store, &op.cx, &op.at, &group))?;
    Ok(of_group.unwrap_or_default().into_iter().map(Into::into).collect())
}

/// Whether a group has this member, a user or a group, by itself. Of a user it is one look at the place where the membership would be.
pub(crate) fn is_member(op: &Op, group: &GroupId, member: &str) -> Result<bool, Refused> {
    let (Ok(user), Ok(inner)) = (UserId::parse(member), GroupId::parse(member)) else { return Ok(false) };
    let mut found = false;
    // Ids are texts: the last one before this group's is this one without its last digit, and what may follow that.
    let mut page = PageRequest { limit: 1, after: Some(before(group.as_str())) };
    while !found {
        let listing = Listing::own(&page, |row| found |= row.group_id == group.as_str());
        let next =
            if_there(memberships::list_for_member(&op.scim.store, &op.cx, &op.at, &user, listing))?.flatten();
        match next.filter(|next| next.as_str() < group.as_str()) {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    if found || op.is_strict() {
        return Ok(found);
    }
    let groups = if_there(provisioned_groups::members_of(&op.scim.store, &op.cx, &op.at, group))?;
    Ok(groups.unwrap_or_default().contains(&inner))
}

/// A text just before an id: only ids that differ from it in the last digit lie between.
fn before(id: &str) -> String {
    id.get(..id.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
