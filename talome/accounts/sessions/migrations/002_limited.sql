-- 1: of an administrator who still has to set up a second factor; reaches the own account only.
ALTER TABLE sessions ADD COLUMN limited INTEGER NOT NULL DEFAULT 0;
