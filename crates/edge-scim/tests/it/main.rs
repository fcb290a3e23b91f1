//! SCIM in process: the protocol, what clients really send, what AWS has of it, who may and what is recorded.

mod aws_subset;
mod callers;
mod clients;
mod lists;
mod protocol;
mod world;
