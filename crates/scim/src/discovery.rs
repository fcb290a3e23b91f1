//! What a server says of itself (RFC 7644 §4): its configuration, its kinds of resources, its schemas.

use serde_json::{Map, Value, json};

use crate::listing::Page;
use crate::schema::{Attribute, Kind, Mutability, ResourceType, Returned, Schema, Uniqueness};

/// What of the protocol a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// `/Bulk`: operations and bytes of a request at most; none where there is none.
    pub bulk: Option<(usize, usize)>,
    /// Resources of a page at most.
    pub results_max: usize,
    /// Whether lists can be sorted.
    pub sort: bool,
    /// Whether versions are told and held to.
    pub etag: bool,
    /// Whether pages are also asked for by number.
    pub index_pages: bool,
}

/// ServiceProviderConfig, at this address.
pub fn config(features: Features, base: &str, documentation: Option<&str>) -> Value {
    let (operations, bytes) = features.bulk.unwrap_or_default();
    let mut config = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": features.bulk.is_some(), "maxOperations": operations, "maxPayloadSize": bytes },
        "filter": { "supported": true, "maxResults": features.results_max },
        "changePassword": { "supported": false },
        "sort": { "supported": features.sort },
        "etag": { "supported": features.etag },
        "pagination": {
            "cursor": true, "index": features.index_pages, "defaultPaginationMethod": if features.index_pages { "index" } else { "cursor" },
            "defaultPageSize": features.results_max, "maxPageSize": features.results_max,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "A bearer token of the tenant, in the header Authorization",
            "specUri": "https://www.rfc-editor.org/info/rfc6750", "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    });
    if let Some(documentation) = documentation {
        config["documentationUri"] = documentation.into();
    }
    config
}

/// A kind of resource.
pub fn resource_type(kind: &ResourceType, base: &str) -> Value {
    let extensions: Vec<Value> =
        kind.extensions.iter().map(|schema| json!({ "schema": schema.id, "required": false })).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": kind.name, "name": kind.name, "endpoint": kind.endpoint, "description": kind.description,
        "schema": kind.schema.id, "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", kind.name) },
    })
}

/// A schema.
pub fn schema(schema: &Schema, base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.id, "name": schema.name, "description": schema.description,
        "attributes": schema.attributes.iter().map(attribute).collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id) },
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let kind = match attribute.kind {
        Kind::Text => "string",
        Kind::Flag => "boolean",
        Kind::Moment => "dateTime",
        Kind::Reference(_) => "reference",
        Kind::Complex(_) => "complex",
    };
    let mutability = match attribute.mutability {
        Mutability::ReadWrite => "readWrite",
        Mutability::ReadOnly => "readOnly",
        Mutability::Immutable => "immutable",
        Mutability::WriteOnly => "writeOnly",
    };
    let returned = match attribute.returned {
        Returned::Always => "always",
        Returned::Default => "default",
        Returned::Request => "request",
        Returned::Never => "never",
    };
    let uniqueness = match attribute.uniqueness {
        Uniqueness::None => "none",
        Uniqueness::Server => "server",
    };
    let mut said = json!({
        "name": attribute.name, "type": kind, "multiValued": attribute.is_many, "description": attribute.description,
        "required": attribute.is_required, "mutability": mutability, "returned": returned,
    });
    if matches!(attribute.kind, Kind::Text | Kind::Reference(_)) {
        said["caseExact"] = attribute.case_exact.into();
        said["uniqueness"] = uniqueness.into();
    }
    if !attribute.canonical.is_empty() {
        said["canonicalValues"] = attribute.canonical.into();
    }
    match attribute.kind {
        Kind::Complex(parts) => said["subAttributes"] = parts.iter().map(self::attribute).collect(),
        Kind::Reference(types) => said["referenceTypes"] = types.into(),
        _ => {}
    }
    said
}

/// All of them as a list.
pub fn list(all: Vec<Value>) -> Value {
    let resources: Vec<Map<String, Value>> = all
        .into_iter()
        .filter_map(|value| if let Value::Object(object) = value { Some(object) } else { None })
        .collect();
    Page { total: u64::try_from(resources.len()).ok(), start_index: Some(1), resources, next_cursor: None }
        .body()
}
