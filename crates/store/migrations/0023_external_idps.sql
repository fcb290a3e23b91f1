-- Identity providers outside, by which people sign in.
CREATE TABLE external_idps (
  external_idp_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL,
  status TEXT NOT NULL,
  issuer TEXT NOT NULL,
  settings TEXT NOT NULL,
  sealed_secret BLOB,
  document TEXT NOT NULL,
  key_set TEXT,
  fetched_at INTEGER NOT NULL,
  tried_at INTEGER NOT NULL,
  fetch_error TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX external_idps_by_issuer ON external_idps (identity_store_id, issuer);
CREATE INDEX external_idps_by_store ON external_idps (identity_store_id, external_idp_id);

-- The certificates that verify what SAML providers sign: those of their metadata, which come and go with it, and those that were brought.
CREATE TABLE external_idp_certificates (
  external_idp_id TEXT NOT NULL,
  certificate_id TEXT NOT NULL,
  certificate BLOB NOT NULL,
  imported INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (external_idp_id, certificate_id)
) STRICT;

-- What SAML providers answered, sealed, until the browser that asked fetches it: by the hash of the ticket that it was given. What was asked is with the
-- browser, so that only what a provider signed is kept here.
CREATE TABLE external_answers (
  ticket_hash BLOB PRIMARY KEY,
  external_idp_id TEXT NOT NULL,
  sealed_answer BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX external_answers_by_end ON external_answers (expires_at);

-- By which of them a session was begun, what it calls person and session, and what it said of them that becomes session tags.
ALTER TABLE portal_sessions ADD COLUMN external_idp_id TEXT;
ALTER TABLE portal_sessions ADD COLUMN external_subject TEXT;
ALTER TABLE portal_sessions ADD COLUMN external_index TEXT;
ALTER TABLE portal_sessions ADD COLUMN tags TEXT;
CREATE INDEX portal_sessions_by_external ON portal_sessions (external_idp_id, external_subject) WHERE external_idp_id IS NOT NULL;
