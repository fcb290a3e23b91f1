-- Groups of users of IAM, and who is in them.
CREATE TABLE iam_groups (
  account_id TEXT NOT NULL,
  group_name_key TEXT NOT NULL,
  group_name TEXT NOT NULL,
  path TEXT NOT NULL,
  group_id TEXT NOT NULL UNIQUE,
  managed_policies TEXT NOT NULL,
  inline_policies TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, group_name_key)
) STRICT;

CREATE TABLE iam_group_members (
  group_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX iam_group_members_by_user ON iam_group_members (user_id, group_id);
