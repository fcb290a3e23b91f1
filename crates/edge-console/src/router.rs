//! The routes of the console.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use edge_aws::app::App;
use edge_aws::inside::Inside;
use edge_portal::portal::Portal;
use edge_portal::{headers, misplaced};

use crate::desk::Desk;
use crate::{
    access, accounts, applications, assignments, dashboard, directories, fields, groups, identity_providers,
    owned, people, provisioning_tenants, service_users, sets, settings, settings_factors, settings_instance,
    settings_notices, settings_passwords, settings_portal, settings_sessions, token_issuers, trail,
    trail_record,
};

/// The router.
pub fn router(portal: Portal, app: App) -> Router {
    let secure = portal.is_secure();
    let hardened = move |mut response: Response| async move {
        headers::harden(&mut response, secure);
        response
    };
    let lead_home = from_fn_with_state(portal.clone(), misplaced::lead_home);
    let desk = Desk { portal, inside: Inside::new(app) };
    Router::new()
        .route("/console", get(dashboard::show))
        .route("/console/role", post(dashboard::choose_role))
        .route("/console/trail", get(trail::list))
        .route("/console/trail/{id}", get(trail_record::show))
        .merge(of_settings())
        .merge(people::routes())
        .merge(groups::routes())
        .merge(identity_providers::routes())
        .merge(provisioning_tenants::routes())
        .merge(directories::routes())
        .merge(owned::routes())
        .merge(service_users::routes())
        .merge(sets::routes::routes())
        .merge(assignments::routes())
        .merge(access::routes())
        .merge(accounts::routes())
        .merge(applications::routes())
        .merge(token_issuers::routes())
        .route_layer(lead_home)
        .layer(DefaultBodyLimit::max(fields::FORM_MAX))
        .layer(map_response(hardened))
        .with_state(desk)
}

fn of_settings() -> Router<Desk> {
    Router::new()
        .route("/console/settings", get(settings::show))
        .route("/console/settings/sessions", get(settings_sessions::show).post(settings_sessions::put))
        .route("/console/settings/factors", get(settings_factors::show).post(settings_factors::put))
        .route("/console/settings/passwords", get(settings_passwords::show).post(settings_passwords::put))
        .route("/console/settings/notices", get(settings_notices::show).post(settings_notices::put))
        .route("/console/settings/portal", get(settings_portal::show).post(settings_portal::put))
        .route("/console/settings/instance", get(settings_instance::show).post(settings_instance::put))
        .route("/console/settings/tag", post(settings_instance::tag))
        .route("/console/settings/untag", post(settings_instance::untag))
}
