//! TagResource, UntagResource and ListTagsForResource of accounts, units and the root.

use accounts::organization_tags;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::page::PageScope;
use wire::generated::organizations::shapes::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest, UntagResourceRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::organizations::pages::refuse_token;

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

pub(crate) async fn tag(app: App, cx: Cx, input: TagResourceRequest) -> Result<Nothing, Fault> {
    organization_tags::tag(&app.store, &cx, input.resource_id, read(input.tags)?).await?;
    Ok(Nothing {})
}

pub(crate) async fn untag(app: App, cx: Cx, input: UntagResourceRequest) -> Result<Nothing, Fault> {
    organization_tags::untag(&app.store, &cx, input.resource_id, input.tag_keys).await?;
    Ok(Nothing {})
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, Fault> {
    let scope = PageScope::new("organizations:ListTagsForResource", &[&input.resource_id]);
    refuse_token(&scope, input.next_token.as_deref())?;
    let tags = organization_tags::list(&app.store, &cx, &input.resource_id)?.into_iter();
    Ok(ListTagsForResourceResponse {
        tags: Some(tags.map(|(key, value)| Tag { key, value }).collect()),
        next_token: None,
    })
}
