-- Directories from which people are read.
CREATE TABLE directories (
  directory_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL,
  status TEXT NOT NULL,
  settings TEXT NOT NULL,
  sealed_password BLOB NOT NULL,
  -- From where the next incremental run reads; none before a full run has ended whole.
  place BLOB,
  next_incremental_at INTEGER NOT NULL,
  next_full_at INTEGER NOT NULL,
  -- The run that was held, until somebody decides.
  held_sync_id TEXT,
  -- Since when what is read, or what may be taken away, is decided otherwise than any full run went by: nothing is taken away before somebody looked.
  asks_since INTEGER,
  failures INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;
CREATE INDEX directories_by_store ON directories (identity_store_id, directory_id);

-- Their runs. Of one directory at most one is not over.
CREATE TABLE directory_syncs (
  sync_id TEXT PRIMARY KEY,
  directory_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  phase TEXT NOT NULL,
  counts TEXT NOT NULL,
  let_pass INTEGER NOT NULL,
  let_pass_members INTEGER NOT NULL,
  held_back INTEGER NOT NULL,
  held_members INTEGER NOT NULL,
  -- How many people and groups it disabled, emptied or deleted, and how many memberships it took away: those of a day are one brake's.
  taken INTEGER NOT NULL,
  taken_members INTEGER NOT NULL,
  reason TEXT,
  is_to_stop INTEGER NOT NULL,
  -- Where the directory was when the run began to read, which is where the next one begins.
  place BLOB,
  -- Who carries it out: whoever came before does no more.
  runner TEXT,
  requested_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  begun_at INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX directory_syncs_by_directory ON directory_syncs (directory_id, sync_id);
CREATE UNIQUE INDEX directory_syncs_open ON directory_syncs (directory_id) WHERE state IN ('QUEUED', 'RUNNING');

-- Of whom nothing came, and what a dry run would do.
CREATE TABLE directory_sync_changes (
  sync_id TEXT NOT NULL,
  change_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  entry TEXT NOT NULL,
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  principal_id TEXT,
  detail TEXT NOT NULL,
  PRIMARY KEY (sync_id, change_key)
) STRICT, WITHOUT ROWID;

-- What was read of directories: of each one (its id), and of each dry run while it goes on (its id). Names by which members and people who sign in are
-- found are keys: normalised.
CREATE TABLE directory_entries (
  list_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  principal_id TEXT,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  dn_key TEXT NOT NULL,
  account_key TEXT,
  principal_name_key TEXT,
  email_key TEXT,
  -- What a primary group is called by its members, and which one a person's is.
  group_key TEXT,
  primary_group TEXT,
  standing TEXT NOT NULL,
  -- Whether the members of a group are to be looked at.
  is_stale INTEGER NOT NULL,
  seen_sync_id TEXT NOT NULL,
  gone_at INTEGER,
  PRIMARY KEY (list_id, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_entries_by_dn ON directory_entries (list_id, dn_key);
CREATE INDEX directory_entries_by_name ON directory_entries (list_id, kind, name_key);
CREATE INDEX directory_entries_by_account ON directory_entries (list_id, account_key) WHERE account_key IS NOT NULL;
CREATE INDEX directory_entries_by_principal_name ON directory_entries (list_id, principal_name_key) WHERE principal_name_key IS NOT NULL;
CREATE INDEX directory_entries_by_email ON directory_entries (list_id, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX directory_entries_by_group_key ON directory_entries (list_id, group_key) WHERE group_key IS NOT NULL;
CREATE INDEX directory_entries_by_primary_group ON directory_entries (list_id, primary_group) WHERE primary_group IS NOT NULL;
CREATE INDEX directory_entries_by_principal ON directory_entries (principal_id) WHERE principal_id IS NOT NULL;
CREATE INDEX directory_entries_leaving ON directory_entries (list_id, external_id) WHERE standing = 'LEAVING';
CREATE INDEX directory_entries_stale ON directory_entries (list_id, external_id) WHERE is_stale = 1;
CREATE INDEX directory_entries_gone ON directory_entries (list_id, gone_at) WHERE gone_at IS NOT NULL;

-- Whom a group has as members there, as it says it: a normalised name (d:) or an account (a:).
CREATE TABLE directory_members (
  list_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  member_key TEXT NOT NULL,
  PRIMARY KEY (list_id, external_id, member_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_members_by_key ON directory_members (list_id, member_key);
