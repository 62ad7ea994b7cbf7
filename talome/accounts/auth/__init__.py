"""Signing in and out: passwords for a session, recovery codes for a new password, the setup code for a fresh box.

Keeps the setup code in a file until the first administrator exists.
"""
