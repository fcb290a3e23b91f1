-- When people last signed in, and when they last took a role that they may use: the first time of its latest day (UTC), so that it is one write a day.
-- What was before this script ran is not known, but for sessions that stand.
CREATE TABLE user_sign_ins (
  user_id TEXT PRIMARY KEY,
  signed_in_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO user_sign_ins (user_id, signed_in_at) SELECT user_id, MAX(created_at) FROM portal_sessions GROUP BY user_id;

CREATE TABLE access_uses (
  user_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  permission_set_id TEXT NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, account_id, permission_set_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_uses_by_permission_set ON access_uses (permission_set_id);

-- People who are enabled, have a password and no device to prove themselves with beside it. Written with whatever changes one of the three.
CREATE TABLE users_without_mfa_device (
  user_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_without_mfa_device_by_store ON users_without_mfa_device (identity_store_id, user_id);
INSERT INTO users_without_mfa_device (user_id, identity_store_id) SELECT u.user_id, u.identity_store_id FROM users u
  WHERE u.status = 'ENABLED' AND u.user_id IN (SELECT p.user_id FROM passwords p) AND u.user_id NOT IN (SELECT d.user_id FROM mfa_devices d);

-- For counts of what failed lately and of what is old.
CREATE INDEX provisioning_requests_failed ON provisioning_requests (instance_id, created_at) WHERE status = 'FAILED';
CREATE INDEX access_keys_active ON access_keys (account_id, created_at) WHERE active = 1;
