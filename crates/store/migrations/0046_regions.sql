-- Regions beside the primary, which `instances` names.
CREATE TABLE regions (
  instance_id TEXT NOT NULL,
  region_name TEXT NOT NULL,
  status TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (instance_id, region_name)
) STRICT;

-- The primary's clock, as those that follow see it: what tells them how far behind they are.
CREATE TABLE region_pulses (
  instance_id TEXT PRIMARY KEY,
  beaten_at INTEGER NOT NULL
) STRICT;

-- Which Region a database is that follows; empty in the primary's.
CREATE TABLE region_followings (
  region_name TEXT PRIMARY KEY,
  primary_url TEXT NOT NULL,
  followed_at INTEGER NOT NULL
) STRICT;
