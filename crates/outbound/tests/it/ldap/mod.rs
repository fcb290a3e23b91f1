//! Directories: a real OpenLDAP, Samba and 389 Directory Server, and one of the tests that limits what Active Directory limits and lies where it is told to.

mod discovery;
mod ds389;
mod fake;
mod hostile;
mod limits;
mod memory;
mod openldap;
mod openldap_changes;
mod passes;
mod samba;
mod scratch;
mod sign_ins;
mod speed;
