//! CreateGroupMembership, DescribeGroupMembership, DeleteGroupMembership, GetGroupMembershipId, ListGroupMemberships,
//! ListGroupMembershipsForMember, IsMemberInGroups.

use directory::memberships;
use model::cx::Cx;
use model::fault::Fault;
use model::group::GroupId;
use model::limits::PAGE_DEFAULT;
use model::membership::{Membership, MembershipId};
use model::page::PageScope;
use wire::generated::identitystore::shapes::{
    CreateGroupMembershipRequest, CreateGroupMembershipResponse, DeleteGroupMembershipRequest,
    DeleteGroupMembershipResponse, DescribeGroupMembershipRequest, DescribeGroupMembershipResponse,
    GetGroupMembershipIdRequest, GetGroupMembershipIdResponse, GroupMembership,
    GroupMembershipExistenceResult, IsMemberInGroupsRequest, IsMemberInGroupsResponse,
    ListGroupMembershipsForMemberRequest, ListGroupMembershipsForMemberResponse, ListGroupMembershipsRequest,
    ListGroupMembershipsResponse,
};

use crate::app::App;
use crate::identitystore::ids;

/// A membership in a list. It never changes, so that it was last updated when and by whom it was made.
fn shape(membership: Membership) -> GroupMembership {
    GroupMembership {
        identity_store_id: membership.identity_store_id.into(),
        membership_arn: membership.id.arn(),
        membership_id: membership.id.into(),
        member_id: Some(ids::member_id(&membership.user_id)),
        group_id: Some(membership.group_id.into()),
        created_at: Some(ids::seconds(membership.created_at)),
        updated_at: Some(ids::seconds(membership.created_at)),
        created_by: Some(membership.created_by.clone()),
        updated_by: Some(membership.created_by),
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateGroupMembershipRequest,
) -> Result<CreateGroupMembershipResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (group, user) = (GroupId::from_reference(&input.group_id)?, ids::member(&input.member_id)?);
    let made = memberships::create(&app.store, &cx, &at, &group, &user).await?;
    Ok(CreateGroupMembershipResponse {
        identity_store_id: made.identity_store_id.into(),
        membership_arn: made.id.arn(),
        membership_id: made.id.into(),
    })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeGroupMembershipRequest,
) -> Result<DescribeGroupMembershipResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let id = MembershipId::from_reference(&input.membership_id)?;
    let found = memberships::describe(&app.store, &cx, &at, &id)?;
    Ok(DescribeGroupMembershipResponse {
        identity_store_id: found.identity_store_id.into(),
        membership_arn: found.id.arn(),
        membership_id: found.id.into(),
        member_id: ids::member_id(&found.user_id),
        group_id: found.group_id.into(),
        created_at: Some(ids::seconds(found.created_at)),
        updated_at: Some(ids::seconds(found.created_at)),
        created_by: Some(found.created_by.clone()),
        updated_by: Some(found.created_by),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteGroupMembershipRequest,
) -> Result<DeleteGroupMembershipResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let id = MembershipId::from_reference(&input.membership_id)?;
    memberships::delete(&app.store, &cx, &at, &id).await?;
    Ok(DeleteGroupMembershipResponse {})
}

pub(crate) async fn get_id(
    app: App,
    cx: Cx,
    input: GetGroupMembershipIdRequest,
) -> Result<GetGroupMembershipIdResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (group, user) = (GroupId::from_reference(&input.group_id)?, ids::member(&input.member_id)?);
    let id = memberships::get_id(&app.store, &cx, &at, &group, &user)?;
    Ok(GetGroupMembershipIdResponse {
        identity_store_id: at.id().to_string(),
        membership_arn: id.arn(),
        membership_id: id.into(),
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListGroupMembershipsRequest,
) -> Result<ListGroupMembershipsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let group = GroupId::from_reference(&input.group_id)?;
    let scope = PageScope::new("ListGroupMemberships", &[at.id().as_str(), group.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = memberships::list(&app.store, &cx, &at, &group, &page)?;
    Ok(ListGroupMembershipsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        group_memberships: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn list_for_member(
    app: App,
    cx: Cx,
    input: ListGroupMembershipsForMemberRequest,
) -> Result<ListGroupMembershipsForMemberResponse, Fault> {
    let (at, user) = (ids::identity_store(&input.identity_store_id)?, ids::member(&input.member_id)?);
    let scope = PageScope::new("ListGroupMembershipsForMember", &[at.id().as_str(), user.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = memberships::list_for_member(&app.store, &cx, &at, &user, &page)?;
    Ok(ListGroupMembershipsForMemberResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        group_memberships: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn is_member(
    app: App,
    cx: Cx,
    input: IsMemberInGroupsRequest,
) -> Result<IsMemberInGroupsResponse, Fault> {
    let (at, user) = (ids::identity_store(&input.identity_store_id)?, ids::member(&input.member_id)?);
    let groups =
        input.group_ids.iter().map(|text| GroupId::from_reference(text)).collect::<Result<Vec<_>, _>>()?;
    let answers = memberships::is_member(&app.store, &cx, &at, &user, &groups)?;
    let result = |(group, is_member): (GroupId, bool)| GroupMembershipExistenceResult {
        group_id: Some(group.into()),
        member_id: Some(ids::member_id(&user)),
        membership_exists: Some(is_member),
    };
    Ok(IsMemberInGroupsResponse { results: answers.into_iter().map(result).collect() })
}
