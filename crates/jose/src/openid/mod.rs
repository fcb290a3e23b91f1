//! OpenID Connect as the side that relies on a provider: authorization code flow with PKCE, and back-channel logout. It makes what is sent and judges
//! what comes back; who sends it, and what was sent before, the caller knows.
//!
//! 1. [`discovery::Provider::read`]: what the provider says of itself, once it is who was asked.
//! 2. [`request::Attempt`] and [`request::AuthorizationRequest`]: where the browser is sent, and what ties the answer to it.
//! 3. [`callback::Callback`]: what the browser comes back with.
//! 4. [`token::TokenRequest`] and [`token::Tokens`]: the code for tokens.
//! 5. [`id_token::IdToken`]: who signed in; [`claims::Claims`] and [`userinfo`] say what the provider knows of them.
//! 6. [`logout_token::LogoutToken`]: that they signed out there.
//!
//! Beside that, [`issuer::Issuer`] and [`assertion::Assertion`]: somebody's tokens by which no one signs in here, brought by an application that has one.

pub mod assertion;
pub mod callback;
pub mod claims;
pub mod discovery;
pub mod id_token;
pub mod issuer;
pub mod logout_token;
pub mod method;
pub mod refusal;
pub mod request;
pub mod token;
pub mod userinfo;

mod common;
mod refused;
