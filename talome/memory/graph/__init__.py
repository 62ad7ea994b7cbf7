"""What the notes are about: entities (people, devices, projects, tools) with their aliases, links between notes and
entities, and events, which are short records of what happened.

Keeps, in `memory.db`, `entities`, `entity_names` (every spelling that means one), `links` and `memory_events`. Both
ends of a link lie in one space. Links of a forgotten note are not shown, and go with it. Emits nothing.
"""
