-- Which attributes of people become session tags of the roles that they use: a row for each instance whose administrators said so.
CREATE TABLE access_control_attributes (
  instance_id TEXT PRIMARY KEY,
  attributes TEXT NOT NULL
) STRICT;
