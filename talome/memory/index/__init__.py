"""Finds notes and chunks of documents again: by their words, by their meaning where vectors are installed, by the names
in them, by what lies beside them.

Keeps the items as they are searched, their vectors, names and links in `memory.db`, in the transaction of whoever owns
them, and what is quicker in memory beside it, made anew from there. A shelf is what is searched as one: the items of
one space and one kind, active or not. Nothing that is counted on a shelf depends on another one. Emits nothing.
"""
