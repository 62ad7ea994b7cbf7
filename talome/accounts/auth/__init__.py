"""Signing in: passwords for a session, recovery codes for a new password, tokens for every call.

Keeps `sessions`. A token is a JWT that names a session row; without the row it is worth nothing, so a session
ends everywhere within a second. Emits `SessionEnded`.
"""
