-- Whose tokens are believed.
CREATE TABLE trusted_token_issuers (
  issuer_id TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  issuer_url TEXT NOT NULL,
  claim_path TEXT NOT NULL,
  attribute_path TEXT NOT NULL,
  -- What made it was called with: the same token means the same call again, if all else of it is the same.
  client_token TEXT,
  request_digest TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- What was given for its tokens before is void: its mapping was changed then.
  not_before INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX trusted_token_issuers_by_instance ON trusted_token_issuers (instance_id, issuer_id);
CREATE UNIQUE INDEX trusted_token_issuers_by_url ON trusted_token_issuers (instance_id, issuer_url);
CREATE UNIQUE INDEX trusted_token_issuers_by_client_token ON trusted_token_issuers (account_id, client_token) WHERE client_token IS NOT NULL;

-- What was last heard of their keys: where they are, what is signed with, the set. A row from the first question on.
CREATE TABLE issuer_keys (
  issuer_id TEXT PRIMARY KEY,
  document TEXT,
  key_set TEXT,
  fetched_at INTEGER,
  -- Until when they were asked for: a few times at once, and then once a minute.
  asked_until INTEGER
) STRICT;

-- What CreateTokenWithIAM gave for a person: all that is kept of its tokens, which say the rest themselves.
CREATE TABLE application_token_families (
  family_id TEXT PRIMARY KEY,
  application_id TEXT NOT NULL,
  -- The trusted token issuer whose token began it, if one did.
  issuer_id TEXT,
  -- The family whose token was exchanged for it, if one was: it ends with that.
  parent_id TEXT,
  -- The session at the portal that it hangs on, if on one.
  session_id TEXT,
  identity_store_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- How often its refresh token was exchanged, and when the last times were.
  generation INTEGER NOT NULL,
  exchanged_at TEXT NOT NULL
) STRICT;
CREATE INDEX application_token_families_by_application ON application_token_families (application_id);
CREATE INDEX application_token_families_by_issuer ON application_token_families (issuer_id) WHERE issuer_id IS NOT NULL;
CREATE INDEX application_token_families_by_parent ON application_token_families (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX application_token_families_by_user ON application_token_families (user_id);
CREATE INDEX application_token_families_by_end ON application_token_families (expires_at);

-- What an application was given before is void: it was disabled then.
ALTER TABLE applications ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
-- The application that holds a session for its person, where no browser does.
ALTER TABLE portal_sessions ADD COLUMN application_id TEXT;
CREATE INDEX portal_sessions_by_application ON portal_sessions (user_id, application_id) WHERE application_id IS NOT NULL;

-- Codes of applications to which somebody signs in here.
CREATE TABLE application_codes (
  code_hash BLOB PRIMARY KEY,
  application_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  scopes TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  -- What it became, once it was redeemed.
  family_id TEXT
) STRICT;
CREATE INDEX application_codes_by_end ON application_codes (expires_at);

-- Roles by which the management account reaches an account that it made take an identity context too.
UPDATE roles SET trust_policy = replace(trust_policy, '"Action":"sts:AssumeRole"}]}', '"Action":["sts:AssumeRole","sts:SetContext"]}]}')
  WHERE permission_set_id IS NULL;
