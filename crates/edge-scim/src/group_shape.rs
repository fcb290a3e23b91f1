//! A group as a resource of SCIM.

use directory::provisioning::external_id;
use model::directory::group::{Group, GroupId};
use scim::resource::Resource;
use scim::schema::core::{GROUP, GROUPS};
use serde_json::{Value, json};

use crate::asked::Kind;
use crate::op::Op;

/// Who is in a group by themselves, by id.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) users: Vec<String>,
    pub(crate) groups: Vec<GroupId>,
}

/// The group as a resource, with its members where they were read.
pub(crate) fn resource(op: &Op, group: Group, members: Option<Members>) -> Resource {
    let mut resource = Resource::new();
    resource.insert("schemas".to_owned(), vec![GROUP.id].into());
    resource.insert("id".to_owned(), group.id.as_str().into());
    if let Some(id) = external_id(&group.external_ids, &op.issuer) {
        resource.insert("externalId".to_owned(), id.into());
    }
    resource.insert("displayName".to_owned(), group.display_name.into());
    if let Some(Members { users, groups }) =
        members.filter(|members| op.is_strict() || !(members.users.is_empty() && members.groups.is_empty()))
    {
        let member = |kind: Kind, name: &str, id: &str| -> Value {
            json!({ "value": id, "$ref": op.location(kind, id), "type": name })
        };
        let users = users.iter().map(|id| member(Kind::Users, "User", id));
        let groups = groups.iter().map(|id| member(Kind::Groups, "Group", id.as_str()));
        resource.insert("members".to_owned(), users.chain(groups).collect());
    }
    let mut meta = json!({
        "resourceType": GROUPS.name, "created": group.created_at.rfc3339(), "lastModified": group.updated_at.rfc3339(),
        "location": op.location(Kind::Groups, group.id.as_str()),
    });
    if let Some(version) = op.version(group.revision) {
        meta["version"] = version.into();
    }
    resource.insert("meta".to_owned(), meta);
    resource
}
