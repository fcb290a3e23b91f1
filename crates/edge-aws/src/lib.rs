//! The AWS service APIs: bytes to domain calls and back; no rules.
