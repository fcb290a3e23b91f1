-- From when on a key signs, unless a later one does. Whoever is to believe it hears of it before.
ALTER TABLE signing_keys ADD COLUMN signs_from INTEGER NOT NULL DEFAULT 0;
