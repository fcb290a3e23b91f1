-- One text for both engines. SQLite runs it as it stands; for PostgreSQL INTEGER becomes BIGINT, BLOB becomes BYTEA and the
-- suffixes STRICT and WITHOUT ROWID go, and texts compare by bytes (src/migrate.rs). Times are microseconds since the epoch, flags 0 or 1, documents JSON text. Columns
-- named *_key hold the normalised form of a name (model and domain write it), so that uniqueness does not depend on an
-- engine's idea of case.

-- Tables of small rows that are read often and written seldom are kept in the order of their key (WITHOUT ROWID): a row is one look-up
-- instead of two. With random keys that are written often it was measured to be slower.

CREATE TABLE instances (
  instance_id TEXT PRIMARY KEY,
  owner_account_id TEXT NOT NULL,
  identity_store_id TEXT NOT NULL UNIQUE,
  name TEXT,
  region TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE organizations (
  organization_id TEXT PRIMARY KEY,
  management_account_id TEXT NOT NULL UNIQUE,
  root_id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
  account_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  joined_method TEXT NOT NULL,
  joined_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_creations (
  request_id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  role_name TEXT NOT NULL,
  state TEXT NOT NULL,
  failure_reason TEXT,
  requested_at INTEGER NOT NULL,
  completed_at INTEGER
) STRICT;

CREATE TABLE access_keys (
  access_key_id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  active INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
  user_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  user_name_key TEXT NOT NULL,
  display_name TEXT NOT NULL,
  email_key TEXT,
  profile TEXT NOT NULL,
  status TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_by_store ON users (identity_store_id, user_id);
CREATE UNIQUE INDEX users_by_user_name ON users (identity_store_id, user_name_key);
CREATE UNIQUE INDEX users_by_email ON users (identity_store_id, email_key);

CREATE TABLE groups (
  group_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  display_name_key TEXT NOT NULL,
  description TEXT,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX groups_by_store ON groups (identity_store_id, group_id);
CREATE UNIQUE INDEX groups_by_display_name ON groups (identity_store_id, display_name_key);

CREATE TABLE external_ids (
  identity_store_id TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  issuer TEXT NOT NULL,
  external_id TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  PRIMARY KEY (identity_store_id, resource_type, issuer, external_id)
) STRICT;
CREATE INDEX external_ids_by_resource ON external_ids (resource_id, issuer, external_id);

-- Kept in the order in which they are read most, members of one group beside each other: the largest table of all.
CREATE TABLE memberships (
  membership_id TEXT NOT NULL,
  identity_store_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX memberships_by_id ON memberships (membership_id);
CREATE INDEX memberships_by_user ON memberships (user_id, group_id);

CREATE TABLE permission_sets (
  permission_set_id TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  session_seconds INTEGER NOT NULL,
  relay_state TEXT,
  inline_policy TEXT,
  boundary_managed_policy_arn TEXT,
  boundary_policy_name TEXT,
  boundary_policy_path TEXT,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX permission_sets_by_name ON permission_sets (instance_id, name);

CREATE TABLE permission_set_managed_policies (
  permission_set_id TEXT NOT NULL,
  policy_arn TEXT NOT NULL,
  PRIMARY KEY (permission_set_id, policy_arn)
) STRICT;

CREATE TABLE permission_set_customer_policies (
  permission_set_id TEXT NOT NULL,
  policy_path TEXT NOT NULL,
  policy_name TEXT NOT NULL,
  PRIMARY KEY (permission_set_id, policy_path, policy_name)
) STRICT;

CREATE TABLE tags (
  resource_arn TEXT NOT NULL,
  tag_key TEXT NOT NULL,
  tag_value TEXT NOT NULL,
  PRIMARY KEY (resource_arn, tag_key)
) STRICT;

CREATE TABLE account_assignments (
  account_id TEXT NOT NULL,
  permission_set_id TEXT NOT NULL,
  principal_type TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, permission_set_id, principal_type, principal_id)
) STRICT;
CREATE INDEX account_assignments_by_principal ON account_assignments (principal_id, account_id, permission_set_id);

CREATE TABLE provisioned_permission_sets (
  account_id TEXT NOT NULL,
  permission_set_id TEXT NOT NULL,
  role_name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  provisioned_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, permission_set_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provisioned_by_permission_set ON provisioned_permission_sets (permission_set_id, account_id);

CREATE TABLE provisioning_requests (
  request_id TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  failure_reason TEXT,
  permission_set_id TEXT NOT NULL,
  account_id TEXT,
  principal_type TEXT,
  principal_id TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX provisioning_requests_by_kind ON provisioning_requests (instance_id, kind, request_id);
CREATE INDEX provisioning_requests_by_status ON provisioning_requests (instance_id, kind, status, request_id);

CREATE TABLE roles (
  account_id TEXT NOT NULL,
  role_name_key TEXT NOT NULL,
  role_name TEXT NOT NULL,
  path TEXT NOT NULL,
  role_id TEXT NOT NULL,
  description TEXT,
  max_session_seconds INTEGER NOT NULL,
  trust_policy TEXT NOT NULL,
  managed_policies TEXT NOT NULL,
  inline_policies TEXT NOT NULL,
  permissions_boundary TEXT,
  permission_set_id TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, role_name_key)
) STRICT;

CREATE TABLE saml_providers (
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;

CREATE TABLE signing_keys (
  key_id TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  sealed_private_key BLOB NOT NULL,
  certificate BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE used_assertions (
  issuer TEXT NOT NULL,
  assertion_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, assertion_id)
) STRICT;
CREATE INDEX used_assertions_by_expiry ON used_assertions (expires_at);

CREATE TABLE jobs (
  job_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  lane TEXT NOT NULL,
  subject TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_by_lane ON jobs (lane, job_id);
CREATE INDEX jobs_by_subject ON jobs (subject, job_id);

CREATE TABLE audit_records (
  event_id TEXT PRIMARY KEY,
  event_time INTEGER NOT NULL,
  event_source TEXT NOT NULL,
  event_name TEXT NOT NULL,
  read_only INTEGER NOT NULL,
  user_name TEXT,
  access_key_id TEXT,
  resources TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;

CREATE TABLE passwords (
  user_id TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE signin_attempts (
  attempt_key TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  first_failed_at INTEGER NOT NULL,
  last_failed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX signin_attempts_by_last ON signin_attempts (last_failed_at);

CREATE TABLE portal_sessions (
  session_id TEXT PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  source_ip TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_sessions_by_user ON portal_sessions (user_id);
CREATE INDEX portal_sessions_by_expiry ON portal_sessions (expires_at);

CREATE TABLE oauth_clients (
  client_id TEXT PRIMARY KEY,
  secret_hash BLOB NOT NULL,
  client_name TEXT NOT NULL,
  client_type TEXT NOT NULL,
  scopes TEXT NOT NULL,
  grant_types TEXT NOT NULL,
  redirect_uris TEXT NOT NULL,
  issuer_url TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oauth_clients_by_expiry ON oauth_clients (expires_at);

CREATE TABLE device_authorizations (
  device_code_hash BLOB PRIMARY KEY,
  user_code_hash BLOB NOT NULL UNIQUE,
  client_id TEXT NOT NULL,
  source_ip TEXT NOT NULL,
  status TEXT NOT NULL,
  user_id TEXT,
  session_id TEXT,
  interval_seconds INTEGER NOT NULL,
  last_polled_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX device_authorizations_by_expiry ON device_authorizations (expires_at);

CREATE TABLE authorization_codes (
  code_hash BLOB PRIMARY KEY,
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  scopes TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  family_id TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

CREATE TABLE token_families (
  family_id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX token_families_by_session ON token_families (session_id);
CREATE INDEX token_families_by_user ON token_families (user_id);

-- A token names its family, so that rows are kept and found by family: a refresh changes the pages of one family instead of a page
-- of every index for each random hash.
CREATE TABLE access_tokens (
  family_id TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (family_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
  family_id TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  used_at INTEGER,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (family_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
