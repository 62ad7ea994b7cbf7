"""Real shells on real terminals of this machine."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from talome.engines.pty import Pty, find_account, login_environment, session_members


@dataclass
class Seen:
    """What came out of a terminal."""

    output: bytearray = field(default_factory=bytearray)
    pieces: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def took(self, data: bytes) -> None:
        assert not self.codes, "output after the exit"
        self.output += data
        self.pieces.append(len(data))
        self.changed.set()

    def ended(self, code: int) -> None:
        self.codes.append(code)
        self.changed.set()

    async def until(self, done: Callable[["Seen"], bool]) -> None:
        while not done(self):
            self.changed.clear()
            await self.changed.wait()

    async def contains(self, text: bytes) -> None:
        await self.until(lambda seen: text in seen.output)

    async def exit(self) -> int:
        await self.until(lambda seen: bool(seen.codes))
        return self.codes[0]


Start = Callable[..., Pty]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
async def start(seen: Seen) -> AsyncIterator[Start]:
    """Start `argv` (the file, then its arguments with the name first)."""
    started: list[Pty] = []

    def begin(*argv: str, columns: int = 80, rows: int = 24) -> Pty:
        account = find_account()
        pty = Pty(
            argv,
            environment=login_environment(account),
            folder="/",
            columns=columns,
            rows=rows,
            account=account,
            on_output=seen.took,
            on_exit=seen.ended,
        )
        started.append(pty)
        return pty

    yield begin
    for pty in started:
        await pty.close()


def living(leader: int) -> list[int]:
    """Members of a session that are not dead and merely waiting to be reaped."""
    found = []
    for pid in session_members(leader):
        with suppress(psutil.NoSuchProcess):  # it ended while it was being looked at
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


def shell(text: str) -> tuple[str, ...]:
    return "/bin/sh", "sh", "-c", text


async def test_the_exit_code_comes_once_and_last(start: Start, seen: Seen) -> None:
    start(*shell("echo first; exit 7"))
    assert await seen.exit() == 7
    assert bytes(seen.output) == b"first\r\n"
    assert seen.codes == [7]


async def test_a_signal_is_told_as_a_shell_tells_it(start: Start, seen: Seen) -> None:
    start(*shell("kill -KILL $$"))
    assert await seen.exit() == 128 + 9


async def test_a_program_that_is_not_there_ends_with_127(start: Start, seen: Seen) -> None:
    start("/no/such/shell", "shell")
    assert await seen.exit() == 127
    assert b"/no/such/shell" in seen.output


async def test_input_reaches_the_program(start: Start, seen: Seen) -> None:
    pty = start("/bin/cat", "cat")
    await pty.write("grüße\n".encode())
    await seen.contains("grüße\r\ngrüße\r\n".encode())


async def test_a_resize_reaches_the_program(start: Start, seen: Seen) -> None:
    pty = start(*shell("stty size; read x; stty size"), columns=97, rows=31)
    await seen.contains(b"31 97")
    pty.resize(120, 40)
    await pty.write(b"\n")
    await seen.contains(b"40 120")


async def test_the_shell_is_in_charge_of_its_own_session_and_terminal(start: Start, seen: Seen) -> None:
    pty = start(*shell("tty; ps -o tpgid= -o sess= -p $$; cat /dev/tty"))
    await seen.contains(b"/dev/pts/")
    await seen.contains(str(pty.pid).encode())
    assert session_members(pty.pid)
    await pty.write(b"there\n")
    await seen.contains(b"there\r\nthere")  # the echo, and cat: what came before it would swallow the next
    await pty.write(b"\x03")  # reaches the foreground group through the terminal
    assert await seen.exit() == 128 + 2


async def test_the_environment_holds_nothing_of_this_process(
    start: Start, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALOME_SECRET", "planted")
    start("/usr/bin/env", "env")
    await seen.exit()
    names = {line.partition("=")[0] for line in seen.output.decode().splitlines()}
    assert names == {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "TERM", "COLORTERM"}


async def test_no_descriptor_and_no_ignored_signal_is_handed_down(start: Start, seen: Seen) -> None:
    start(*shell("ls /proc/self/fd; grep SigIgn /proc/self/status"))
    await seen.exit()
    text = seen.output.decode()
    assert set(text.split()[:4]) == {"0", "1", "2", "3"}  # 3 is the listing itself
    assert "SigIgn:\t0000000000000000" in text


async def test_ten_megabytes_come_through_whole(start: Start, seen: Seen, tmp_path: Path) -> None:
    data = os.urandom(7_500_000).hex().encode()[:10_000_000]
    path = tmp_path / "data"
    path.write_bytes(data)
    start(*shell(f"stty raw; cat {path}"))
    assert await seen.exit() == 0
    assert bytes(seen.output) == data
    assert len(seen.pieces) < 5000  # put together: the kernel alone hands out 4095 bytes at once


async def test_a_pause_holds_the_program_up(start: Start, seen: Seen, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    pty = start(*shell(f"stty raw; head -c 1000000 /dev/zero | tr '\\0' x; echo > {mark}"))
    pty.pause()
    await asyncio.sleep(0)
    assert seen.pieces == []
    assert not mark.exists()
    pty.resume()
    assert await seen.exit() == 0
    assert len(seen.output) == 1_000_000


async def test_a_huge_paste_waits_for_the_program(start: Start, seen: Seen, tmp_path: Path) -> None:
    path = tmp_path / "pasted"
    pty = start(*shell(f"stty raw -echo; echo ready; head -c 3000000 > {path}"))
    await seen.contains(b"ready")
    data = os.urandom(3_000_000)
    for offset in range(0, len(data), 100_000):
        await pty.write(data[offset : offset + 100_000])
    assert await seen.exit() == 0
    assert path.read_bytes() == data


async def test_a_close_ends_the_whole_session(start: Start, seen: Seen) -> None:
    pty = start(*shell("trap '' HUP; sleep 1000 & (trap '' HUP TERM; sleep 1001) & echo up; wait"))
    await seen.contains(b"up")
    assert len(session_members(pty.pid)) >= 3
    await pty.close()
    while living(pty.pid):
        await asyncio.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(pty.pid, 0)


async def test_what_a_shell_left_running_survives_its_exit(start: Start, seen: Seen, tmp_path: Path) -> None:
    pty = start(*shell(f"trap '' HUP; sleep 1000 > /dev/null 2>&1 & echo $! > {tmp_path}/pid; exit 0"))
    assert await seen.exit() == 0
    left = int((tmp_path / "pid").read_text())
    os.kill(left, 0)
    os.kill(left, 9)
    assert pty.pid != left


def children() -> set[int]:
    """Processes whose parent is this one, zombies too; the tests' own Docker Engine is among them."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(folder.name))
    return found


async def test_no_descriptor_or_child_is_left_after_sixty_terminals(seen: Seen, start: Start) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    await start(*shell("exit 0")).close()
    gc.collect()
    before, children_before = descriptors(), children()

    async def one(number: int) -> None:
        account = find_account()
        mine = Seen()
        pty = Pty(
            shell(f"echo {number}; read x"),
            environment=login_environment(account),
            folder="/",
            columns=80,
            rows=24,
            account=account,
            on_output=mine.took,
            on_exit=mine.ended,
        )
        await mine.contains(f"{number}\r\n".encode())
        await pty.close()
        assert len(mine.codes) == 1

    for first in range(0, 60, 10):
        await asyncio.gather(*(one(number) for number in range(first, first + 10)))
    assert descriptors() <= before
    assert children() == children_before, "a shell was not reaped"


async def test_the_next_terminal_with_the_same_number_is_read(start: Start, seen: Seen) -> None:
    """A reader that outlives its descriptor would leave the next one deaf."""
    await start(*shell("exit 0")).close()
    for word in ("one", "two", "three"):
        seen.codes.clear()
        pty = start(*shell(f"echo {word}; read x"))
        await seen.contains(word.encode())
        await pty.close()
