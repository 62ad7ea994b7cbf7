"""Sessions: rows that tokens name. Without its row a token is worth nothing, so a session ends everywhere at once.

Keeps `sessions`. Emits `SessionEnded`.
"""
