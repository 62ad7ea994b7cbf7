"""Fixtures that every test may use live in tests/support, one module for each outside thing."""

import pytest

pytest_plugins = [
    "tests.support.docker_engine",
    "tests.support.registry",
    "tests.support.house_fixtures",
    "tests.support.upstream",
    "tests.support.small_model",
]

_SLOW_FOLDERS = ("tests/install/", "tests/app/", "tests/home/apps/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow folders first, so that no worker is left alone with a long file at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_SLOW_FOLDERS))
