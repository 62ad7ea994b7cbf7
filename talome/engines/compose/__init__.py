"""Docker Compose v2: where it is on this machine, and projects that it runs."""

from talome.engines.compose.find import Compose, ComposeFinder, find_compose
from talome.engines.compose.project import ComposeProject, ServiceState
from talome.engines.compose.reading import ComposeReader

__all__ = ["Compose", "ComposeFinder", "ComposeProject", "ComposeReader", "ServiceState", "find_compose"]
