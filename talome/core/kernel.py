"""What the kernel gives to every area."""

from dataclasses import dataclass

from talome.core.db import Database
from talome.core.events import Events
from talome.core.jobs.service import Jobs
from talome.core.operations import Registry
from talome.core.secrets import Secrets
from talome.core.settings.boot import BootSettings
from talome.core.settings.service import Settings


@dataclass(frozen=True, slots=True)
class Kernel:
    """What every feature may be given."""

    settings: BootSettings
    events: Events
    db: Database
    metrics_db: Database
    secrets: Secrets
    user_settings: Settings
    jobs: Jobs
    registry: Registry
