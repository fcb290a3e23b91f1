-- What was decided of applications that speak OAuth 2.0 and OpenID Connect.
CREATE TABLE oidc_applications (
  application_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;

-- The secrets by which they prove who they are. Several of one application are good at once.
CREATE TABLE oidc_secrets (
  application_id TEXT NOT NULL,
  secret_id TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  name TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  PRIMARY KEY (application_id, secret_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX oidc_secrets_by_hash ON oidc_secrets (secret_hash);

-- The keys that sign what they are told, each of one application.
CREATE TABLE oidc_keys (
  application_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  sealed_private_key BLOB NOT NULL,
  public_key TEXT NOT NULL,
  signs_from INTEGER NOT NULL,
  PRIMARY KEY (application_id, key_id)
) STRICT, WITHOUT ROWID;

-- Codes on their way through browsers.
CREATE TABLE oidc_codes (
  code_hash BLOB PRIMARY KEY,
  application_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT,
  nonce TEXT,
  scopes TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  family_id TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oidc_codes_by_end ON oidc_codes (expires_at);
CREATE INDEX oidc_codes_by_application ON oidc_codes (application_id);
CREATE INDEX oidc_codes_by_session ON oidc_codes (session_id);

-- What codes were exchanged for: all that is kept of tokens, which say the rest themselves.
CREATE TABLE oidc_token_families (
  family_id TEXT PRIMARY KEY,
  application_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  -- When the person had proved who they are.
  auth_time INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- How often its refresh token was exchanged, and when the last times were.
  generation INTEGER NOT NULL,
  exchanged_at TEXT NOT NULL
) STRICT;
CREATE INDEX oidc_token_families_by_application ON oidc_token_families (application_id);
CREATE INDEX oidc_token_families_by_session ON oidc_token_families (session_id);
CREATE INDEX oidc_token_families_by_user ON oidc_token_families (user_id);
CREATE INDEX oidc_token_families_by_end ON oidc_token_families (expires_at);
