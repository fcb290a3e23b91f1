//! TagResource, UntagResource, ListTagsForResource.

use instances::tags::{self, Taggable};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::tag::Tags;
use wire::generated::sso_admin::shapes::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest, TagResourceResponse,
    UntagResourceRequest, UntagResourceResponse,
};

use crate::app::App;

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

pub(crate) async fn tag(app: App, cx: Cx, input: TagResourceRequest) -> Result<TagResourceResponse, Fault> {
    tags::tag(&app.store, &cx, Taggable::parse(&input.resource_arn)?, read(input.tags)?).await?;
    Ok(TagResourceResponse {})
}

pub(crate) async fn untag(
    app: App,
    cx: Cx,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, Fault> {
    tags::untag(&app.store, &cx, Taggable::parse(&input.resource_arn)?, input.tag_keys).await?;
    Ok(UntagResourceResponse {})
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, Fault> {
    let scope = PageScope::new("ListTagsForResource", &[&input.resource_arn]);
    let page = scope.request(None, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let all = tags::list(&app.store, &cx, &Taggable::parse(&input.resource_arn)?)?;
    let rows = all.into_iter().filter(|(key, _)| key.as_str() > page.after_or_start()).collect();
    let found = page.page(rows, |(key, _): &(String, String)| key.clone());
    Ok(ListTagsForResourceResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        tags: Some(found.items.into_iter().map(|(key, value)| Tag { key, value }).collect()),
    })
}
