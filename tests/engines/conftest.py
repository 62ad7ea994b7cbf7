"""Fixtures of the engines' tests."""

from tests.engines.bench import bench

__all__ = ["bench"]
