-- Who listens to which directory: one server of those on the database, until it says so no longer.
CREATE TABLE directory_watches (
  directory_id TEXT PRIMARY KEY,
  watcher TEXT NOT NULL,
  held_until INTEGER NOT NULL,
  state TEXT NOT NULL,
  server TEXT,
  said TEXT,
  since INTEGER NOT NULL,
  -- When something was last heard.
  heard_at INTEGER
) STRICT;

-- Whether the directory of who signs in wants another password first.
ALTER TABLE sign_in_flows ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
