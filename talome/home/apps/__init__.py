"""Installed apps: installing, updating, changing, going back and uninstalling, each a journalled job.

Keeps a folder for each app, `apps/<id>`, that runs with plain `docker compose up`: `compose.yml`, `.env`, what the app
keeps in `data/`, and in `revisions/<n>/` everything it was rendered from. The tables `apps` and `port_leases` are an
index of it. Emits `AppChanged` and `AppGone`.
"""
