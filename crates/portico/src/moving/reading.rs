//! A reading of an identity center under way: whom it asks, of what, and what it could not have.

use std::collections::HashMap;

use model::instances::tag::Tags;

use crate::moving::conversions;
use crate::moving::remote::{Refused, Remote};
use crate::moving::shortfalls::Shortfalls;

/// A reading under way.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) remote: Remote,
    pub(crate) instance_arn: String,
    pub(crate) store_id: String,
    pub(crate) shortfalls: Shortfalls,
}

/// What the ids of people and groups are in the file.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) users: HashMap<String, String>,
    pub(crate) groups: HashMap<String, String>,
}

impl Reading {
    /// Tags of what belongs to the instance.
    pub(crate) async fn tags(&self, what: &str, arn: String) -> anyhow::Result<Tags> {
        let asked = self.remote.admin.list_tags_for_resource().instance_arn(&self.instance_arn);
        let mut pages = asked.resource_arn(arn).into_paginator().send();
        let mut tags = Tags::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("sso:ListTagsForResource", error));
            let Some(page) = self.shortfalls.unless_refused(what, page)? else { break };
            tags.extend(conversions::tags(page.tags.unwrap_or_default()));
        }
        Ok(tags)
    }
}
