//! DescribeProvisioning, PauseProvisioning, ResumeProvisioning, CancelProvisioning.

use accounts::provisionings;
use model::accounts::account::AccountId;
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;
use wire::generated::portico::shapes::{
    CancelProvisioningRequest, CancelProvisioningResponse, DescribeProvisioningRequest,
    DescribeProvisioningResponse, PauseProvisioningRequest, PauseProvisioningResponse, Provisioning,
    ResumeProvisioningRequest, ResumeProvisioningResponse,
};

use crate::app::App;
use crate::identitystore::ids::seconds;
use crate::sso_admin::ids::instance;

fn shape(at: &InstanceId, found: provisionings::Provisioning) -> Provisioning {
    let request = found.request;
    let set = PermissionSetArn { instance_id: at.clone(), id: request.permission_set_id };
    Provisioning {
        request_id: request.id.into(),
        kind: request.kind.as_str().to_owned(),
        status: request.status.as_str().to_owned(),
        failure_reason: request.failure_reason,
        permission_set_arn: set.to_string(),
        account_id: request.account_id.map(AccountId::into),
        created_at: seconds(request.created_at),
        waiting_account_count: i64::try_from(found.waiting).unwrap_or(i64::MAX),
        paused: found.is_paused,
    }
}

macro_rules! acts {
    ($($act:ident: $request:ident -> $response:ident;)+) => {
        $(
            pub(crate) async fn $act(app: App, cx: Cx, input: $request) -> Result<$response, Fault> {
                let (at, id) = (instance(&cx, &input.instance_arn)?, RequestId::parse(input.request_id)?);
                let found = provisionings::$act(&app.store, &cx, (&at, &id)).await?;
                Ok($response { provisioning: shape(&at, found) })
            }
        )+
    };
}

acts! {
    pause: PauseProvisioningRequest -> PauseProvisioningResponse;
    resume: ResumeProvisioningRequest -> ResumeProvisioningResponse;
    cancel: CancelProvisioningRequest -> CancelProvisioningResponse;
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeProvisioningRequest,
) -> Result<DescribeProvisioningResponse, Fault> {
    let (at, id) = (instance(&cx, &input.instance_arn)?, RequestId::parse(input.request_id)?);
    let found = provisionings::describe(&app.store, &cx, (&at, &id))?;
    Ok(DescribeProvisioningResponse { provisioning: shape(&at, found) })
}
