//! The routes of the pages.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};

use crate::portal::Portal;
use crate::{
    add_device, application, assets, authorize, config, device, external, forgot, form, headers, invitation,
    keys, login, misplaced, next_step, oidc_applications, oidc_beginnings, oidc_programs, open_console, saml,
    saml_applications, saml_logouts, security, sign_in, start, token_keys, verify,
};

/// Where SAML providers post: their forms are larger than ours.
fn of_providers() -> Router<Portal> {
    Router::new()
        .route("/platform/saml/acs/{id}", post(saml::answer))
        .route("/platform/saml/slo/{id}", get(saml::sign_out).post(saml::sign_out_by_form))
        .layer(DefaultBodyLimit::max(saml::FORM_MAX))
}

/// Where applications do.
fn of_applications() -> Router<Portal> {
    Router::new()
        .route("/saml/assertion/{id}", get(saml_applications::ask).post(saml_applications::ask_by_form))
        .route("/saml/logout/{id}", get(saml_logouts::sign_out).post(saml_logouts::sign_out_by_form))
        .layer(DefaultBodyLimit::max(application::FORM_MAX))
}

/// Where applications that speak OpenID Connect call, and post to. Programs are led to no other host: what they sent would be lost.
fn of_openid_connect() -> Router<Portal> {
    Router::new()
        .route("/oauth2/{id}/authorize", post(oidc_applications::led_on))
        .route("/oauth2/{id}/logout", post(oidc_applications::led_out))
        .route("/oauth2/{id}/.well-known/openid-configuration", get(oidc_programs::discovery))
        .route("/.well-known/oauth-authorization-server/oauth2/{id}", get(oidc_programs::discovery))
        .route("/oauth2/{id}/keys", get(oidc_programs::keys))
        .route("/oauth2/{id}/par", post(oidc_beginnings::push))
        .route("/oauth2/{id}/device_authorization", post(oidc_beginnings::start_device))
        .route("/oauth2/{id}/token", post(oidc_programs::token))
        .route("/oauth2/{id}/introspect", post(oidc_programs::introspect))
        .route("/oauth2/{id}/revoke", post(oidc_programs::revoke))
        .route("/oauth2/{id}/userinfo", get(oidc_programs::userinfo).post(oidc_programs::userinfo))
}

/// The router. Its fallback answers what no other router knows.
pub fn router(portal: Portal) -> Router {
    let secure = portal.is_secure();
    let hardened = move |mut response: Response| async move {
        headers::harden(&mut response, secure);
        response
    };
    let lead_home = from_fn_with_state(portal.clone(), misplaced::lead_home);
    Router::new()
        .route("/start", get(start::show).head(start::head))
        .route("/start/search", get(start::search))
        .route("/start/favourites", post(start::mark))
        .route("/start/console", get(open_console::show))
        .route(application::START, get(saml_applications::start))
        .route(application::TEST, get(saml_applications::test))
        .route(saml_logouts::ONWARD, get(saml_logouts::onward))
        .route(application::CONTINUE, get(saml_applications::go_on))
        .route("/start/keys", get(keys::show))
        .route("/start/credentials", post(keys::issue))
        .route("/start/config", get(config::show))
        .route("/start/config.txt", get(config::download))
        .route("/signin", get(sign_in::show).post(sign_in::submit))
        .route("/signin/passkey", post(sign_in::by_passkey))
        .route("/signin/next", get(next_step::show))
        .route("/signin/factor", post(next_step::give_factor))
        .route("/signin/new-password", post(next_step::choose_password))
        .route("/signin/external", get(external::begin))
        .route("/signin/external/callback", get(external::callback))
        .route("/signin/external/finish", get(external::finish).post(external::confirm))
        .route("/signin/verify", get(verify::show).post(verify::submit))
        .route("/signout", post(sign_in::sign_out))
        .route("/security", get(security::show))
        .route("/security/add", get(add_device::show))
        .route("/security/totp", post(add_device::add_totp))
        .route("/security/passkey", post(add_device::add_passkey))
        .route("/security/devices", post(security::change_device))
        .route("/security/recovery", post(security::make_codes))
        .route("/security/password", post(security::change_password))
        .route("/security/sessions", post(security::end_session))
        .route("/security/sessions/name", post(security::name_session))
        .route("/security/everywhere", post(security::end_every_session))
        .route("/security/programs", post(security::forget_program))
        .route("/invitation", get(invitation::show).post(invitation::submit))
        .route("/forgot", get(forgot::show).post(forgot::submit))
        .route("/device", get(device::show).post(device::submit))
        .route("/authorize", get(authorize::show).post(authorize::submit))
        .route(login::PATH, get(login::show).post(login::submit))
        .route("/oauth2/{id}/authorize", get(oidc_applications::authorize))
        .route("/oauth2/{id}/logout", get(oidc_applications::sign_out))
        .route_layer(lead_home)
        // Below here nothing reads or sets a cookie; `/` is also where programs call.
        .route("/", get(start::root))
        .route("/start/", get(start::root))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .route("/platform/saml/metadata/{id}", get(saml::metadata))
        .route("/identity-center/{instance}/.well-known/openid-configuration", get(token_keys::metadata))
        .route("/identity-center/{instance}/keys", get(token_keys::keys))
        .route("/signin/external/logout/{id}", post(saml::told_of_sign_out))
        .route("/saml/metadata/{id}", get(saml_applications::metadata))
        .merge(of_openid_connect())
        .merge(of_providers())
        .merge(of_applications())
        .fallback(start::nowhere)
        .layer(DefaultBodyLimit::max(form::FORM_MAX))
        .layer(map_response(hardened))
        .with_state(portal)
}
