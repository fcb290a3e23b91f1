//! What a session that is made from another has of it: tags that are transitive, and who is said to be behind it. IAM user guide, "Pass session tags in
//! AWS STS" and "Monitor and control actions taken with assumed roles". Knows nothing of roles.

use std::collections::BTreeMap;

use model::caller::{HandedOn, Identity};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};

/// Bytes of a session's tags together: AWS packs them and keeps its limit to itself; this keeps the token within a header.
pub(crate) const TAGS_BYTES_MAX: usize = 4_096;

/// What comes of the caller's session and of what is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    /// The tags of the new session: those that are given, and those of the caller's that are transitive.
    pub(crate) tags: BTreeMap<String, String>,
    /// What the new session hands on in its turn.
    pub(crate) handed_on: HandedOn,
    /// Whether another source identity was asked for than the caller's session has: nobody may, whatever policies say.
    pub(crate) says_another_source: bool,
}

fn is(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

impl Chain {
    /// Refuses keys that name no tag of the call, and tags that would take the place of one that the caller's session hands on.
    pub(crate) fn of(
        cx: &Cx,
        given: &BTreeMap<String, String>,
        transitive: &[String],
        source_identity: Option<&str>,
    ) -> Result<Self, Fault> {
        let mut keys: Vec<String> = Vec::new();
        for key in transitive {
            let Some(named) = given.keys().find(|given| is(given, key)) else {
                return Err(Fault::validation(format!(
                    "TransitiveTagKeys has the key {key}, which is none of Tags: tags that were transitive before stay so without being named"
                )));
            };
            if keys.contains(named) {
                return Err(Fault::validation(format!("TransitiveTagKeys has the key {key} twice")));
            }
            keys.push(named.clone());
        }
        let none = HandedOn::default();
        let (had, tags_had) = match cx.caller.identity() {
            Identity::Role(session) => (&session.handed_on, Some(&session.tags)),
            _ => (&none, None),
        };
        let mut tags = given.clone();
        for key in &had.transitive_tag_keys {
            if given.keys().any(|given| is(given, key)) {
                return Err(Fault::new(
                    FaultKind::Service("InvalidParameterValue"),
                    format!(
                        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: {key}"
                    ),
                ));
            }
            if let Some(value) = tags_had.and_then(|tags| tags.get(key)) {
                tags.insert(key.clone(), value.clone());
                keys.push(key.clone());
            }
        }
        check_bytes(&tags, "Tags, with those that the calling session hands on, has")?;
        let had = had.source_identity.as_deref();
        Ok(Self {
            tags,
            says_another_source: source_identity.is_some_and(|said| had.is_some_and(|had| had != said)),
            handed_on: HandedOn {
                source_identity: had.or(source_identity).map(str::to_owned),
                transitive_tag_keys: keys,
            },
        })
    }
}

/// Refuses tags that are too long together.
pub(crate) fn check_bytes(tags: &BTreeMap<String, String>, what: &str) -> Result<(), Fault> {
    let bytes: usize = tags.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes <= TAGS_BYTES_MAX {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Service("PackedPolicyTooLarge"),
        format!("{what} {bytes} bytes of keys and values; it may have {TAGS_BYTES_MAX}"),
    ))
}
