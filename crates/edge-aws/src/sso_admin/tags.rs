//! TagResource, UntagResource, ListTagsForResource.

use instances::tags::{self, Taggable};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest, TagResourceResponse,
    UntagResourceRequest, UntagResourceResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

/// A list of tags as a map; a key given twice is refused.
pub(crate) fn read(list: Vec<Tag>) -> Result<Tags, Fault> {
    let mut tags = Tags::new();
    for tag in list {
        if tags.contains_key(&tag.key) {
            return Err(Fault::validation(format!("Tags holds the key '{}' more than once", tag.key)));
        }
        tags.insert(tag.key, tag.value);
    }
    Ok(tags)
}

/// What to tag. `InstanceArn` may be left out; one that is not the resource's own is one that the caller may not see.
fn taggable(cx: &Cx, instance: Option<&str>, arn: &str) -> Result<Taggable, Fault> {
    let named = instance.map(|instance| ids::instance(cx, instance)).transpose()?;
    let found = Taggable::parse(arn)?;
    match (named, instance) {
        (Some(named), Some(given)) if named != *found.instance() => Err(ids::unseen(cx, given)),
        _ => Ok(found),
    }
}

pub(crate) async fn tag(app: App, cx: Cx, input: TagResourceRequest) -> Result<TagResourceResponse, Fault> {
    let what = taggable(&cx, input.instance_arn.as_deref(), &input.resource_arn)?;
    tags::tag(&app.store, &cx, what, read(input.tags)?).await?;
    Ok(TagResourceResponse {})
}

pub(crate) async fn untag(
    app: App,
    cx: Cx,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, Fault> {
    let what = taggable(&cx, input.instance_arn.as_deref(), &input.resource_arn)?;
    tags::untag(&app.store, &cx, what, input.tag_keys).await?;
    Ok(UntagResourceResponse {})
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, Fault> {
    let scope = PageScope::new("ListTagsForResource", &[&input.resource_arn]);
    let page = scope.request(None, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let what = taggable(&cx, input.instance_arn.as_deref(), &input.resource_arn)?;
    let all: Vec<_> = tags::list(&app.store, &cx, &what)?.into_iter().collect();
    let found = page.page_of(all, |(key, _)| key.clone());
    Ok(ListTagsForResourceResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        tags: Some(found.items.into_iter().map(|(key, value)| Tag { key, value }).collect()),
    })
}
