-- Whether accounts that are somewhere else are as they should be: how looking at each goes, a row for each connected account.
CREATE TABLE account_drifts (
  account_id TEXT PRIMARY KEY,
  -- The latest check; none before the first.
  detection_id TEXT,
  status TEXT,
  requested_by TEXT,
  requested_at INTEGER,
  reason TEXT,
  -- The name of the last role that it is done with.
  done_to TEXT NOT NULL,
  checked_at INTEGER,
  -- When the account is looked at by itself: 0 before that was decided, NULL where it never is.
  next_at INTEGER
) STRICT;
CREATE INDEX account_drifts_due ON account_drifts (next_at);
INSERT INTO account_drifts (account_id, done_to, next_at) SELECT account_id, '', 0 FROM account_connections;

-- What was found: a row for each thing that differs, until it does no more.
CREATE TABLE drift_findings (
  finding_id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  resource_arn TEXT NOT NULL,
  permission_set_id TEXT,
  kind TEXT NOT NULL,
  differences TEXT NOT NULL,
  status TEXT NOT NULL,
  -- The check that saw it last.
  detection_id TEXT NOT NULL,
  found_by TEXT NOT NULL,
  found_at INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  reason TEXT
) STRICT;
CREATE UNIQUE INDEX drift_findings_by_resource ON drift_findings (account_id, resource_arn);
CREATE INDEX drift_findings_by_status ON drift_findings (status, finding_id);
