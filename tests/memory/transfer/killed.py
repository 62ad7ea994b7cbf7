"""A process that imports a file until it is killed: `python -m tests.memory.transfer.killed HOME FILE`."""

import asyncio
import sys
from pathlib import Path

from tests.memory.ground import ADA, open_ground


async def main(home: Path, file: Path) -> None:
    async with open_ground(home) as ground:
        await ground.kernel.jobs.resume()
        mine = (await ground.call(ADA, "memory_imports.list"))["data"]
        if not mine:
            mine = [await ground.call(ADA, "memory_imports.add", content=file.read_text())]
        while True:
            shown = await ground.call(ADA, "memory_imports.get", id=mine[0]["id"])
            print(shown["state"], shown["done"], flush=True)
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
