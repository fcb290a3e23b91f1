-- What may go from the trail after a while, and indexes for what is looked up in it.

-- 1 for records of looks, refusals and strangers' calls: see model/src/record.rs. The text is compared, not read as JSON: PostgreSQL reads none that
-- has U+0000 anywhere. Within a string the quotes would stand escaped.
ALTER TABLE audit_records ADD COLUMN passing INTEGER NOT NULL DEFAULT 0;
UPDATE audit_records SET passing = 1
  WHERE read_only = 1 OR record LIKE '%,"errorCode":"%'
  OR (event_source <> 'sts.amazonaws.com' AND record LIKE '{"eventVersion":"1.11","userIdentity":{"type":"Unknown"%');

CREATE INDEX audit_records_by_name ON audit_records (event_name, event_id);
CREATE INDEX audit_records_by_source ON audit_records (event_source, event_id);
CREATE INDEX audit_records_by_user ON audit_records (user_name, event_id) WHERE user_name IS NOT NULL;
CREATE INDEX audit_records_by_access_key ON audit_records (access_key_id, event_id) WHERE access_key_id IS NOT NULL;

-- The types and the names of the resources of each record.
CREATE TABLE audit_resources (
  resource TEXT NOT NULL,
  event_id TEXT NOT NULL,
  PRIMARY KEY (resource, event_id)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_resources (resource, event_id)
  SELECT value ->> 0, event_id FROM audit_records, json_each(audit_records.resources)
  UNION SELECT value ->> 1, event_id FROM audit_records, json_each(audit_records.resources);

-- Up to which record what had outlived its time was removed, for each kind of records.
CREATE TABLE audit_retention (
  kind TEXT PRIMARY KEY,
  done_until TEXT NOT NULL
) STRICT;
