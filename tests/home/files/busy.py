"""A process that moves, copies, packs and deletes without end, to be killed."""

import asyncio
import sys
from pathlib import Path

from tests.home.files.rooms import BEN, open_rooms


async def main() -> None:
    async with open_rooms(Path(sys.argv[1])) as rooms:
        tasks, trash = rooms.open.tasks, rooms.open.trash
        for job in await rooms.jobs.store.unfinished():
            await rooms.ended(job)
        for item in await trash.all(BEN):
            if item.name == "tree":
                await trash.restore(BEN, item.id, "fail", None)
        while True:
            side, other = ("a", "b") if (rooms.pool / "a/tree").exists() else ("b", "a")
            print("again", flush=True)
            await rooms.ended(await tasks.move(BEN, [f"/pool/{side}/tree"], f"/pool/{other}", "fail"))
            await rooms.ended(await tasks.copy(BEN, [f"/pool/{other}/tree"], "/pool/c", "keep_both"))
            await rooms.ended(await tasks.zip(BEN, [f"/pool/{other}/tree"], "/pool/c/tree.zip", "replace"))
            [gone] = await trash.put(BEN, [f"/pool/{other}/tree"])
            await trash.restore(BEN, gone.id, "fail", None)


asyncio.run(main())
