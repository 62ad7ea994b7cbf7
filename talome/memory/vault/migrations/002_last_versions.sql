-- Of each note the last hundred versions are kept: what a program changes every minute does not fill the disk.
CREATE TRIGGER note_versions_are_bounded AFTER INSERT ON note_versions BEGIN
    DELETE FROM note_versions WHERE note_id = NEW.note_id AND version <= NEW.version - 100;
END;
