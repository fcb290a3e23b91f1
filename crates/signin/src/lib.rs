//! Passwords, sessions, OAuth clients, device flow, codes and tokens.
