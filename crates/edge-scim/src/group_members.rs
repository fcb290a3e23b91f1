//! Members of groups as requests name them.

use directory::memberships::{self, Listing};
use directory::provisioned_groups::MembersChange;
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

/// The ids of a list of members.
pub(crate) fn ids(members: &Value) -> Result<Vec<UserId>, Error> {
    members.as_array().map_or(&[][..], Vec::as_slice).iter().map(id).collect()
}

fn id(member: &Value) -> Result<UserId, Error> {
    let text = |name: &str| member.get(name).and_then(Value::as_str);
    if text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("group")) {
        return Err(Error::value("members must be users: a group cannot be a member of a group"));
    }
    let id = text("value").or_else(|| text("$ref").and_then(|address| address.rsplit('/').next()));
    let id = id.ok_or_else(|| Error::value("a member needs a value: the id of a user"))?;
    UserId::parse(id).map_err(|_| Error::value("members: a value is not the id of a user"))
}

/// What becomes of the members by changes of them.
pub(crate) fn changes(changes: &[Change]) -> Result<Vec<MembersChange>, Error> {
    changes.iter().map(change).collect()
}

fn change(change: &Change) -> Result<MembersChange, Error> {
    if let Some(part) = change.target.place.part {
        let name = part.name;
        return Err(Error::bad(
            ScimType::Mutability,
            format!("members.{name} cannot be changed: remove or add a member"),
        ));
    }
    let given = change.value.as_ref().map(ids).transpose()?;
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
fn chosen(filter: &Filter) -> Result<Vec<UserId>, Error> {
    let one = |filter: &Filter| match filter {
        Filter::Compare(place, Operator::Eq, Literal::Text(text)) if place.attribute.name == "value" => {
            // Nobody has what is no id.
            Ok(UserId::parse(text.as_str()).ok())
        }
        _ => Err(Error::path("members are chosen by value eq alone, as in members[value eq \"…\"]")),
    };
    let all = match filter {
        Filter::Or(any) => any.as_slice(),
        single => std::slice::from_ref(single),
    };
    Ok(all.iter().map(one).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The ids of the groups that a user is in; none of whoever is not there.
pub(crate) fn groups_of(op: &Op, user: &str) -> Result<Vec<String>, Refused> {
    let Ok(user) = UserId::parse(user) else { return Ok(Vec::new()) };
    related((op, RELATED_MAX), |op, at, page, ids| {
        let listing = Listing::new(page, |row| ids.push(row.group_id.to_owned()));
        Ok(if_there(memberships::list_for_member(&op.scim.store, &op.cx, at, &user, listing))?.flatten())
    })
}

/// Whether a user is in a group: one look at the place where the user's membership of it would be.
pub(crate) fn is_member(op: &Op, group: &GroupId, user: &str) -> Result<bool, Refused> {
    let Ok(user) = UserId::parse(user) else { return Ok(false) };
    let mut found = false;
    // Ids are texts: the last one before this group's is this one without its last digit, and what may follow that.
    let mut page = PageRequest { limit: 1, after: Some(before(group.as_str())) };
    while !found {
        let listing = Listing::new(&page, |row| found |= row.group_id == group.as_str());
        let next =
            if_there(memberships::list_for_member(&op.scim.store, &op.cx, &op.at, &user, listing))?.flatten();
        match next.filter(|next| next.as_str() < group.as_str()) {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    Ok(found)
}

/// A text just before an id: only ids that differ from it in the last digit lie between.
fn before(id: &str) -> String {
    id.get(..id.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
