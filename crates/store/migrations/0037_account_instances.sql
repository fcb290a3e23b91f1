-- Instances of single accounts. One that is being made has a row here alone and one that is being ended too, so that nobody finds it by its id or its
-- identity store; one that is active has one in `instances` as the organization's has.
CREATE TABLE account_instances (
  instance_id TEXT PRIMARY KEY,
  owner_account_id TEXT NOT NULL UNIQUE,
  identity_store_id TEXT NOT NULL UNIQUE,
  name TEXT,
  region TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  -- By which call it was made, if that had a token, and a digest of what that asked for: the same call again makes nothing.
  client_token TEXT,
  request_digest TEXT NOT NULL
) STRICT;

-- Since when the account administers the organization's instance for the management account.
ALTER TABLE accounts ADD COLUMN delegated_at INTEGER;
