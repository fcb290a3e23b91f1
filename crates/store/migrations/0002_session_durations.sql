-- A session duration as it was written: PT60M is not read back as PT1H. None in rows from before.
ALTER TABLE permission_sets ADD COLUMN session_duration TEXT;
