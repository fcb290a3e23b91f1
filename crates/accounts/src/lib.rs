//! Multi-account permissions: permission sets, assignments, provisioning, role credentials.
