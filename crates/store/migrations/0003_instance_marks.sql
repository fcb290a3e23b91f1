-- The SHA-256 of each script that ran. For those of the first release it is filled in afterwards.
ALTER TABLE schema_migrations ADD COLUMN checksum TEXT;

-- A value that opens with the instance's root key alone: another instance's key is told apart at start.
ALTER TABLE instances ADD COLUMN key_check BLOB;

-- Whatever was issued at this time or earlier is void: sessions, tokens, registrations, role credentials.
ALTER TABLE instances ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
