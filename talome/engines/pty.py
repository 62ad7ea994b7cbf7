"""Programs on a pseudo-terminal of this machine: started, read, resized and ended with everything they started.

Needs an event loop in a process without threads (the child is forked) and Linux 5.3 or newer (pidfd).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import signal
import struct
import termios
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn

_FULL_READ_BYTES: Final = 2048
"""The kernel hands out at most 4095 bytes at once while a program writes without a pause; less is a human's pace."""
_MOST_AT_ONCE_BYTES: Final = 128 * 1024
_BURST_S: Final = 0.001
_INPUT_HELD_BYTES: Final = 64 * 1024
_GRACE_S: Final = 1.0
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_RESET_SIGNALS: Final = (
    signal.SIGPIPE,
    signal.SIGXFSZ,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGHUP,
    signal.SIGTERM,
    signal.SIGCHLD,
)
_HIGHEST_DESCRIPTOR: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


def find_account(name: str | None = None) -> Account:
    """By name, or the one this process runs as. Raises `KeyError` where there is none."""
    row = pwd.getpwuid(os.geteuid()) if name is None else pwd.getpwnam(name)
    shell = row.pw_shell if row.pw_shell and os.access(row.pw_shell, os.X_OK) else "/bin/sh"
    return Account(row.pw_name, row.pw_uid, row.pw_gid, row.pw_dir, shell)


def login_environment(account: Account) -> dict[str, str]:
    """What a fresh login has, and nothing of this process."""
    return {
        "HOME": account.home,
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": account.shell,
        "PATH": _PATH,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


class Pty:
    """A program that leads its own session on a terminal of `columns` by `rows`.

    `on_output` gets bytes as they come; `on_exit` is called once, after the last of them, with the exit code (a signal
    as in a shell: 128 and its number). Raises `OSError` where no terminal or process can be had.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: str,
        columns: int,
        rows: int,
        account: Account,
        on_output: Callable[[bytes], None],
        on_exit: Callable[[int], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_output, self._on_exit = on_output, on_exit
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._burst: asyncio.TimerHandle | None = None
        self._input = bytearray()
        self._room = asyncio.Event()
        self._room.set()
        self._paused = self._ending = False
        self._ended = asyncio.Event()
        self.pid, self._master = _start(argv, environment, folder, account)
        try:
            self.resize(columns, rows)
            os.set_blocking(self._master, False)
            self._pidfd = os.pidfd_open(self.pid)
        except OSError:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self._master)
            raise
        self._loop.add_reader(self._pidfd, self._exited)
        self._loop.add_reader(self._master, self._readable)

    def resize(self, columns: int, rows: int) -> None:
        with suppress(OSError):
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def pause(self) -> None:
        """Stop reading: the program is held up as soon as the kernel's buffer is full."""
        if not self._paused and not self._ended.is_set():
            self._paused = True
            self._loop.remove_reader(self._master)

    def resume(self) -> None:
        if self._paused and not self._ended.is_set():
            self._paused = False
            self._loop.add_reader(self._master, self._readable)

    async def write(self, data: bytes) -> None:
        """Give the program input; waits while it takes none and 64 KiB are held already."""
        while not self._room.is_set() and not self._ended.is_set():
            await self._room.wait()
        if self._ended.is_set():
            return
        self._input += data
        self._feed()

    async def close(self) -> None:
        """End the whole session: hang up, and kill what is left after a second. Returns once the program is reaped."""
        if not self._ended.is_set():
            self._ending = True
            self.resume()
            signal_session(self.pid, signal.SIGHUP, signal.SIGCONT)
            killing = self._loop.call_later(_GRACE_S, signal_session, self.pid, signal.SIGKILL)
            try:
                await self._ended.wait()
            finally:
                killing.cancel()

    def _readable(self) -> None:
        data = self._read()
        if data is None:
            return
        if not data:
            self._loop.remove_reader(self._master)  # every program on it is gone; the exit follows
            self._flush()
            return
        self._pending.append(data)
        self._pending_bytes += len(data)
        if len(data) < _FULL_READ_BYTES or self._pending_bytes >= _MOST_AT_ONCE_BYTES:
            self._flush()
        elif self._burst is None:
            self._burst = self._loop.call_later(_BURST_S, self._flush)

    def _read(self) -> bytes | None:
        """None: nothing there now. Empty: nothing will come."""
        try:
            return os.read(self._master, 65536)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _flush(self) -> None:
        if self._burst is not None:
            self._burst.cancel()
            self._burst = None
        if self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            self._pending_bytes = 0
            self._on_output(data)

    def _feed(self) -> None:
        try:
            while self._input:
                written = os.write(self._master, self._input[:4096])
                del self._input[:written]
        except BlockingIOError:
            self._loop.add_writer(self._master, self._feed)
        except OSError:
            self._input.clear()
        if not self._input:
            self._loop.remove_writer(self._master)
        if len(self._input) < _INPUT_HELD_BYTES:
            self._room.set()
        else:
            self._room.clear()

    def _exited(self) -> None:
        if self._ending:
            signal_session(self.pid, signal.SIGKILL)  # before it is reaped, so that the number is still its own
        _, status = os.waitpid(self.pid, 0)
        left = _MOST_AT_ONCE_BYTES
        while left > 0 and (data := self._read()):
            self._pending.append(data)
            left -= len(data)
        self._flush()
        for descriptor in (self._pidfd, self._master):
            self._loop.remove_reader(descriptor)  # before the close: the next terminal gets the same number
        self._loop.remove_writer(self._master)
        os.close(self._pidfd)
        os.close(self._master)
        self._ended.set()
        self._room.set()
        code = os.waitstatus_to_exitcode(status)
        self._on_exit(code if code >= 0 else 128 - code)


def signal_session(leader: int, *numbers: int) -> None:
    """Send signals to every process of a session."""
    for pid in session_members(leader):
        with suppress(ProcessLookupError, PermissionError):
            for number in numbers:
                os.kill(pid, number)


def session_members(leader: int) -> list[int]:
    """Processes that belong to the session of this leader, itself included. A leader of 0 has none."""
    found = []
    with os.scandir("/proc") as entries:
        numbers = [int(entry.name) for entry in entries if entry.name.isdigit()]
    for pid in numbers:
        with suppress(OSError):
            if leader and os.getsid(pid) == leader:
                found.append(pid)
    return found


def _start(argv: Sequence[str], environment: Mapping[str, str], folder: str, account: Account) -> tuple[int, int]:
    pid, master = os.forkpty()
    if pid == 0:
        _become(argv, environment, folder, account)
    return pid, master


def _become(argv: Sequence[str], environment: Mapping[str, str], folder: str, account: Account) -> NoReturn:
    """In the child: nothing but system calls until the program takes over. `argv` starts with the file to run, then
    the name it sees."""
    try:
        for number in _RESET_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.umask(0o022)
        os.closerange(3, _HIGHEST_DESCRIPTOR)  # those that were inherited without the mark to close them
        if os.geteuid() == 0:
            os.initgroups(account.name, account.gid)
            os.setgid(account.gid)
            os.setuid(account.uid)
        try:
            os.chdir(folder)
        except OSError:
            os.chdir("/")
        os.execve(argv[0], list(argv[1:]), environment)  # noqa: S606 - there is no shell in between
    except BaseException as error:  # whatever it is, this copy of the process must not go on
        os.write(2, f"{argv[0]}: {error}\r\n".encode())
    os._exit(127)
