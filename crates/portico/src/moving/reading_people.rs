//! People, groups and who is in them.

use aws_sdk_identitystore::types::MemberId;

use crate::moving::conversions;
use crate::moving::gathered::{Entry, Sink};
use crate::moving::progress::Progress;
use crate::moving::reading::{Known, Reading};
use crate::moving::remote::{Refused, each};
use crate::seed_people_file::Group;

/// The extension that attributes of an organization's own are in; AWS answers it only where it is asked for.
const ENTERPRISE: &str = "aws:identitystore:enterprise";
const PAGE: i32 = 100;

/// Reads everybody and every group; what they are called by is kept for what names them.
pub(crate) async fn read(reading: &Reading, sink: &mut (impl Sink + Send)) -> anyhow::Result<Known> {
    let mut known = Known::default();
    reading.users(&mut known, sink).await?;
    reading.groups(&mut known, sink).await?;
    Ok(known)
}

impl Reading {
    async fn users(&self, known: &mut Known, sink: &mut (impl Sink + Send)) -> anyhow::Result<()> {
        let mut progress = Progress::new("users", None);
        let asked = self.remote.people.list_users().identity_store_id(&self.store_id);
        let mut pages = asked.extensions(ENTERPRISE).into_paginator().page_size(PAGE).send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("identitystore:ListUsers", error))?;
            progress.count(page.users.len());
            for user in page.users {
                let user = conversions::user(user);
                known.users.insert(user.id.clone().unwrap_or_default(), user.user_name.clone());
                sink.take(Entry::User(Box::new(user)))?;
            }
        }
        Ok(())
    }

    async fn groups(&self, known: &mut Known, sink: &mut (impl Sink + Send)) -> anyhow::Result<()> {
        let mut progress = Progress::new("groups", None);
        let asked = self.remote.people.list_groups().identity_store_id(&self.store_id);
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("identitystore:ListGroups", error))?;
            let with_members = |group| {
                let (reading, mut group) = (self.clone(), conversions::group(group));
                async move {
                    group.members = reading.members(&group).await?;
                    Ok(group)
                }
            };
            each(page.groups, with_members, |mut group| {
                progress.count(1);
                group.members = self.named(&group, known);
                known.groups.insert(group.id.clone().unwrap_or_default(), group.display_name.clone());
                sink.take(Entry::Group(group))
            })
            .await?;
        }
        Ok(())
    }

    /// Ids of who is in a group.
    async fn members(&self, group: &Group) -> anyhow::Result<Vec<String>> {
        let asked = self.remote.people.list_group_memberships().identity_store_id(&self.store_id);
        let asked = asked.group_id(group.id.clone().unwrap_or_default());
        let mut pages = asked.into_paginator().page_size(PAGE).send();
        let mut members = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::of("identitystore:ListGroupMemberships", error));
            let Some(page) = self.shortfalls.unless_refused("who is in groups", page)? else { break };
            for membership in page.group_memberships {
                match membership.member_id {
                    Some(MemberId::UserId(id)) => members.push(id),
                    _ => self.shortfalls.lack(format!("a member of {} that is no user", group.display_name)),
                }
            }
        }
        Ok(members)
    }

    fn named(&self, group: &Group, known: &Known) -> Vec<String> {
        let mut names: Vec<String> = Vec::with_capacity(group.members.len());
        for id in &group.members {
            match known.users.get(id) {
                Some(name) => names.push(name.clone()),
                // Made since users were listed.
                None => self.shortfalls.lack(format!(
                    "the member {id} of {}, who was not among the users: read again",
                    group.display_name
                )),
            }
        }
        names.sort();
        names
    }
}
