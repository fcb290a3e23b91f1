-- What people put first on their portal: accounts that they marked (no role), and the roles that they took last.
CREATE TABLE portal_choices (
  user_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  account_id TEXT NOT NULL,
  role_name TEXT NOT NULL,
  chosen_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, kind, account_id, role_name)
) STRICT, WITHOUT ROWID;

-- What a person calls a session of theirs.
ALTER TABLE portal_sessions ADD COLUMN name TEXT NOT NULL DEFAULT '';
