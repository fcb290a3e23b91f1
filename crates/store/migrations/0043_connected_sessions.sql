-- Sessions that the STS of connected accounts gave to people, for as long as they live: whoever loses what they reached loses these too.
CREATE TABLE connected_sessions (
  account_id TEXT NOT NULL,
  role_name TEXT NOT NULL,
  session_name TEXT NOT NULL,
  permission_set_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  -- When the latest was asked for, and when the last of them ends.
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- What was given before that opens nothing any more.
  revoked_at INTEGER,
  PRIMARY KEY (account_id, role_name, session_name, user_id)
) STRICT;
CREATE INDEX connected_sessions_by_user ON connected_sessions (user_id);
CREATE INDEX connected_sessions_by_end ON connected_sessions (expires_at);
