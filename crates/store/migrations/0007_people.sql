-- What was issued to a person at this time or earlier is void: role credentials that were handed out before the person was disabled, given another
-- password or signed out by an administrator.
ALTER TABLE users ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;

-- Whether the person must choose another password at the next sign-in; until when a password that was made for them opens anything; and the
-- hashes of those before, newest first.
ALTER TABLE passwords ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE passwords ADD COLUMN expires_at INTEGER;
ALTER TABLE passwords ADD COLUMN former TEXT NOT NULL DEFAULT '[]';

-- What administrators decide for a directory, a JSON document by name: the password policy, the sign-in policy.
CREATE TABLE directory_settings (
  identity_store_id TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (identity_store_id, name)
) STRICT, WITHOUT ROWID;
