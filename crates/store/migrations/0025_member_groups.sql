-- Groups that are members of groups, as they were put.
CREATE TABLE member_groups (
  group_id TEXT NOT NULL,
  member_group_id TEXT NOT NULL,
  identity_store_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (group_id, member_group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_groups_by_member ON member_groups (member_group_id, group_id);

-- What follows of them: which group is within which, over however many others. Whoever asks what a person is in looks here, one step from their own
-- groups. The key is what the ids of memberships that follow begin with.
CREATE TABLE nested_groups (
  group_id TEXT NOT NULL,
  outer_group_id TEXT NOT NULL,
  nesting_key TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (group_id, outer_group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX nested_groups_by_outer ON nested_groups (outer_group_id, group_id);
CREATE UNIQUE INDEX nested_groups_by_key ON nested_groups (group_id, nesting_key);

CREATE TABLE ended_nested_groups (
  group_id TEXT NOT NULL,
  outer_group_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (group_id, outer_group_id, ended_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_nested_groups_by_outer ON ended_nested_groups (outer_group_id, group_id);
