"""The audit log: who did what, as what, with which arguments (secrets masked), and how it ended.

Keeps `audit_log` for a year. Everything that changes something is recorded, and every refusal of a signed-in caller.
"""
