//! CreateGroupMembership, DescribeGroupMembership, DeleteGroupMembership, GetGroupMembershipId, ListGroupMemberships,
//! ListGroupMembershipsForMember, IsMemberInGroups.

use directory::memberships::{self, Listing};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::membership::MembershipId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use store::directory::memberships::MembershipRow;
use wire::generated::identitystore::memberships::{ListGroupMemberships, ListGroupMembershipsForMember};
use wire::generated::identitystore::shapes::{
    CreateGroupMembershipRequest, CreateGroupMembershipResponse, DeleteGroupMembershipRequest,
    DeleteGroupMembershipResponse, DescribeGroupMembershipRequest, DescribeGroupMembershipResponse,
    GetGroupMembershipIdRequest, GetGroupMembershipIdResponse, GroupMembershipExistenceResult,
    GroupMembershipRow, IsMemberInGroupsRequest, IsMemberInGroupsResponse,
    ListGroupMembershipsForMemberRequest, ListGroupMembershipsRequest, MemberIdRow,
};
use wire::operation::Operation;
use wire::row::{List, Millis, Text};

use crate::app::App;
use crate::identitystore::ids;

/// Writes the list of `O`, whose rows `read` gives. A membership never changes, so that it was last updated when and by whom it was made.
fn written<O: Operation>(
    scope: &PageScope,
    read: impl FnOnce(&mut dyn FnMut(MembershipRow<'_>)) -> Result<Option<String>, Fault>,
) -> Result<String, Fault> {
    let mut list = List::of::<O>();
    let next = read(&mut |row| {
        let (at, by) = (Some(Millis(row.created_at.millis())), Some(row.created_by.into()));
        list.push(&GroupMembershipRow {
            identity_store_id: row.identity_store_id.into(),
            membership_id: row.id.into(),
            membership_arn: Text::after(MembershipId::ARN, row.id),
            group_id: Some(row.group_id.into()),
            member_id: Some(MemberIdRow { user_id: Some(row.user_id.into()) }),
            created_at: at,
            updated_at: at,
            created_by: by,
            updated_by: by,
        });
    })?;
    Ok(list.finish(next.map(|key| scope.encode(&key)).as_deref()))
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

pub(crate) async fn list(app: App, cx: Cx, input: ListGroupMembershipsRequest) -> Result<String, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let group = GroupId::from_reference(&input.group_id)?;
    let scope = PageScope::new("ListGroupMemberships", &[at.id().as_str(), group.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    written::<ListGroupMemberships>(&scope, |with| {
        memberships::list(&app.store, &cx, &at, &group, Listing::new(&page, with))
    })
}

pub(crate) async fn list_for_member(
    app: App,
    cx: Cx,
    input: ListGroupMembershipsForMemberRequest,
) -> Result<String, Fault> {
    let (at, user) = (ids::identity_store(&input.identity_store_id)?, ids::member(&input.member_id)?);
    let scope = PageScope::new("ListGroupMembershipsForMember", &[at.id().as_str(), user.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    written::<ListGroupMembershipsForMember>(&scope, |with| {
        memberships::list_for_member(&app.store, &cx, &at, &user, Listing::new(&page, with))
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
