-- Organizational units. path: the ids of the units around it from the outermost, each with a slash behind it; empty under the root. Units never move.
CREATE TABLE organizational_units (
  unit_id TEXT PRIMARY KEY,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX organizational_units_by_name ON organizational_units (path, name);
CREATE INDEX organizational_units_by_path ON organizational_units (path, unit_id);

-- Where an account lies, in the same form.
ALTER TABLE accounts ADD COLUMN path TEXT NOT NULL DEFAULT '';
CREATE INDEX accounts_by_path ON accounts (path, account_id);
