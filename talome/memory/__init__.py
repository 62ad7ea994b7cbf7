"""The memory of the house: notes, entities, links and events that people, apps and agents share, sources with
citations, one search over all of it, and packs of what matters for a question. Everything is kept in `memory.db`."""
