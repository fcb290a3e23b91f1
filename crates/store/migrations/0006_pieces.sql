-- The trail in pieces: what is new is rows, what is older is pieces, each of which carries the digest of the one before. On SQLite the content of
-- a piece is a file beside the database.

-- Records that no piece holds yet: the text, and what it does not say.
CREATE TABLE audit_new (
  event_id TEXT PRIMARY KEY,
  passing INTEGER NOT NULL,
  user_name TEXT,
  record TEXT NOT NULL
) STRICT;
INSERT INTO audit_new (event_id, passing, user_name, record)
  SELECT event_id, passing, user_name, record FROM audit_records;
DROP TABLE audit_resources;
DROP TABLE audit_retention;
DROP TABLE audit_records;
ALTER TABLE audit_new RENAME TO audit_records;

CREATE TABLE audit_pieces (
  kind TEXT NOT NULL,
  piece INTEGER NOT NULL,
  first_id TEXT NOT NULL,
  last_id TEXT NOT NULL,
  records INTEGER NOT NULL,
  previous TEXT NOT NULL,
  digest TEXT NOT NULL,
  -- Whether its time was over: the last one of a kind is kept without content, for the next one carries its digest.
  gone INTEGER NOT NULL,
  -- The id and the place of each record, in the order of ids.
  places BLOB NOT NULL,
  content BLOB,
  PRIMARY KEY (kind, piece)
) STRICT;

-- Which records of which piece are found by a term: their ranks in the order of ids.
CREATE TABLE audit_terms (
  term TEXT NOT NULL,
  last_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  piece INTEGER NOT NULL,
  first_id TEXT NOT NULL,
  ranks BLOB NOT NULL,
  PRIMARY KEY (term, last_id, kind, piece)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_terms_by_piece ON audit_terms (kind, piece);
