//! The outside of AWS accounts: provision a role, obtain credentials.
