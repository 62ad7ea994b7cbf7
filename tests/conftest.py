"""Fixtures that every test may use live in tests/support, one module for each outside thing."""

import pytest

pytest_plugins = [
    "tests.support.docker_engine",
    "tests.support.registry",
    "tests.support.house_fixtures",
    "tests.support.upstream",
    "tests.support.small_model",
]

_SLOW_FOLDERS = ("tests/install/", "tests/home/apps/", "tests/home/adopt/", "tests/home/stacks/", "tests/app/")
_PUBLISHING = ("tests/home/apps/", "tests/home/adopt/", "tests/home/stacks/", "tests/home/stores/", "tests/app/test_a")
"""Their apps want the same ports, which the workers share."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A worker takes whole files, and one worker all that publish ports. The slow folders come first, so that no worker
    is left alone with a long file at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_SLOW_FOLDERS))
    for item in items:
        group = "ports" if item.nodeid.startswith(_PUBLISHING) else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
