-- What users of IAM have beside what service users had: a path, further policies of their own, a boundary.
ALTER TABLE service_users ADD COLUMN path TEXT NOT NULL DEFAULT '/';
ALTER TABLE service_users ADD COLUMN inline_policies TEXT NOT NULL DEFAULT '[]';
ALTER TABLE service_users ADD COLUMN permissions_boundary TEXT;

-- For what a key was last used.
ALTER TABLE access_keys ADD COLUMN last_used_service TEXT;
ALTER TABLE access_keys ADD COLUMN last_used_region TEXT;
