//! ListEffectiveAccess.

use accounts::access::{self, Access, Beside, Of, Question};
use accounts::access_ways::Ways;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::limits::PAGE_DEFAULT;
use model::page::{Page, PageScope};
use model::timestamp::Timestamp;
use wire::generated::portico::shapes::{
    AccessGrant, EffectiveAccess, ListEffectiveAccessRequest, ListEffectiveAccessResponse,
};
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::identitystore::ids::seconds;
use crate::sso_admin::ids;

/// A moment from its seconds; microseconds are all that a store keeps.
pub(super) fn moment(at: EpochSeconds) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates; whoever asks beyond any calendar is refused"
    )]
    Timestamp::from_micros((at.0 * 1e6).round() as i64)
}

/// The one thing that is asked about.
fn of(input: &ListEffectiveAccessRequest) -> Result<Of, Fault> {
    let given = [
        ("UserId", &input.user_id),
        ("GroupId", &input.group_id),
        ("AccountId", &input.account_id),
        ("PermissionSetArn", &input.permission_set_arn),
    ];
    let given: Vec<(&str, &str)> =
        given.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    match given.as_slice() {
        [("UserId", id)] => UserId::from_reference(id).map(Of::User),
        [("GroupId", id)] => GroupId::from_reference(id).map(Of::Group),
        [("AccountId", id)] => AccountId::parse(*id).map(Of::Account),
        [(_, arn)] => ids::permission_set(arn).map(Of::PermissionSet),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(" and ") };
            Err(Fault::validation(format!(
                "Give exactly one of UserId, GroupId, AccountId and PermissionSetArn: {names} was given"
            )))
        }
    }
}

/// What grants a role.
pub(super) fn grant(by: &Principal) -> AccessGrant {
    AccessGrant { principal_type: by.kind().to_owned(), principal_id: by.id().to_owned(), via: None }
}

/// The same with the way to it.
fn granted(by: &Principal, user: &UserId, ways: &Ways) -> AccessGrant {
    let way = match by {
        Principal::Group(group) => ways.get(&(user.clone(), group.clone())),
        Principal::User(_) => None,
    };
    AccessGrant { via: way.map(|way| way.iter().cloned().map(Into::into).collect()), ..grant(by) }
}

fn shape(
    row: &Access,
    instance: &InstanceId,
    (used_at, ways): (Option<Timestamp>, &Ways),
) -> EffectiveAccess {
    let arn = PermissionSetArn { instance_id: instance.clone(), id: row.permission_set_id.clone() };
    EffectiveAccess {
        user_id: row.user_id.clone().into(),
        account_id: row.account_id.clone().into(),
        permission_set_arn: arn.to_string(),
        granted_by: row.granted_by.iter().map(|by| granted(by, &row.user_id, ways)).collect(),
        last_accessed_at: used_at.map(seconds),
    }
}

pub(crate) async fn list(app: App, cx: Cx, input: ListEffectiveAccessRequest) -> Result<String, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let (of, at) = (of(&input)?, input.at.map(moment));
    let asked = match &of {
        Of::User(id) => id.to_string(),
        Of::Group(id) => id.to_string(),
        Of::Account(id) => id.to_string(),
        Of::PermissionSet(arn) => arn.to_string(),
    };
    let then = at.map(|at| at.micros().to_string()).unwrap_or_default();
    let last_used = input.include_last_accessed.unwrap_or_default();
    let with = if last_used { "last-used" } else { "" };
    let scope = PageScope::new("ListEffectiveAccess", &[&input.instance_arn, &asked, &then, with]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let write = |page: &Page<Access>, beside: &Beside| {
        let uses = beside.uses.iter().copied().chain(std::iter::repeat(None));
        let rows = page.items.iter().zip(uses);
        let response = ListEffectiveAccessResponse {
            next_token: page.next.as_deref().map(|key| scope.encode(key)),
            effective_access: rows
                .map(|(row, used_at)| shape(row, &instance, (used_at, &beside.ways)))
                .collect(),
        };
        jsontext::to_string(&response).map_err(Fault::internal)
    };
    let known = (&app.store, &app.known().reach);
    let written =
        access::list(known, &cx, &Question { instance: &instance, of: &of, at, last_used }, &page, write)?;
    Ok(str::to_owned(&written))
}
