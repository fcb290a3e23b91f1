//! What a seed says of the instance and its organization: only its shape, as in `seed_file.rs`.

use std::fmt;

use model::instances::tag::Tags;
use model::limits::ORGANIZATIONAL_UNIT_DEPTH_MAX;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Which instance it is. Its ids are in ARNs that others keep: Terraform's state, conditions of policies, SCIM clients.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Instance {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity_store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// Session tags by their keys, each with what it is made of (`${path:enterprise.costCenter}`); none switches them off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_control_attributes: Option<Tags>,
}

/// The organization.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Organization {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) root_id: Option<String>,
    /// Tags of the root.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) management_account: Option<ManagementAccount>,
}

/// The account that owns the organization and the instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ManagementAccount {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Account {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) email: String,
    /// The organizational unit that it lies in; none is the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ou: Option<UnitNames>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

/// An organizational unit: its names alone, or with its id and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) names: UnitNames,
    pub(crate) id: Option<String>,
    pub(crate) tags: Tags,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WholeUnit {
    path: UnitNames,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let unit = self.clone();
        WholeUnit { path: unit.names, id: unit.id, tags: unit.tags }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Unit;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an organizational unit: its path, or path, id and tags")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Unit, E> {
                Ok(Unit { names: UnitNames::read(text)?, id: None, tags: Tags::new() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Unit, A::Error> {
                let whole = WholeUnit::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Unit { names: whole.path, id: whole.id, tags: whole.tags })
            }
        }
        from.deserialize_any(Either)
    }
}

/// An organizational unit by its name behind those around it: `Workloads/Production`, or a list of them where one has a slash of its own.
/// Those around it are made with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UnitNames(pub(crate) Vec<String>);

impl fmt::Display for UnitNames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("/"))
    }
}

impl UnitNames {
    fn read<E: de::Error>(text: &str) -> Result<Self, E> {
        Self(text.split('/').map(str::to_owned).collect()).checked()
    }

    fn checked<E: de::Error>(self) -> Result<Self, E> {
        if self.0.is_empty() || self.0.iter().any(|name| name.trim().is_empty()) {
            return Err(E::custom(format!(
                "organizational unit '{self}': write names with a slash between them, as in Workloads/Production"
            )));
        }
        if self.0.len() > ORGANIZATIONAL_UNIT_DEPTH_MAX {
            return Err(E::custom(format!(
                "organizational unit '{self}': {} units within one another, {ORGANIZATIONAL_UNIT_DEPTH_MAX} at most",
                self.0.len()
            )));
        }
        Ok(self)
    }
}

impl Serialize for UnitNames {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0.iter().any(|name| name.contains('/')) {
            return self.0.serialize(to);
        }
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnitNames {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = UnitNames;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("names of organizational units with a slash between them, or a list of names")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<UnitNames, E> {
                UnitNames::read(text)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<UnitNames, A::Error> {
                let names = Vec::deserialize(de::value::SeqAccessDeserializer::new(list))?;
                UnitNames(names).checked()
            }
        }
        from.deserialize_any(Either)
    }
}
