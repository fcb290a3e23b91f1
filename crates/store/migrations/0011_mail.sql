-- Letters to people. What a letter says is sealed, for it carries links, and goes once it was sent or given up; the row stays a while to say what
-- became of it.
CREATE TABLE mails (
  mail_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  user_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  sealed_content BLOB,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX mails_by_user ON mails (user_id);
CREATE INDEX mails_by_expiry ON mails (state, expires_at);
CREATE INDEX mails_by_end ON mails (ended_at);

-- Links by which a person chooses a password. Of a token only its keyed hash is kept. One that was mailed is bound to the address that it was
-- mailed to.
CREATE TABLE invitations (
  invitation_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  mail_id TEXT,
  email_key TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invitations_by_store ON invitations (identity_store_id, invitation_id);
CREATE INDEX invitations_by_user ON invitations (user_id, invitation_id);
CREATE INDEX invitations_by_mail ON invitations (mail_id);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);

-- Whether a sign-in that is not over happens in a browser that its person was seen with, or where they have a session: they are told of others.
ALTER TABLE sign_in_flows ADD COLUMN known_device INTEGER NOT NULL DEFAULT 0;
