-- Whom a source owns is listed and counted by kind.
DROP INDEX owners_by_source;
CREATE INDEX owners_by_source ON owners (source, kind, resource_id);

-- What ends is found before it does; and whom it was announced to, so many days ahead, is kept, so that each is told once.
CREATE INDEX bearer_tokens_by_expiry ON bearer_tokens (expires_at, token_id);
CREATE TABLE expiry_notices (
  credential_id TEXT PRIMARY KEY,
  days INTEGER NOT NULL,
  announced_at INTEGER NOT NULL
) STRICT;
CREATE INDEX expiry_notices_by_time ON expiry_notices (announced_at);
