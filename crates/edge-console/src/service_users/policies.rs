//! What a service user may do: attached policies, and one of its own. What somebody else made of the latter meanwhile is not overwritten unseen.

use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use model::fault::Fault;
use serde_json::Value;

use crate::desk::Desk;
use crate::page::{Room, go, refused};
use crate::sent::Sent;
use crate::service_users::holder::Holder;
use crate::service_users::user::{INLINE, Said, described, inline_field, page};

/// Attaches or detaches a policy of AWS's.
pub(crate) async fn managed(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let holder = Holder(Some(name.clone()));
    let mut input = holder.input(&desk);
    input["ManagedPolicyArn"] = Value::from(fields.text("managed_policy"));
    let operation = if fields.text("act") == "detach" {
        "DetachManagedPolicyFromServiceUser"
    } else {
        "AttachManagedPolicyToServiceUser"
    };
    match admin.act(&desk, Op("portico", operation), input).await {
        Ok(()) => go(&desk, &format!("{}?done=saved", holder.below(""))),
        Err(why) => {
            page(&desk, admin, &name, Said { typed: Some(&fields), why: Some(why), ..Said::default() }).await
        }
    }
}

/// Gives it a policy of its own, or takes it away where nothing was typed.
pub(crate) async fn inline(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let holder = Holder(Some(name.clone()));
    let now = match described(&desk, &mut admin, &name).await {
        Ok(found) => found.service_user.inline_policy,
        Err(why) => return refused(&desk, &admin, Room::ServiceUsers, &why),
    };
    let field = inline_field(admin.visitor.language, Some(&fields), &now);
    if field.meanwhile.is_some() {
        return page(&desk, admin, &name, Said { typed: Some(&fields), ..Said::default() }).await;
    }
    let done: Result<(), Fault> = if field.value == now.trim() {
        Ok(())
    } else if field.value.is_empty() {
        admin.act(&desk, Op("portico", "DeleteInlinePolicyFromServiceUser"), holder.input(&desk)).await
    } else {
        let mut input = holder.input(&desk);
        input["InlinePolicy"] = Value::from(fields.text(INLINE.name));
        admin.act(&desk, Op("portico", "PutInlinePolicyToServiceUser"), input).await
    };
    match done {
        Ok(()) => go(&desk, &format!("{}?done=saved", holder.below(""))),
        Err(why) => {
            page(&desk, admin, &name, Said { typed: Some(&fields), why: Some(why), ..Said::default() }).await
        }
    }
}
