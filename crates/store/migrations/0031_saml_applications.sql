-- What was decided of applications that speak SAML.
CREATE TABLE saml_applications (
  application_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;

-- The keys that sign what they are told, each of one application. One of an application's signs.
CREATE TABLE saml_certificates (
  application_id TEXT NOT NULL,
  certificate_id TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  key_kind TEXT NOT NULL,
  sealed_private_key BLOB NOT NULL,
  certificate BLOB NOT NULL,
  not_after INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (application_id, certificate_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX saml_certificates_active ON saml_certificates (application_id) WHERE is_active = 1;

-- The applications that a session of a person was told to.
CREATE TABLE saml_participants (
  session_id TEXT NOT NULL,
  application_id TEXT NOT NULL,
  session_index TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name_id TEXT NOT NULL,
  name_id_format TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (session_id, application_id, session_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX saml_participants_by_name ON saml_participants (application_id, name_id, session_index);
CREATE INDEX saml_participants_by_user ON saml_participants (user_id);

-- Sign-outs on their way from one application to the next, found by what each gives back.
CREATE TABLE saml_sign_outs (
  token_hash BLOB PRIMARY KEY,
  state TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX saml_sign_outs_by_end ON saml_sign_outs (expires_at);
