"""Settings as people see and change them: values, what each means, and the history of changes.

Keeps nothing of its own and emits nothing; `core.settings` keeps the values and emits `SettingsChanged`.
"""
