-- Who could reach what at a past moment: what stands says since when, and what ends leaves both moments behind, written by whatever ends it. What stood
-- before this script says 0: it is right for every moment that can be asked about, which are those after this script ran.
ALTER TABLE users ADD COLUMN enabled_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN active_since INTEGER NOT NULL DEFAULT 0;
-- Since when in this revision; provisioned_at is of the last time that anybody asked for it.
ALTER TABLE provisioned_permission_sets ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

CREATE TABLE ended_memberships (
  group_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (group_id, user_id, ended_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_memberships_by_user ON ended_memberships (user_id, group_id);

CREATE TABLE ended_assignments (
  account_id TEXT NOT NULL,
  permission_set_id TEXT NOT NULL,
  principal_type TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, permission_set_id, principal_type, principal_id, ended_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_assignments_by_principal ON ended_assignments (principal_id, account_id, permission_set_id);

-- A role that was removed, or that got another revision of its permission set.
CREATE TABLE ended_provisionings (
  account_id TEXT NOT NULL,
  permission_set_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  since INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, permission_set_id, ended_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_provisionings_by_permission_set ON ended_provisionings (permission_set_id, account_id);

-- What such a role was allowed, once for all accounts that had the revision.
CREATE TABLE former_role_policies (
  permission_set_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  managed_policies TEXT NOT NULL,
  inline_policies TEXT NOT NULL,
  permissions_boundary TEXT,
  PRIMARY KEY (permission_set_id, revision)
) STRICT;

-- While a person was enabled, and an account active.
CREATE TABLE ended_enabled_users (
  user_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, ended_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE ended_active_accounts (
  account_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, ended_at)
) STRICT, WITHOUT ROWID;
