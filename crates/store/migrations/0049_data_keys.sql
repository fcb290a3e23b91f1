-- Keys that seal what is kept and sign what is given out, each sealed by the root key. None as long as none was ever replaced: then the root key itself is
-- number 0.
CREATE TABLE data_keys (
  number INTEGER PRIMARY KEY,
  sealed_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  seals_from INTEGER NOT NULL,
  -- Since when nothing that is kept is sealed with a former one.
  resealed_at INTEGER,
  -- Why the last try to bring that about ended.
  failure TEXT,
  -- Since when nothing that it sealed or signed is believed.
  retired_at INTEGER
) STRICT;
