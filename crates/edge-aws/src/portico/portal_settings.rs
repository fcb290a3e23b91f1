//! GetPortalSettings, PutPortalSettings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::cx::Cx;
use model::fault::Fault;
use model::signin::colour::Colour;
use model::signin::portal_settings::{HelpLink, PortalSettings};
use signin::portal_settings::{self, NewPortalSettings};
use wire::generated::portico::shapes::{
    self, GetPortalSettingsRequest, GetPortalSettingsResponse, PutPortalSettingsRequest,
    PutPortalSettingsResponse,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetPortalSettingsRequest,
) -> Result<GetPortalSettingsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (settings, logo) = portal_settings::get(&app.store, &cx, &at)?;
    Ok(GetPortalSettingsResponse {
        portal_settings: shapes::PortalSettings {
            name: settings.name,
            accent_color: settings.accent_color.map(String::from),
            accent_color_dark: settings.accent_color_dark.map(String::from),
            help_text: settings.help_text,
            help_link: settings.help_link.map(String::from),
            logo: logo.map(|logo| STANDARD.encode(logo.bytes())),
        },
    })
}

/// What is left out is as it is by default.
pub(crate) async fn put(
    app: App,
    cx: Cx,
    input: PutPortalSettingsRequest,
) -> Result<PutPortalSettingsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let given = input.portal_settings;
    portal_settings::put(&app.store, &cx, &at, move || {
        // The model's patterns hold already.
        let colour = |text: &Option<String>| text.as_deref().and_then(Colour::parse);
        Ok(NewPortalSettings {
            settings: PortalSettings {
                name: given.name.clone(),
                accent_color: colour(&given.accent_color),
                accent_color_dark: colour(&given.accent_color_dark),
                help_text: given.help_text.clone(),
                help_link: given.help_link.as_deref().map(HelpLink::parse).transpose()?,
            },
            logo: given.logo.clone(),
        })
    })
    .await?;
    Ok(PutPortalSettingsResponse {})
}
