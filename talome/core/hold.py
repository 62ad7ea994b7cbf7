"""One process at a time: a data folder is held by a lock that the system lets go of when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds this folder."""


@contextmanager
def held(folder: Path, lock: str, refusal: str) -> Iterator[None]:
    """Makes the folder, for its owner only, and holds it during the block. Raises `AlreadyRunning(refusal)`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(refusal) from None
        yield
    finally:
        os.close(descriptor)
