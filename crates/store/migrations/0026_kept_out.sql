-- Whether a tenant may set the passwords of people whom it owns.
ALTER TABLE provisioning_tenants ADD COLUMN may_set_passwords INTEGER NOT NULL DEFAULT 0;

-- Whom an administrator disabled, and their source deleted then: whoever a source brings by the same name, or by the same id of the same source,
-- comes back disabled.
CREATE TABLE kept_out (
  user_id TEXT PRIMARY KEY,
  identity_store_id TEXT NOT NULL,
  source TEXT NOT NULL,
  external_id TEXT,
  user_name_key TEXT NOT NULL,
  owned_since INTEGER NOT NULL,
  disabled_here_at INTEGER NOT NULL,
  deleted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX kept_out_by_name ON kept_out (identity_store_id, user_name_key);
CREATE INDEX kept_out_by_external_id ON kept_out (identity_store_id, source, external_id);
