-- What each source says of somebody of whom several speak: who has no row here has one source, which is their owner, and what it says is what they are.
-- The source of what is said here is the empty text.
CREATE TABLE user_sources (
  user_id TEXT NOT NULL,
  source TEXT NOT NULL,
  identity_store_id TEXT NOT NULL,
  linked_at INTEGER NOT NULL,
  said TEXT NOT NULL,
  PRIMARY KEY (user_id, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_sources_by_source ON user_sources (source, user_id);
CREATE INDEX user_sources_by_store ON user_sources (identity_store_id, user_id);

-- Which source wins, of each attribute.
CREATE TABLE attribute_precedences (
  identity_store_id TEXT PRIMARY KEY,
  precedence TEXT NOT NULL
) STRICT;

-- Until when an OpenID provider's keys were asked for, because tokens named ones that are not known: a few times at once, and then once a minute.
ALTER TABLE external_idps ADD COLUMN keys_asked_until INTEGER;
