"""What the models of the world cost and can do, compiled from two public lists into `models.json` beside this file,
with what an administrator changed on top.

Keeps the changes; emits `CatalogChanged`. The file is read on first use; a look-up is one in a dict. Renewed by
scripts/catalog.py.
"""
