-- JSON array of {field, old, new}: what the operation changed, where its service told.
ALTER TABLE audit_log ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';
