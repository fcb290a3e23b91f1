//! Sign-in and OAuth against rows, on both engines. Tests name the attack that they play.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must say where")]

mod authenticator;
mod authorize;
mod cli;
mod clients;
mod console_logins;
mod deliveries;
mod device;
mod directories;
mod directory_passwords;
mod directory_people;
mod expiry_notices;
mod factors;
mod forgotten;
mod guessing;
mod housekeeping;
mod invitations;
mod login_requests;
mod mailed_codes;
mod passwords;
mod portal_settings;
mod sessions;
mod tokens;
mod world;
