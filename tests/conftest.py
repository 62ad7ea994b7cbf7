"""Fixtures that every test may use live in tests/support, one module for each outside thing."""

pytest_plugins = ["tests.support.docker_engine", "tests.support.registry", "tests.support.house_fixtures"]
