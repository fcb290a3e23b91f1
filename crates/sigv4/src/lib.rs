//! Server-side verification of AWS Signature Version 4.
