"""The vault: notes that people, apps and agents keep, with every version, an origin, and an end.

Keeps, in `memory.db`, `notes`, `note_versions` (append-only: restoring an old one makes a new head), `note_log` (who
did what to which note: ids and hashes, no text), `note_shapes` (by which near duplicates are found), `note_findings`
(contradictions and near duplicates that wait for a person) and `left_spaces` (whose owner is gone). Emits nothing
itself: the index, the outbox and the links are written in the same transaction. A forgotten note can be had back for
30 days, then a purge ends it.
"""
