-- Tokens are no longer rows: what a token says is signed, and its family says which refresh token is in force. What was issued before ends here:
-- programs ask their people to sign in again.
DROP TABLE access_tokens;
DROP TABLE refresh_tokens;
DELETE FROM token_families;

-- Counts the exchanges of refresh tokens, and when those of the last moments were (a list of microseconds, newest first).
ALTER TABLE token_families ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token_families ADD COLUMN exchanged_at TEXT NOT NULL DEFAULT '[]';
