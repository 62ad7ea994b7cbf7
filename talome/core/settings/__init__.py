"""Settings: `boot` reads the environment once; `service` keeps what people choose, with its history.

Features declare their user settings as `Setting`s (key, type, default, secret or not). Emits `SettingsChanged`.
"""
