//! Rows of the trail: records that wait for a piece, and what is found in which piece.

pub mod audit_pieces;
pub mod audit_records;
