//! What this server says of itself.

use model::fault::Fault;
use scim::discovery::{Features, config as config_of, list, resource_type, schema};
use scim::error::Error;
use scim::schema::{Schema, core};
use serde_json::Value;
use sources::tenants;

use crate::answer::Answer;
use crate::asked::Kind;
use crate::lookup::page_max;
use crate::op::{BULK_MAX, Op};
use crate::password;
use crate::refused::Refused;

/// What there is in this mode.
fn all(op: &Op) -> [&'static Schema; 3] {
    [op.resource_type(Kind::Users).schema, &core::ENTERPRISE, &core::GROUP]
}

/// ServiceProviderConfig. In strict mode what AWS says.
pub(crate) fn config(op: &Op) -> Result<Answer, Refused> {
    let is_strict = op.is_strict();
    let features = Features {
        bulk: (!is_strict).then_some((BULK_MAX, model::limits::BODY_BYTES_MAX)),
        results_max: if is_strict { 50 } else { page_max(op) },
        sort: !is_strict,
        etag: !is_strict,
        index_pages: !is_strict,
    };
    let mut said = config_of(features, &op.base, None);
    said["changePassword"]["supported"] = tenants::may_set_passwords(&op.scim.store, &op.cx)?.into();
    if is_strict {
        said["bulk"]["maxOperations"] = 1.into();
        said["bulk"]["maxPayloadSize"] = 1_048_576.into();
    }
    Ok(Answer::ok(said))
}

/// ResourceTypes, or the one of this name.
pub(crate) fn types(op: &Op, id: Option<&str>) -> Result<Answer, Refused> {
    let mut kinds = [Kind::Users, Kind::Groups].into_iter().map(|kind| op.resource_type(kind));
    match id {
        None => Ok(Answer::ok(list(kinds.map(|kind| resource_type(kind, &op.base)).collect()))),
        Some(id) => {
            let kind = kinds.find(|kind| kind.name == id);
            let kind = kind.ok_or_else(|| Error::new(404, "There is no resource type of this name"))?;
            Ok(Answer::ok(resource_type(kind, &op.base)))
        }
    }
}

/// A schema as it holds for the tenant that asks: there is no password for whoever may set none.
fn described(op: &Op, one: &Schema) -> Result<Value, Fault> {
    let mut said = schema(one, &op.base);
    if let Some(attributes) = said["attributes"].as_array_mut()
        && !tenants::may_set_passwords(&op.scim.store, &op.cx)?
    {
        attributes.retain(|attribute| attribute["name"] != password::NAME);
    }
    Ok(said)
}

/// Schemas, or the one of this URN.
pub(crate) fn schemas(op: &Op, id: Option<&str>) -> Result<Answer, Refused> {
    match id {
        None => Ok(Answer::ok(list(all(op).iter().map(|one| described(op, one)).collect::<Result<_, _>>()?))),
        Some(id) => {
            let one = all(op).into_iter().find(|one| one.id.eq_ignore_ascii_case(id));
            let one = one.ok_or_else(|| Error::new(404, "There is no schema of this URN"))?;
            Ok(Answer::ok(described(op, one)?))
        }
    }
}
