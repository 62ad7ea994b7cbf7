"""Second factors: one-time codes of an authenticator app (TOTP) and passkeys (WebAuthn), asked for after the password.

Keeps `totp` and `passkeys`. A change ends the person's other sessions, as `RightsChanged` tells. Half-open sign-ins are
kept in memory: a restart of the server makes them begin again.
"""
