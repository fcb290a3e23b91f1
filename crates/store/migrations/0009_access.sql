-- Batches of assignments: one request id for many. Counts and failures are those of rows that were done, or turned away, when the batch was
-- accepted; what waited for its turn in an account is in parts.
CREATE TABLE assignment_batches (
  request_id TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  total INTEGER NOT NULL,
  succeeded INTEGER NOT NULL,
  failures TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- What a batch comes to in an account where others were before it: waits as one job in the account's lane. `waiting` and `failures` are JSON.
CREATE TABLE assignment_batch_parts (
  request_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  total INTEGER NOT NULL,
  done INTEGER NOT NULL,
  succeeded INTEGER NOT NULL,
  waiting TEXT NOT NULL,
  failures TEXT NOT NULL,
  PRIMARY KEY (request_id, account_id)
) STRICT;
CREATE INDEX assignment_batch_parts_under_way ON assignment_batch_parts (request_id) WHERE done = 0;
