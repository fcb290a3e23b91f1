//! Workforce identities: users, groups, memberships.
