//! LDAP (RFC 4511 and what Active Directory adds) as a client speaks it: messages to bytes and back, controls, distinguished names, filters; and what
//! directories mean: which schema has which attribute, whether a person may sign in, why a bind was refused. Whatever a server says is read by
//! [`message`], [`control`] and [`entry`] alone, which refuse and never panic. Knows no socket, no clock, nothing of the product.

pub mod attribute;
mod ber;
pub mod control;
pub mod cursor;
pub mod dn;
pub mod entry;
pub mod filter;
mod filter_text;
pub mod found;
pub mod frame;
pub mod id;
pub mod malformed;
pub mod mapping;
pub mod message;
pub mod outcome;
pub mod password;
pub mod reading;
pub mod refusal;
pub mod request;
pub mod schema;
pub mod scope;
pub mod sid;
pub mod state;
pub mod times;
