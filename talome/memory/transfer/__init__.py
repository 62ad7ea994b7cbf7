"""Transfer: the memory as a file, out and in.

Out: JSON lines with everything (notes, versions, entities, links, events), or a ZIP of Markdown that Obsidian opens.
In: both of these, folders of Markdown such as basic-memory's, and what mem0 exports. A file is read in a process of its
own that turns it into JSON lines, and these become notes, entities, links and events under the identity they had, so
that the same file a second time changes nothing. Keeps, in `memory.db`, `memory_imports` (how far each import is, and
what it left out and why), and the file itself until its import ended. Emits nothing; the vault tells of the notes.
"""
