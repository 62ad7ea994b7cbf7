"""Answers that were given before, kept in memory: for exactly the same request, or, where the household wants it, for
one that means the same. A partition is a workspace or a person, and nothing is found across partitions.

Keeps nothing on disk and emits nothing.
"""
