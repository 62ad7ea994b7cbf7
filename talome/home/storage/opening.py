"""Puts the parts of the storage together."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.core.kernel import Kernel
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.mounting import Mounter
from talome.engines.programs import Programs
from talome.home.images.service import Images
from talome.home.metrics.service import History
from talome.home.storage.api import StorageApi
from talome.home.storage.clearable import (
    JOURNAL,
    Clearable,
    Exports,
    Journal,
    TrashedVolumes,
    UnusedImages,
    UnusedVolumes,
    VolumeTrash,
)
from talome.home.storage.mounts import Mounts
from talome.home.storage.reclaim import Reclaim
from talome.home.storage.service import Disks
from talome.home.storage.store import MountsStore
from talome.home.storage.usage import Folders, UsageMeter
from talome.home.system.service import System
from talome.home.volumes.service import Volumes


@dataclass(frozen=True, slots=True)
class Ground:
    """What the storage stands on."""

    system: System
    history: History
    engine: ContainerEngine
    images: Images
    volumes: Volumes
    trashed: TrashedVolumes


async def open_storage(
    stack: AsyncExitStack, kernel: Kernel, ground: Ground, folders: Folders, *more: Clearable
) -> StorageApi:
    """The disks, with the jobs that measure, clear and mount. `folders` gives the folders of people, by name; `more`
    is what other features have to clear."""
    home, programs = kernel.settings.home, Programs()
    disks = Disks(ground.system, ground.history, home, programs)
    usage = UsageMeter(kernel.jobs, ground.engine, home, folders, programs)
    reclaim = Reclaim(
        [
            UnusedImages(ground.images),
            UnusedVolumes(ground.volumes),
            VolumeTrash(kernel.jobs, ground.trashed),
            *more,
            Exports(kernel.jobs, home / "exports"),
            Journal(kernel.jobs, JOURNAL),
        ]
    )
    mounts = Mounts(MountsStore(kernel.db), kernel.jobs, kernel.secrets, Mounter(programs), blocks=disks.blocks)
    await stack.enter_async_context(mounts)
    return StorageApi(disks, usage, reclaim, mounts)
