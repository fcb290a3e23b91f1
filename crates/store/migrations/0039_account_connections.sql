-- Accounts whose IAM and STS are somewhere else.
CREATE TABLE account_connections (
  account_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;
