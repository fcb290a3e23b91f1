-- What people prove themselves with beside a password.
CREATE TABLE mfa_devices (
  device_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  -- TOTP: the sealed secret. WebAuthn: the public key and what is known of the authenticator, as JSON.
  sealed_secret BLOB,
  credential TEXT,
  credential_id BLOB UNIQUE,
  -- TOTP: the last step of which a code was used; none of it and before is taken again.
  last_step INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX mfa_devices_by_user ON mfa_devices (user_id, created_at, device_id);

-- Codes that work once: recovery codes, codes that an administrator gave to somebody who lost their devices, codes that were mailed.
CREATE TABLE one_time_codes (
  user_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  code_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (user_id, kind, code_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_codes_by_expiry ON one_time_codes (expires_at) WHERE expires_at IS NOT NULL;

-- Sign-ins that are not over: what was proved so far, and in which session they were begun where somebody proves themselves again.
CREATE TABLE sign_in_flows (
  flow_hash BLOB PRIMARY KEY,
  user_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  methods TEXT NOT NULL,
  mfa_at INTEGER,
  known_browser INTEGER NOT NULL,
  brought TEXT,
  session_id TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_flows_by_user ON sign_in_flows (user_id);
CREATE INDEX sign_in_flows_by_expiry ON sign_in_flows (expires_at);

-- Browsers in which a person gave a second factor and asked not to be asked again.
CREATE TABLE remembered_browsers (
  token_hash BLOB PRIMARY KEY,
  browser_id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  source_ip TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX remembered_browsers_by_user ON remembered_browsers (user_id);
CREATE INDEX remembered_browsers_by_expiry ON remembered_browsers (expires_at);

-- By what a session was begun, when its person last gave a second factor, when they last proved who they are at all, how long it may lie idle
-- and when it last was not.
ALTER TABLE portal_sessions ADD COLUMN methods TEXT NOT NULL DEFAULT '["PASSWORD"]';
ALTER TABLE portal_sessions ADD COLUMN mfa_at INTEGER;
ALTER TABLE portal_sessions ADD COLUMN verified_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE portal_sessions ADD COLUMN idle_seconds INTEGER;
ALTER TABLE portal_sessions ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE portal_sessions SET verified_at = created_at, seen_at = created_at;
