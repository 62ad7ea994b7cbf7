"""A Talome that is going to be killed: keeps, changes and forgets notes, and tells each when it is acknowledged."""

import asyncio
import sys
from pathlib import Path

from tests.memory.ground import ADA, open_ground


async def write(home: Path, round_number: int) -> None:
    async with open_ground(home) as ground:
        number = 0
        while True:
            number += 1
            words = f"heron{round_number}x{number}"
            note = await ground.keep(f"A {words} stood in the pond.", external_source="kill", external_id=words)
            print("kept", note["id"], words, flush=True)
            if number % 3 == 0:
                await ground.call(ADA, "memory_notes.change", id=note["id"], change={"content": f"The {words} flew."})
                print("changed", note["id"], words, flush=True)
            if number % 5 == 0:
                await ground.call(ADA, "memory_notes.forget", id=note["id"])
                print("forgotten", note["id"], words, flush=True)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
