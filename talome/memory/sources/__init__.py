"""Sources: what people and agents add to be found and cited: files, pages of the web, folders, repositories, text.

Each becomes documents, and these chunks with their headings and places, which the index finds. What is added is kept
under `memory/sources/<id>`; files are read in a process of its own with bounds, since anybody may have written them.
Keeps `sources`, `documents` and `chunks` in `memory.db`; emits `SourceChanged`.
"""
