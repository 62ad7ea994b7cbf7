"""Fixtures that every test may use live in tests/support, one module for each outside thing."""

import ctypes
import os
import subprocess
from pathlib import Path

import pytest

from talome.accounts.users import passwords

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
    hashed with little memory: with all of it, that would be half of what it takes to open a house."""
    passwords._CONTEXT = passwords._CONTEXT.copy(argon2__memory_cost=64)
    if hasattr(config, "workerinput") and os.environ.get("TALOME_TEST_NAMESPACE") == "1":
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "this worker can have no network of its own")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        # Else each container's interface gets an address by itself, and Chromium takes that for another network.
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow folders come first, so that no worker is left alone with a long file at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_SLOW_FOLDERS))
