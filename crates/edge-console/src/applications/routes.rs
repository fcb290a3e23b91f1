//! Where the pages about applications are.

use axum::Router;
use axum::routing::{get, post};

use crate::applications::{
    assignments, certificates, delete, edit, list, new, overview, secrets, secrets_delete, settings, tags,
};
use crate::desk::Desk;

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    let one = "/console/applications/{account}/{id}";
    let below = |end: &str| format!("{one}{end}");
    Router::new()
        .route("/console/applications", get(list::list))
        .route("/console/applications/new", get(new::ask).post(new::create))
        .route(one, get(overview::show).post(overview::act))
        .route(&below("/edit"), get(edit::ask).post(edit::edit))
        .route(&below("/settings"), get(settings::ask).post(settings::put))
        .route(&below("/metadata"), post(settings::import))
        .route(&below("/certificates"), get(certificates::show).post(certificates::act))
        .route(&below("/secrets"), get(secrets::show).post(secrets::act))
        .route(&below("/secrets/{secret}"), get(secrets_delete::show).post(secrets_delete::delete))
        .route(&below("/assignments"), get(assignments::show).post(assignments::change))
        .route(&below("/tags"), get(tags::show).post(tags::change))
        .route(&below("/delete"), get(delete::show).post(delete::delete))
}
