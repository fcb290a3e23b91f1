-- Organizations of AWS that accounts here follow: a row for each, with the sealed secret of the key by which it is read, and how its latest run goes.
CREATE TABLE organization_connections (
  organization_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  -- The latest run; none before the first.
  sync_id TEXT,
  sync_kind TEXT,
  sync_status TEXT,
  sync_reason TEXT,
  sync_suspensions_max INTEGER,
  -- Whether what was here before follows from now on.
  sync_adopts INTEGER,
  -- From how many accounts it took access away.
  sync_suspensions INTEGER,
  sync_accounts INTEGER,
  sync_changes INTEGER,
  sync_requested_by TEXT,
  sync_requested_at INTEGER,
  sync_ended_at INTEGER,
  -- From how many accounts runs took access away since the time beside it.
  suspensions INTEGER NOT NULL DEFAULT 0,
  suspensions_since INTEGER NOT NULL DEFAULT 0,
  -- When it is read next by itself; NULL where it is not, or a run is under way.
  next_at INTEGER
) STRICT;
CREATE INDEX organization_connections_due ON organization_connections (next_at);

-- What the latest run of each changed, or would change.
CREATE TABLE organization_changes (
  organization_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  target_id TEXT NOT NULL,
  name TEXT NOT NULL,
  action TEXT NOT NULL,
  said TEXT NOT NULL,
  PRIMARY KEY (organization_id, ordinal)
) STRICT;

-- Which organization says what an account or a unit is called and where it lies; NULL: whoever administers this one.
ALTER TABLE accounts ADD COLUMN follows TEXT;
CREATE INDEX accounts_following ON accounts (follows, account_id);
-- Whether an organization said that nobody is led there any more; NULL: whoever administers this one.
ALTER TABLE accounts ADD COLUMN suspended_by TEXT;
ALTER TABLE organizational_units ADD COLUMN follows TEXT;
CREATE INDEX organizational_units_following ON organizational_units (follows, unit_id);

-- The organization by whose key and settings an account is reached: its own are empty then.
ALTER TABLE account_connections ADD COLUMN organization_id TEXT;
CREATE INDEX account_connections_by_organization ON account_connections (organization_id, account_id);
