//! Letters leave the house: one letter at a time, by SMTP to the server that an administrator names. Knows nothing of what letters say, of whom
//! they are for, nor of how often one is tried.

mod compose;
mod connection;
pub mod mailer;
pub mod settings;
mod start_tls;
mod tls;
pub mod undelivered;
