"""`talome terminal attach`, in a terminal of its own."""

import asyncio
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.fakes.docker import FakeEngine
from tests.home.terminals import ROOT, Process, shell
from tests.support.house import House, open_house


class Attached:
    """The command on a pseudo-terminal of 24 lines and 90 columns."""

    def __init__(self, house: House, home: Path, *arguments: str) -> None:
        self._terminal, inside = pty.openpty()
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 90, 0, 0))
        self.before = termios.tcgetattr(inside)
        settings = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(home), "TALOME_URL": house.base}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "talome", "terminal", "attach", *arguments],
            stdin=inside, stdout=inside, stderr=inside, cwd=ROOT, start_new_session=True,
            env={**settings, "TALOME_TOKEN": house.admin.token or ""},
        )  # fmt: skip
        self._inside = inside
        self.seen = bytearray()
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._terminal, self._read)

    def _read(self) -> None:
        self.seen += os.read(self._terminal, 65536)
        self._news.set()

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(20):
            while text.encode() not in self.seen:
                self._news.clear()
                await self._news.wait()

    async def ended(self) -> int:
        """Its exit code; the terminal is as it was before."""
        async with asyncio.timeout(20):
            code = await asyncio.to_thread(self.child.wait)
        asyncio.get_running_loop().remove_reader(self._terminal)
        assert termios.tcgetattr(self._inside) == self.before
        os.close(self._terminal)
        os.close(self._inside)
        return code


async def test_a_terminal_is_used_left_and_ended(house: House, tmp_path: Path) -> None:
    id = await shell(house.admin)
    there = Attached(house, tmp_path, id)
    there.type("echo he''re; stty size\n")
    await there.shows("here\r\n24 90\r\n")
    there.type("\x1d")
    assert await there.ended() == 0
    again = Attached(house, tmp_path)  # the only one that is open
    await again.shows("here")
    again.type("exit 6\n")
    assert await again.ended() == 6


@pytest.mark.whole  # a server more to start; the page and the killed server are looked at each time
async def test_a_shell_is_opened_and_comes_back_after_the_server(process: Process, tmp_path: Path) -> None:
    async with open_house(process.home, FakeEngine()) as house:
        port = int(house.base.rpartition(":")[2])
        there = Attached(house, tmp_path, "--host")
        there.type("PS1='> '; mine=kept; echo rea''dy\n")
        await there.shows("ready")
    await there.shows("The connection was lost")
    async with open_house(process.home, FakeEngine(), port=port):
        there.type("echo still $mine\n")
        await there.shows("still kept")
        there.type("exit\n")
        assert await there.ended() == 0


async def test_what_cannot_be_is_said(house: House, tmp_path: Path) -> None:
    for arguments, code, words in (
        (("term_none",), 4, "There is no such terminal"),
        (("--container", "none"), 4, "none"),
        (("--url", "http://127.0.0.1:9"), 69, "No Talome server answers"),
    ):
        there = Attached(house, tmp_path, *arguments)
        await there.shows(words)
        assert await there.ended() == code
    command = [sys.executable, "-m", "talome", "terminal", "attach"]
    piped = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL)
    assert piped.returncode == 2
    assert b"needs a terminal" in piped.stderr
