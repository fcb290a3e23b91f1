//! Who a person is and what a program may do for them: passwords, portal sessions, OAuth clients, the device flow,
//! authorization codes and tokens (RFC 6749, 7636, 8252, 8628, 9207, 9700). Rules only: no HTML, no HTTP, no SQL; never learns of roles.
//!
//! - A browser: [`sign_in::by_password`] gives a session and its cookie value; [`sessions::find`] recognises it.
//! - A program: [`clients::register`], then either [`device::start`] (a person finishes it with [`device::look_up`] and
//!   [`device::approve`]) or [`authorize::open`] (and [`authorize::approve`]), then [`tokens::create`].
//! - `aws login`: [`login_requests::open`] (and [`login_requests::approve`]), then [`console_logins::check`] and [`console_logins::settle`], between
//!   which whoever knows of roles has its say.
//! - Who comes from another identity provider, once that is proved and it is known who they are here: [`external::enter`].
//! - Every portal API call: [`tokens::Tokens::caller_for`].
//! - Who has no password or forgot it: [`invitations::create`] or [`forgotten::ask`], then [`invitations::accept`].
//! - The worker: [`housekeeping::expire`], [`forgotten::run_one`]; whoever delivers letters: [`deliveries`].

mod attempts;
pub mod authorize;
mod breached;
pub mod clients;
pub mod config;
pub mod consents;
pub mod console_logins;
pub mod deliveries;
pub mod device;
pub mod devices;
mod directories;
pub mod directory_passwords;
pub mod expiry_notices;
pub mod external;
pub mod factors;
pub mod flows;
pub mod forgotten;
mod gate;

pub mod hashing;
pub mod housekeeping;
pub mod invitations;
mod letter_words;
pub mod letters;
pub mod login_requests;
mod mailed_codes;
mod mails;
pub mod mfa_devices;
mod notices;
pub mod page_host;
pub mod passkey_sign_in;
pub mod passwords;
pub mod portal_settings;
mod random;
mod redirect_uri;
mod required_idps;
pub mod sessions;
mod settings;
pub mod sign_in;
pub mod start_urls;
pub mod tokens;
pub mod totp;
pub mod unlocks;
pub mod user_sign_ins;
pub mod users_without_mfa_device;
pub mod webauthn;
mod workflow;
