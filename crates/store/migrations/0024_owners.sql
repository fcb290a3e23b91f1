-- By which source a user or group was brought: what is here is changed by that source alone. What is not here was made here.
CREATE TABLE owners (
  resource_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  since INTEGER NOT NULL,
  disabled_here_at INTEGER
) STRICT;
CREATE INDEX owners_by_source ON owners (source, resource_id);

-- Those of before: who made them says which tenant it was. Who was last changed by somebody else, and is disabled, was disabled here.
INSERT INTO owners (resource_id, kind, source, since, disabled_here_at)
  SELECT u.user_id, 'USER', 'https://scim.' || i.region || '.amazonaws.com/' || t.tenant_id || '/scim/v2', u.created_at,
    CASE WHEN u.status = 'DISABLED' AND u.updated_by NOT LIKE 'arn:aws:identitystore::%:provisioningtenant/%' THEN u.updated_at END
  FROM provisioning_tenants t JOIN instances i ON i.identity_store_id = t.identity_store_id JOIN users u ON u.identity_store_id = t.identity_store_id
  WHERE u.created_by LIKE 'arn:aws:identitystore::%:provisioningtenant/' || t.tenant_id || '/token/%';
INSERT INTO owners (resource_id, kind, source, since)
  SELECT g.group_id, 'GROUP', 'https://scim.' || i.region || '.amazonaws.com/' || t.tenant_id || '/scim/v2', g.created_at
  FROM provisioning_tenants t JOIN instances i ON i.identity_store_id = t.identity_store_id JOIN groups g ON g.identity_store_id = t.identity_store_id
  WHERE g.created_by LIKE 'arn:aws:identitystore::%:provisioningtenant/' || t.tenant_id || '/token/%';
