-- What users are found by, normalised: the user name (place 0), the display name (1), and whatever else of the person begins otherwise than these
-- (2): family and given name, primary address. Filled in by the program, which knows how names are normalised (src/directory/user_texts.rs).
CREATE TABLE user_texts (
  identity_store_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  status TEXT NOT NULL,
  text TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (identity_store_id, place, status, text, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_texts_by_user ON user_texts (user_id);
