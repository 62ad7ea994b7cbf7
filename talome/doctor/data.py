"""The data folder: whose it is, who else can read it, and how much room there is."""

import os
import shutil
import stat
from pathlib import Path
from typing import Final

from talome.core.settings.boot import BootSettings
from talome.doctor.findings import Finding, State

LEAST_BYTES: Final = 1_000_000_000
SCARCE_BYTES: Final = 5_000_000_000


def check_folder(settings: BootSettings, *, user_id: int | None = None) -> Finding:
    """The data folder belongs to the one who runs Talome, and nobody else looks into it."""
    home, user = settings.home, os.geteuid() if user_id is None else user_id
    found = _status(home)
    if found is None:
        return _not_there_yet(home)
    if not stat.S_ISDIR(found.st_mode):
        return _folder("problem", f"{home} is not a folder.", "Move it away, or set TALOME_HOME to a folder.")
    if user not in (0, found.st_uid):
        return _folder("problem", f"{home} belongs to another user.", f"Run Talome as its owner, or: chown -R … {home}")
    if found.st_mode & 0o022:
        return _folder("problem", f"Others can write into {home}.", f"Run: chmod 700 {home}")
    if found.st_mode & 0o055:
        return _folder("warning", f"Others can look into {home}.", f"Run: chmod 700 {home}")
    return _folder("ok", str(home))


def check_secret(settings: BootSettings) -> Finding:
    """The master secret is there for its owner alone."""
    if settings.secret is not None:
        return Finding("secret", "Secret", "ok", "The secret comes from TALOME_SECRET.")
    path = settings.home / "secret"
    found = _status(path)
    if found is None:
        if _status(settings.database) is not None:
            action = "Put the file back from a backup: what was sealed with it cannot be read without it."
            return Finding("secret", "Secret", "problem", f"{path} is missing although there is a database.", action)
        return Finding("secret", "Secret", "ok", "It is made at the first start.")
    if found.st_mode & 0o077:
        return Finding("secret", "Secret", "problem", f"Others can read {path}.", f"Run: chmod 600 {path}")
    return Finding("secret", "Secret", "ok", f"{path} is for its owner alone.")


def check_space(settings: BootSettings, *, least: int = LEAST_BYTES, scarce: int = SCARCE_BYTES) -> Finding:
    """There is room where the data folder is, or will be."""
    folder = next(path for path in (settings.home, *settings.home.parents) if _status(path) is not None)
    usage = shutil.disk_usage(folder)
    detail = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.1f} GB are free at {folder}."
    if usage.free < least:
        return Finding("space", "Disk space", "problem", detail, "Make room, or set TALOME_HOME to a larger disk.")
    if usage.free < scarce:
        return Finding("space", "Disk space", "warning", detail, "Make room soon: apps and backups need some.")
    return Finding("space", "Disk space", "ok", detail)


def _not_there_yet(home: Path) -> Finding:
    parent = next(path for path in home.parents if _status(path) is not None)
    if not os.access(parent, os.W_OK):
        return _folder("problem", f"{home} cannot be made.", "Run Talome as root, or set TALOME_HOME.")
    return _folder("ok", f"{home} is made at the first start.")


def _folder(state: State, detail: str, action: str | None = None) -> Finding:
    return Finding("folder", "Data folder", state, detail, action)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
