//! AddMemberGroup, RemoveMemberGroup, ListGroupsInGroup, ListGroupsForGroup: groups within groups.

use directory::member_groups;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use store::directory::member_groups::Nested;
use wire::generated::portico::shapes::{
    AddMemberGroupRequest, AddMemberGroupResponse, ListGroupsForGroupRequest, ListGroupsForGroupResponse,
    ListGroupsInGroupRequest, ListGroupsInGroupResponse, NestedGroup, RemoveMemberGroupRequest,
    RemoveMemberGroupResponse,
};

use crate::app::App;
use crate::identitystore::ids;

fn shape(nested: Nested) -> NestedGroup {
    NestedGroup {
        group_id: nested.group.id.into(),
        display_name: nested.group.display_name,
        description: nested.group.description,
        is_direct: nested.is_direct,
    }
}

pub(crate) async fn add(
    app: App,
    cx: Cx,
    input: AddMemberGroupRequest,
) -> Result<AddMemberGroupResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let group = GroupId::from_reference(&input.group_id)?;
    let member = GroupId::from_reference(&input.member_group_id)?;
    member_groups::add(&app.store, &cx, &at, &group, &member).await?;
    Ok(AddMemberGroupResponse {})
}

pub(crate) async fn remove(
    app: App,
    cx: Cx,
    input: RemoveMemberGroupRequest,
) -> Result<RemoveMemberGroupResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let group = GroupId::from_reference(&input.group_id)?;
    let member = GroupId::from_reference(&input.member_group_id)?;
    member_groups::remove(&app.store, &cx, &at, &group, &member).await?;
    Ok(RemoveMemberGroupResponse {})
}

pub(crate) async fn list_within(
    app: App,
    cx: Cx,
    input: ListGroupsInGroupRequest,
) -> Result<ListGroupsInGroupResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = GroupId::from_reference(&input.group_id)?;
    let scope = PageScope::new("ListGroupsInGroup", &[at.id().as_str(), of.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = member_groups::list_within(&app.store, &cx, &at, &of, &page)?;
    Ok(ListGroupsInGroupResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        groups: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn list_around(
    app: App,
    cx: Cx,
    input: ListGroupsForGroupRequest,
) -> Result<ListGroupsForGroupResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = GroupId::from_reference(&input.group_id)?;
    let scope = PageScope::new("ListGroupsForGroup", &[at.id().as_str(), of.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = member_groups::list_around(&app.store, &cx, &at, &of, &page)?;
    Ok(ListGroupsForGroupResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        groups: found.items.into_iter().map(shape).collect(),
    })
}
