//! What must hold for every operation of every service, whatever a caller sends.

mod agreement;
mod limits;
mod make;
mod operations;
mod query;
