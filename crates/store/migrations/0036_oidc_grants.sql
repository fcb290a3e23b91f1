-- Keys that codes and tokens are bound to (RFC 9449): thumbprints.
ALTER TABLE oidc_codes ADD COLUMN key_thumbprint TEXT;
ALTER TABLE oidc_token_families ADD COLUMN key_thumbprint TEXT;

-- Questions that applications pushed (RFC 9126), until a browser brings their names.
CREATE TABLE oidc_pushed_requests (
  request_hash BLOB PRIMARY KEY,
  application_id TEXT NOT NULL,
  sealed_request BLOB NOT NULL,
  -- The site that it came from: what such questions are counted by.
  source_site TEXT NOT NULL,
  -- Whether a browser brought it already, and it waits for its person to sign in.
  waits INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oidc_pushed_requests_by_end ON oidc_pushed_requests (expires_at);
CREATE INDEX oidc_pushed_requests_by_application ON oidc_pushed_requests (application_id, waits, expires_at);

-- Access tokens of applications' own, which are nobody's.
CREATE TABLE oidc_client_tokens (
  token_id TEXT PRIMARY KEY,
  application_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  key_thumbprint TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oidc_client_tokens_by_end ON oidc_client_tokens (expires_at);
CREATE INDEX oidc_client_tokens_by_application ON oidc_client_tokens (application_id, expires_at);

-- Sign-ins at devices that show a code (RFC 8628).
CREATE TABLE oidc_devices (
  device_code_hash BLOB PRIMARY KEY,
  user_code_hash BLOB NOT NULL,
  application_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  source_ip TEXT NOT NULL,
  -- The site around that address: what such sign-ins are counted by.
  source_site TEXT NOT NULL,
  status TEXT NOT NULL,
  session_id TEXT,
  interval_seconds INTEGER NOT NULL,
  last_polled_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX oidc_devices_by_user_code ON oidc_devices (user_code_hash);
CREATE INDEX oidc_devices_by_end ON oidc_devices (expires_at);
CREATE INDEX oidc_devices_by_application ON oidc_devices (application_id, expires_at);

-- Applications that were told of a session, and hear of its end. Once it has ended, a job of the same id tells them.
CREATE TABLE oidc_participants (
  participant_id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  -- What the application was told that the session is called.
  sid TEXT NOT NULL,
  application_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  ended INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX oidc_participants_by_session ON oidc_participants (session_id, application_id, sid);
CREATE INDEX oidc_participants_by_user ON oidc_participants (user_id);
CREATE INDEX oidc_participants_by_application ON oidc_participants (application_id);
CREATE INDEX oidc_participants_by_end ON oidc_participants (expires_at);
