-- Whose tokens the roles of an account may trust: OpenID Connect providers of IAM.
CREATE TABLE oidc_providers (
  account_id TEXT NOT NULL,
  -- The address without its scheme, as it stands in the ARN.
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  client_ids TEXT NOT NULL,
  thumbprints TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;
