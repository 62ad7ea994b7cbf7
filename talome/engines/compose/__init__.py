"""Docker Compose v2: where it is on this machine, and projects that it runs."""

from talome.engines.compose.find import Compose, ComposeFinder, find_compose
from talome.engines.compose.project import ComposeProject, ServiceState

__all__ = ["Compose", "ComposeFinder", "ComposeProject", "ServiceState", "find_compose"]
