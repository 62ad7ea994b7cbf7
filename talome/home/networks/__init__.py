"""Docker's networks: list, create, remove. Docker's own three, and those in use, stay. Keeps and emits nothing."""
