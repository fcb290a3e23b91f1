//! Attributes for access control: which attributes of people become session tags of the roles that they use, so that the policies of a permission set
//! ask for `aws:PrincipalTag/…` (user guide, "Attributes for access control"). What a person has counts as it is when they get credentials.

use std::collections::{BTreeMap, HashSet};

use model::accounts::access_control_attribute::{AccessControlAttribute, AttributeSource, TAG_VALUE_MAX};
use model::brief;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserProfile};
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::limits::Mode;
use policy::require::Action;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::chaining::TAGS_BYTES_MAX;
use crate::instance::guarded;

/// Session tags of a session at most (IAM and STS quotas).
const TAGS_MAX: usize = 50;

/// What CloudTrail calls what is changed.
const KIND: &str = "AWS::SSO::Instance";

/// The attributes of an instance, whose ResourceNotFoundException says that they are switched off.
pub fn describe(store: &Store, cx: &Cx, id: &InstanceId) -> Result<Vec<AccessControlAttribute>, Fault> {
    let action = Action("sso:DescribeInstanceAccessControlAttributeConfiguration");
    store.read(|rx| {
        guarded(rx, cx, action, id)?;
        store::accounts::access_control_attributes::find(rx, id)?.ok_or_else(|| switched_off(id))
    })
}

/// Switches attributes on.
pub async fn create(
    store: &Store,
    cx: &Cx,
    id: &InstanceId,
    given: Vec<(String, String)>,
) -> Result<(), Fault> {
    let action = Action("sso:CreateInstanceAccessControlAttributeConfiguration");
    change(store, cx, id, action, move |tx, id, is_on| {
        let attributes = read(&given)?;
        if is_on {
            return Err(Fault::conflict(format!(
                "Instance {} has an access control attribute configuration: UpdateInstanceAccessControlAttributeConfiguration changes it",
                id.arn()
            )));
        }
        store::accounts::access_control_attributes::put(tx, id, &attributes)
    })
    .await
}

/// Switches attributes on in a transaction, with no question of who asks: for the seed.
pub fn insert_in(tx: &mut Tx<'_>, id: &InstanceId, given: &[(String, String)]) -> Result<(), Fault> {
    let attributes = read(given)?;
    store::accounts::access_control_attributes::put(tx, id, &attributes)
}

/// Writes attributes in the place of those before.
pub async fn update(
    store: &Store,
    cx: &Cx,
    id: &InstanceId,
    given: Vec<(String, String)>,
) -> Result<(), Fault> {
    let action = Action("sso:UpdateInstanceAccessControlAttributeConfiguration");
    change(store, cx, id, action, move |tx, id, is_on| {
        let attributes = read(&given)?;
        if !is_on {
            return Err(switched_off(id));
        }
        store::accounts::access_control_attributes::put(tx, id, &attributes)
    })
    .await
}

/// Switches attributes off, and forgets them.
pub async fn delete(store: &Store, cx: &Cx, id: &InstanceId) -> Result<(), Fault> {
    let action = Action("sso:DeleteInstanceAccessControlAttributeConfiguration");
    change(store, cx, id, action, |tx, id, is_on| {
        if !is_on {
            return Err(switched_off(id));
        }
        store::accounts::access_control_attributes::delete(tx, id)
    })
    .await
}

/// One change, of whoever may make it; it is told whether attributes are switched on.
async fn change(
    store: &Store,
    cx: &Cx,
    id: &InstanceId,
    action: Action,
    with: impl Fn(&mut Tx<'_>, &InstanceId, bool) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, action, &id)?;
            let is_on = store::accounts::access_control_attributes::find(tx, &id)?.is_some();
            with(tx, &id, is_on)?;
            cx.event().touch(KIND, id.arn());
            Ok(())
        })
        .await
}

fn switched_off(id: &InstanceId) -> Fault {
    Fault::not_found(format!("Instance {} has no access control attribute configuration", id.arn()))
        .with_resource_id(id.arn())
}

/// Reads the keys and sources of a call. A session has no two tags whose keys differ in case alone, nor one of AWS's own.
fn read(given: &[(String, String)]) -> Result<Vec<AccessControlAttribute>, Fault> {
    let mut keys = HashSet::new();
    given
        .iter()
        .map(|(key, source)| {
            let lower = key.to_lowercase();
            if lower.starts_with("aws:") {
                return Err(Fault::validation(format!(
                    "AccessControlAttributes has the key {key}: aws: is reserved"
                )));
            }
            if !keys.insert(lower) {
                return Err(Fault::validation(format!(
                    "AccessControlAttributes has the key {key} twice: keys must differ in more than case"
                )));
            }
            Ok(AccessControlAttribute { key: key.clone(), source: AttributeSource::parse(source)? })
        })
        .collect()
}

/// What a person's attributes come to.
pub(crate) type Attributes = BTreeMap<String, String>;

/// What becomes of a person's attributes by the configuration of their instance; none where it is switched off. It may not make a session yet:
/// [`tags`] says.
pub(crate) fn of(
    rx: &mut Rx<'_>,
    identity_store_id: &IdentityStoreId,
    user: &UserId,
) -> Result<Option<Attributes>, Fault> {
    let Some(instance) = store::instances::instances::find_by_identity_store(rx, identity_store_id)? else {
        return Ok(None);
    };
    let Some(attributes) = store::accounts::access_control_attributes::find(rx, &instance.id)? else {
        return Ok(None);
    };
    let user = store::directory::users::find(rx, identity_store_id, user)?;
    Ok(Some(user.map(|user| values(&attributes, &user.profile)).unwrap_or_default()))
}

fn values(attributes: &[AccessControlAttribute], profile: &UserProfile) -> Attributes {
    let value = |one: &AccessControlAttribute| Some((one.key.clone(), one.source.of(profile)?.into_owned()));
    attributes.iter().filter_map(value).collect()
}

/// The tags of a role's session: what the configuration says goes before what the sign-in brought. A value that can be no tag is refused, and not left
/// out: a policy would decide without it. In strict mode nothing is passed on while the configuration is switched off, as at AWS.
pub(crate) fn tags(
    mode: Mode,
    configured: Option<&Attributes>,
    of_sign_in: &Attributes,
) -> Result<Attributes, Fault> {
    let Some(configured) = configured else {
        return Ok(if mode == Mode::Strict { Attributes::new() } else { of_sign_in.clone() });
    };
    for (key, value) in configured {
        require_value(key, value)?;
    }
    let is_configured = |key: &String| configured.keys().any(|one| one.to_lowercase() == key.to_lowercase());
    let brought = of_sign_in.iter().filter(|(key, _)| !is_configured(key));
    let all: Attributes =
        configured.iter().chain(brought).map(|(key, value)| (key.clone(), value.clone())).collect();
    let bytes: usize = all.iter().map(|(key, value)| key.len() + value.len()).sum();
    for (what, given, most) in
        [("session tags", all.len(), TAGS_MAX), ("bytes of session tags", bytes, TAGS_BYTES_MAX)]
    {
        if given > most {
            return Err(Fault::validation(format!(
                "The attributes for access control and the sign-in make {given} {what}, {most} at most"
            )));
        }
    }
    Ok(all)
}

fn require_value(key: &str, value: &str) -> Result<(), Fault> {
    let length = value.chars().count();
    if length > TAG_VALUE_MAX {
        return Err(Fault::validation(format!(
            "The attribute for access control {key} has a value of {length} characters; a session tag may have {TAG_VALUE_MAX}"
        )));
    }
    // IAM's pattern of a tag's value: letters, separators, numbers and `_.:/=+-@`.
    let is_separator = |letter: char| letter.is_whitespace() && !letter.is_control();
    let is_allowed =
        |letter: char| letter.is_alphanumeric() || is_separator(letter) || "_.:/=+-@".contains(letter);
    match value.chars().find(|letter| !is_allowed(*letter)) {
        Some(letter) => Err(Fault::validation(format!(
            "The attribute for access control {key} has the value {}, and a session tag may not have {letter:?}",
            brief::text(value, 64)
        ))),
        None => Ok(()),
    }
}
