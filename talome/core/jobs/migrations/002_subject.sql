-- What a job is about, such as app:jellyfin.
ALTER TABLE jobs ADD COLUMN subject TEXT;
UPDATE jobs SET subject = 'app:' || json_extract(arguments, '$.app') WHERE kind LIKE 'apps.%';
CREATE INDEX jobs_subject ON jobs (subject, created_at DESC) WHERE subject IS NOT NULL;
