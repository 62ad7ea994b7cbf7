"""Users: a name, a password (argon2id), a role, and for members the rights an administrator gave them.

Keeps `users`, `recovery_codes` and `rights_revision`. Emits `RightsChanged` whenever what somebody may do changed.
"""
