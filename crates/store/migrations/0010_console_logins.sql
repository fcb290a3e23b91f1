-- `aws login`: codes that carry a role which a person chose, and what grew from them: refresh tokens say themselves what they are, the row says
-- which is in force and by which key it is used.
CREATE TABLE console_login_codes (
  code_hash BLOB PRIMARY KEY,
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  role_name TEXT NOT NULL,
  login_id TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX console_login_codes_by_expiry ON console_login_codes (expires_at);

CREATE TABLE console_logins (
  login_id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  role_name TEXT NOT NULL,
  key_thumbprint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  exchanged_at TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX console_logins_by_session ON console_logins (session_id);
CREATE INDEX console_logins_by_user ON console_logins (user_id);

-- Proofs of possession that were accepted, until nobody would accept them any more: each counts once.
CREATE TABLE used_proofs (
  proof_hash BLOB PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX used_proofs_by_expiry ON used_proofs (expires_at);
