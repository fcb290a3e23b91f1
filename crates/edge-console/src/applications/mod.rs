//! Applications: added from the catalog or by what they say of themselves, told who we are, assigned to people and groups, taken away.

pub(crate) mod application;
mod assignments;
mod certificates;
mod delete;
mod edit;
mod facts;
mod list;
mod new;
mod oidc_form;
mod overview;
pub(crate) mod reached;
mod routes;
mod saml_form;
mod secrets;
mod secrets_delete;
mod settings;
mod tags;

pub(crate) use routes::routes;
