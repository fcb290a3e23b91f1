-- Programs that call with keys of their own, in the account that owns the instance.
CREATE TABLE service_users (
  account_id TEXT NOT NULL,
  user_name_key TEXT NOT NULL,
  user_name TEXT NOT NULL,
  service_user_id TEXT NOT NULL UNIQUE,
  description TEXT,
  managed_policies TEXT NOT NULL,
  inline_policy TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, user_name_key)
) STRICT;

-- Whose a key is, if not the account's root; and when it was last used, to about an hour.
ALTER TABLE access_keys ADD COLUMN service_user_id TEXT;
ALTER TABLE access_keys ADD COLUMN last_used_at INTEGER;
CREATE INDEX access_keys_by_holder ON access_keys (account_id, service_user_id);
