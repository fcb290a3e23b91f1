//! ListUnusedAccess.

use accounts::unused_access::{self, UnusedAccess};
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::portico::shapes::{
    ListUnusedAccessRequest, ListUnusedAccessResponse, UnusedAccess as Shape,
};

use crate::app::App;
use crate::identitystore::ids::seconds;
use crate::portico::access::grant;
use crate::portico::summaries::age;
use crate::sso_admin::ids;

fn shape(row: UnusedAccess, instance: &InstanceId) -> Shape {
    let (account, set) = row.place;
    Shape {
        user_id: row.user_id.into(),
        account_id: account.into(),
        permission_set_arn: PermissionSetArn { instance_id: instance.clone(), id: set }.to_string(),
        granted_by: row.granted_by.iter().map(grant).collect(),
        granted_at: seconds(row.granted_at),
        last_accessed_at: row.last_accessed_at.map(seconds),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListUnusedAccessRequest,
) -> Result<ListUnusedAccessResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let age = age(input.unused_access_age);
    let scope = PageScope::new("ListUnusedAccess", &[&input.instance_arn, &age.as_secs().to_string()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = unused_access::list(&app.store, &cx, (&instance, age), &page)?;
    Ok(ListUnusedAccessResponse {
        next_token: found.page.next.as_deref().map(|key| scope.encode(key)),
        unused_access: found.page.items.into_iter().map(|row| shape(row, &instance)).collect(),
        tracked_since: seconds(found.tracked_since),
    })
}
