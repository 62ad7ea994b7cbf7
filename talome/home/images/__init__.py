"""Docker's images: list, and removal of those that no container stands on, as a job that removes exactly what the dry
run lists. Keeps and emits nothing; images can be pulled again, so there is no undo.
"""
