-- Policies of the organization: what accounts may do at most. The first is AWS's own.
CREATE TABLE service_control_policies (
  policy_id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO service_control_policies (policy_id, name, description, content) VALUES ('p-FullAWSAccess', 'FullAWSAccess',
  'Allows access to every operation', '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}');

-- What they are attached to: the root, units and accounts. The type is enabled as long as there is a row: then the root has one, every unit and every account.
CREATE TABLE policy_attachments (
  target_id TEXT NOT NULL,
  policy_id TEXT NOT NULL,
  PRIMARY KEY (target_id, policy_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_attachments_by_policy ON policy_attachments (policy_id, target_id);
