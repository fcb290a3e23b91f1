-- How often an administrator let somebody try again at once: wrong attempts are counted anew each time.
CREATE TABLE unlocks (
  user_id TEXT PRIMARY KEY,
  times INTEGER NOT NULL,
  unlocked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
