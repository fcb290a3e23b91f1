//! PutApplicationSessionConfiguration, GetApplicationSessionConfiguration.

use applications::application_sessions;
use model::applications::application::Switch;
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::sso_admin::shapes::{
    GetApplicationSessionConfigurationRequest, GetApplicationSessionConfigurationResponse,
    PutApplicationSessionConfigurationRequest, PutApplicationSessionConfigurationResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

pub(crate) async fn put(
    app: App,
    cx: Cx,
    input: PutApplicationSessionConfigurationRequest,
) -> Result<PutApplicationSessionConfigurationResponse, Fault> {
    let background = input.user_background_session_application_status.as_deref().and_then(Switch::parse);
    let arn = ids::application(&input.application_arn)?;
    application_sessions::put(&app.store, &cx, &arn, background).await?;
    Ok(PutApplicationSessionConfigurationResponse {})
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetApplicationSessionConfigurationRequest,
) -> Result<GetApplicationSessionConfigurationResponse, Fault> {
    let found = application_sessions::get(&app.store, &cx, &ids::application(&input.application_arn)?)?;
    Ok(GetApplicationSessionConfigurationResponse {
        user_background_session_application_status: Some(found.as_str().to_owned()),
    })
}
