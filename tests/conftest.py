"""Fixtures that every test may use live in tests/support, one module for each outside thing."""

import ctypes
import functools
import gc
import os
import subprocess
from pathlib import Path

import pytest

from talome.accounts.users import passwords
from talome.core import lean, migrations

pytest_plugins = [
    "tests.support.docker_engine",
    "tests.support.registry",
    "tests.support.house_fixtures",
    "tests.support.upstream",
    "tests.support.small_model",
]

_SLOW_FOLDERS = ("tests/install/", "tests/home/apps/", "tests/home/adopt/", "tests/home/stacks/", "tests/app/")
_CLONE_NEWNET = 0x40000000


def pytest_configure(config: pytest.Config) -> None:
    """A worker has a network of its own, so that what the others publish is not in the way of its ports. Passwords are
    hashed with little memory: with all of it, that would be half of what it takes to open a house. New databases are
    made once and written often."""
    passwords._MEMORY_KIB = 64
    migrations._new_database = functools.lru_cache(maxsize=32)(migrations._new_database)
    if hasattr(config, "workerinput") and os.environ.get("TALOME_TEST_NAMESPACE") == "1":
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "this worker can have no network of its own")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        # Else each container's interface gets an address by itself, and Chromium takes that for another network.
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Else the collector walks all that was imported some ten times for each house that is opened. It comes more often
    than in the server, which is not closed and opened anew all the time."""
    lean.end_loading()
    gc.set_threshold(20_000, 10, 5)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow folders come first, so that no worker is left alone with a long file at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_SLOW_FOLDERS))
