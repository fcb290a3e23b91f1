//! How the server asks others: metadata, discovery documents and key sets are fetched, token requests are sent. Whoever may name an address makes
//! this machine connect to it, so every address is judged before: names are resolved once, here, and the connection goes to what was judged.
//! Only HTTPS, and LDAP within TLS (`ldap/`): no redirects, no cookies, no proxy (none from the environment either), bounds for time and size. Knows
//! nothing of what is asked for.

pub mod address;
pub mod allowed;
pub mod answer;
pub mod bursts;
pub mod client;
mod connecting;
pub mod credentials;
mod deadline;
mod dns_message;
mod exchange;
pub mod failure;
pub mod flaw;
pub mod ldap;
pub mod names;
pub mod ranges;
mod request;
mod saying;
pub mod service;
pub mod services;
pub mod terms;
mod tls;
