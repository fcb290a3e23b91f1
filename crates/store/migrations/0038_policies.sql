-- Policies that accounts have of their own. Which version counts is the policy's; what a version says never changes, and its number is never used again.
CREATE TABLE policies (
  account_id TEXT NOT NULL,
  policy_name_key TEXT NOT NULL,
  policy_name TEXT NOT NULL,
  path TEXT NOT NULL,
  policy_id TEXT NOT NULL,
  description TEXT,
  default_version INTEGER NOT NULL,
  last_version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, policy_name_key)
) STRICT;

CREATE TABLE policy_versions (
  account_id TEXT NOT NULL,
  policy_name_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  document TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, policy_name_key, version)
) STRICT;
