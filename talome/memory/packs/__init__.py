"""Context packs: what the memory has to say to a question, within a budget of tokens, with the reasons.

A pack is made of sections (what is pinned, notes, sources, and what they are about), is diverse, has a stable order,
and names the id of everything in it. Keeps, in `memory.db`, `packs` (ids and scores of what was in and what was left
out, with a hash of the question, for 90 days), `pack_feedback` and `chunk_ratings`, which move later ranking within
bounds. Emits nothing.
"""
