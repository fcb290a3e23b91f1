-- Whom a source owns is listed and counted by kind.
DROP INDEX owners_by_source;
CREATE INDEX owners_by_source ON owners (source, kind, resource_id);
