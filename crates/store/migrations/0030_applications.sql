-- Applications that people sign in to.
CREATE TABLE applications (
  application_id TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  status TEXT NOT NULL,
  visibility TEXT NOT NULL,
  sign_in_origin TEXT,
  application_url TEXT,
  assignment_required INTEGER NOT NULL,
  background_sessions TEXT NOT NULL,
  -- By which call it was made, if that had a token, and a digest of what that asked for: the same call again makes nothing.
  client_token TEXT,
  client_input TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_from TEXT NOT NULL
) STRICT;
CREATE INDEX applications_by_instance ON applications (instance_id, application_id);
CREATE INDEX applications_by_account ON applications (instance_id, account_id, application_id);
CREATE INDEX applications_by_provider ON applications (instance_id, provider_id, application_id);
CREATE UNIQUE INDEX applications_by_client_token ON applications (instance_id, account_id, client_token);
-- What everybody finds in their portal.
CREATE INDEX applications_open ON applications (instance_id, name, application_id)
  WHERE assignment_required = 0 AND status = 'ENABLED' AND visibility = 'ENABLED';

CREATE TABLE application_assignments (
  application_id TEXT NOT NULL,
  principal_type TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (application_id, principal_type, principal_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_assignments_by_principal ON application_assignments (principal_id, application_id);

-- What an application may ask for.
CREATE TABLE application_access_scopes (
  application_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  authorized_targets TEXT,
  PRIMARY KEY (application_id, scope)
) STRICT, WITHOUT ROWID;

-- Who may act for it.
CREATE TABLE application_authentication_methods (
  application_id TEXT NOT NULL,
  method_type TEXT NOT NULL,
  actor_policy TEXT NOT NULL,
  PRIMARY KEY (application_id, method_type)
) STRICT, WITHOUT ROWID;

-- How it comes by tokens.
CREATE TABLE application_grants (
  application_id TEXT NOT NULL,
  grant_type TEXT NOT NULL,
  settings TEXT NOT NULL,
  PRIMARY KEY (application_id, grant_type)
) STRICT, WITHOUT ROWID;
