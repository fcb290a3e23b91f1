//! Where the pages about service users are.

use axum::Router;
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::service_users::{create, delete, key, keys, list, policies, user};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/service-users", get(list::list))
        .route("/console/service-users/new", get(create::ask).post(create::create))
        .route("/console/service-users/user/{name}", get(user::show))
        .route("/console/service-users/user/{name}/managed", post(policies::managed))
        .route("/console/service-users/user/{name}/inline", post(policies::inline))
        .route("/console/service-users/user/{name}/keys", post(user::make_key))
        .route("/console/service-users/user/{name}/keys/{key}", get(key::of_user).post(key::change_of_user))
        .route("/console/service-users/user/{name}/delete", get(delete::show).post(delete::delete))
        .route("/console/service-users/root", get(keys::root).post(keys::make_root_key))
        .route("/console/service-users/root/{key}", get(key::of_root).post(key::change_of_root))
}
