"""Servers of their own that can be killed at any note of a job's journal.

Started as a program it imports everything once, and then forks a server for each line `{"home", "host"}` that it reads;
the answer is a line with its address. A server whose home has a file `crash.json` beside it ends itself with SIGKILL at
a moment of an app's job: the n-th (`{"at": n}`) or the one of that name. Moments are before and after each note, and
before the end. What follows a "done" is left out, since nothing happens between it and the next moment.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from talome.app import serve
from talome.core.jobs.service import Job
from talome.core.jobs.store import StepRow
from tests.support.house import boot_settings


class Crash:
    """Counts the moments of one server's life from when the file is there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = 0

    def moment(self, job: Job, name: str) -> None:
        if not job.row.kind.startswith(("apps.", "stacks.")) or not self._file.exists():
            return
        self._seen += 1
        if json.loads(self._file.read_text())["at"] in (self._seen, name):
            self._file.with_name("crashed.txt").write_text(name)
            self._file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def _make_it_crash(crash: Crash) -> None:
    note: Callable[[Job, StepRow], Awaitable[None]] = Job._note
    finish: Callable[[Job, str], Awaitable[None]] = Job.finish

    async def watched_note(self: Job, step: StepRow) -> None:
        crash.moment(self, f"before {step.name} {step.state}")
        await note(self, step)
        if step.state != "done":
            crash.moment(self, f"after {step.name} {step.state}")

    async def watched_finish(self: Job, state: str) -> None:
        crash.moment(self, f"before the end as {state}")
        await finish(self, state)

    Job._note = watched_note
    Job.finish = watched_finish


async def _serve(home: Path, host: str) -> None:
    async with serve(boot_settings(home, docker_host=host, start_terminal=False), None) as (address,):
        print(address, flush=True)
        await asyncio.Event().wait()


def _main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            home = Path(order["home"])
            _make_it_crash(Crash(home.with_name("crash.json")))
            asyncio.run(_serve(home, order["host"]))
        os.waitpid(child, 0)
        print(flush=True)


class Servers:
    """Starts them one after the other. `ended` returns when the one that runs has been killed."""

    def __init__(self, home: Path, host: str) -> None:
        self._order = json.dumps({"home": str(home), "host": host})
        self._log = home.with_name("servers.log")
        self._process: Any = None

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.home.apps.crashing_server",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                cwd=Path(__file__).parents[3], process_group=0,
            )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def start(self) -> str:
        """The address of a new one."""
        self._process.stdin.write(f"{self._order}\n".encode())
        if not (address := await self._line()):
            raise AssertionError(f"the server did not start:\n{self._log.read_text()[-3000:]}")
        return address

    async def ended(self) -> None:
        assert await self._line() == ""

    async def _line(self) -> str:
        async with asyncio.timeout(30):
            return (await self._process.stdout.readline()).decode().strip()


if __name__ == "__main__":
    _main()
