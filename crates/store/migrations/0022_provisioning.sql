-- Identity providers that write people and groups into an identity store.
CREATE TABLE provisioning_tenants (
  tenant_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL,
  name TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT;
CREATE INDEX provisioning_tenants_by_store ON provisioning_tenants (identity_store_id, tenant_id);

-- What they call with: found by the keyed hash of the secret, which nobody keeps.
CREATE TABLE bearer_tokens (
  token_id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  name TEXT,
  token_hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX bearer_tokens_by_tenant ON bearer_tokens (tenant_id, token_id);
