"""The jobs of the house as people see them: list, log, cancel, and a stream for every tab.

Keeps nothing of its own (`core.jobs` does) and emits nothing. A job is seen by those who hold its scope; to all others
it does not exist. Cancelling needs the write scope of the job's area.
"""
