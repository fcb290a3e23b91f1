//! A group as a resource of SCIM.

use directory::provisioning::external_id;
use model::directory::group::Group;
use model::directory::user::UserId;
use scim::resource::Resource;
use scim::schema::core::{GROUP, GROUPS};
use serde_json::{Value, json};

use crate::asked::Kind;
use crate::op::Op;

/// The group as a resource, with its members where they were read.
pub(crate) fn resource(op: &Op, group: Group, members: Option<Vec<UserId>>) -> Resource {
    let mut resource = Resource::new();
    resource.insert("schemas".to_owned(), vec![GROUP.id].into());
    resource.insert("id".to_owned(), group.id.as_str().into());
    if let Some(id) = external_id(&group.external_ids, &op.issuer) {
        resource.insert("externalId".to_owned(), id.into());
    }
    resource.insert("displayName".to_owned(), group.display_name.into());
    if let Some(members) = members.filter(|members| op.is_strict() || !members.is_empty()) {
        let member = |id: UserId| -> Value {
            json!({ "value": id.as_str(), "$ref": op.location(Kind::Users, id.as_str()), "type": "User" })
        };
        resource.insert("members".to_owned(), members.into_iter().map(member).collect());
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
