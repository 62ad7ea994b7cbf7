"""Docs Studio: has a model write a report, a guide or a specification from what the sources say, section by section,
with citations that are checked: what the model cites and was not given is taken out.

The Markdown is a file, `memory/studio/<id>.md`; everything in it that a browser could take for HTML is escaped.
Keeps `studio_documents` in `memory.db`; emits `StudioChanged`.
"""
