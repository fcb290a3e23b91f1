//! The administrator's console: pages at `/console` that are clients of the APIs. Each look and each act is a call of an operation with the authority of
//! a role of the visitor's, so that the same policies decide and the trail shows the person. Never: a rule, SQL, an act that the API has not.

mod address;
mod administrator;
mod asked;
mod attention;
mod command;
mod count;
mod dashboard;
mod desk;
mod field;
mod fields;
mod first_steps;
mod groups;
mod held;
mod length;
mod moment;
mod page;
mod part;
mod people;
mod principals;
pub mod router;
mod seen;
mod sent;
mod service_users;
mod sets;
mod settings;
mod settings_factors;
mod settings_form;
mod settings_instance;
mod settings_passwords;
mod settings_portal;
mod settings_sessions;
mod trail;
mod trail_filter;
mod trail_record;
mod trail_things;
