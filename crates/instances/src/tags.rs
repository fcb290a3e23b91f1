//! Tags of instances and permission sets.

use model::access::Context;
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::instances::tag::Tags;
use model::limits::TAGS_MAX;
use policy::require::{Action, require_with};
use policy::resource;
use store::db::Store;
use store::tx::Rx;

/// What can be tagged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taggable {
    /// An instance.
    Instance(InstanceId),
    /// A permission set.
    PermissionSet(PermissionSetArn),
}

impl Taggable {
    /// From an ARN. Other kinds of resources do not exist here.
    pub fn parse(arn: &str) -> Result<Self, Fault> {
        InstanceId::from_arn(arn)
            .map(Self::Instance)
            .or_else(|| PermissionSetArn::parse(arn).map(Self::PermissionSet))
            .ok_or_else(|| Fault::not_found(format!("Resource {arn} was not found")).with_resource_id(arn))
    }

    /// The instance that it is, or is part of.
    pub fn instance(&self) -> &InstanceId {
        match self {
            Self::Instance(id) => id,
            Self::PermissionSet(arn) => &arn.instance_id,
        }
    }

    /// CloudTrail's word for it.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Instance(_) => "AWS::SSO::Instance",
            Self::PermissionSet(_) => "AWS::SSO::PermissionSet",
        }
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        match self {
            Self::Instance(id) => id.arn(),
            Self::PermissionSet(arn) => arn.to_string(),
        }
    }
}

/// The tags of a resource, once the caller may do `action` on it.
fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    what: &Taggable,
    further: &Context,
) -> Result<Tags, Fault> {
    let Some(instance) = store::instances::instances::find(rx, what.instance())? else {
        return Err(Fault::access_denied(format!(
            "User: {} is not authorized to perform: {} on resource: {}",
            cx.caller.arn(),
            action.0,
            what.arn()
        )));
    };
    let tags = store::instances::tags::all_of(rx, &what.arn())?;
    let resource = match what {
        Taggable::Instance(_) => resource::instance(&instance, tags.clone()),
        Taggable::PermissionSet(arn) => resource::permission_set(arn, &instance.owner, tags.clone()),
    };
    require_with(cx, action, &[resource], further)?;
    if let Taggable::PermissionSet(arn) = what
        && store::accounts::permission_sets::find(rx, &instance.id, &arn.id)?.is_none()
    {
        return Err(
            Fault::not_found(format!("PermissionSet {arn} was not found")).with_resource_id(arn.to_string())
        );
    }
    Ok(tags)
}

/// The tags of a resource.
pub fn list(store: &Store, cx: &Cx, what: &Taggable) -> Result<Tags, Fault> {
    store.read(|rx| guarded(rx, cx, Action("sso:ListTagsForResource"), what, &Context::new()))
}

/// Sets tags.
pub async fn tag(store: &Store, cx: &Cx, what: Taggable, tags: Tags) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let mut further: Context = tags
                .iter()
                .map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()]))
                .collect();
            further.insert("aws:TagKeys".to_owned(), tags.keys().cloned().collect());
            let mut all = guarded(tx, cx, Action("sso:TagResource"), &what, &further)?;
            all.extend(tags.clone());
            if all.len() > TAGS_MAX {
                return Err(Fault::quota(format!(
                    "The resource would have {} tags, {TAGS_MAX} at most",
                    all.len()
                )));
            }
            tags.iter()
                .try_for_each(|(key, value)| store::instances::tags::upsert(tx, &what.arn(), key, value))?;
            cx.event().touch(what.kind(), what.arn());
            Ok(())
        })
        .await
}

/// Takes tags away.
pub async fn untag(store: &Store, cx: &Cx, what: Taggable, keys: Vec<String>) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let further = Context::from([("aws:TagKeys".to_owned(), keys.clone())]);
            guarded(tx, cx, Action("sso:UntagResource"), &what, &further)?;
            keys.iter().try_for_each(|key| store::instances::tags::delete(tx, &what.arn(), key))?;
            cx.event().touch(what.kind(), what.arn());
            Ok(())
        })
        .await
}
