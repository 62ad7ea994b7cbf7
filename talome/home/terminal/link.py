"""The server's end of the unix socket, and how it starts the terminal process where none runs."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from talome.core import errors
from talome.core.errors import TalomeError, Unavailable
from talome.core.settings.boot import BootSettings
from talome.home.terminal import wire

_TIMEOUT_S: Final = 15.0
_KINDS: Final[dict[int, type[TalomeError]]] = {
    400: errors.Invalid,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    503: errors.Unavailable,
}
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class TerminalLink:
    """Asks the terminal process. Raises what it answers, and `Unavailable` where it does not run."""

    def __init__(self, home: Path) -> None:
        self._socket = home / wire.SOCKET_NAME

    async def call(self, do: str, **arguments: Any) -> Any:
        """One request, one answer."""
        _, writer, answer = await self._ask({"do": do, **arguments})
        writer.close()
        return answer

    async def attach(self, ticket: str) -> Connection:
        """Begin to look at what the ticket is for: frames of `wire` both ways."""
        reader, writer, _ = await self._ask({"do": "attach", "ticket": ticket})
        return reader, writer

    async def watch(self) -> Connection:
        """A connection that says that a server is there; it ends with the process."""
        reader, writer, _ = await self._ask({"do": "watch"})
        return reader, writer

    async def _ask(self, request: dict[str, Any]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Any]:
        reader, writer = await self._connect()
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                writer.write(wire.text_frame(request))
                await writer.drain()
                frame = await wire.read_frame(reader)
            if frame is None:
                raise Unavailable("The terminal process broke off.", code="terminal_down")
            answer = json.loads(frame[1])
            if "ok" not in answer:
                raise _error(answer)
        except BaseException as error:
            writer.close()
            if isinstance(error, TimeoutError | OSError):
                raise Unavailable("The terminal process does not answer.", code="terminal_down") from None
            raise
        return reader, writer, answer["ok"]

    async def _connect(self) -> Connection:
        try:
            with wire.short_path(self._socket) as path:
                return await asyncio.open_unix_connection(path, limit=wire.READ_LIMIT_BYTES)
        except OSError:
            raise Unavailable(
                "Terminals are not available: the terminal process does not run. Start it with “talome terminal”.",
                code="terminal_down",
            ) from None


class Launcher:
    """Starts `talome terminal` detached, with a clean environment: it is to outlive the server and know no secrets."""

    def __init__(self, boot: BootSettings) -> None:
        self._boot = boot

    async def launch(self) -> None:
        """Returns when it was started, which is before it listens. Raises `OSError`."""
        await asyncio.to_thread(self._launch)

    def _launch(self) -> None:
        boot = self._boot
        environment = {
            "TALOME_HOME": str(boot.home),
            "TALOME_BIND": boot.bind,
            "TERMINAL_DAEMON_PORT": str(boot.terminal_port),
            "DOCKER_HOST": boot.docker_host,
            "TALOME_LOG_LEVEL": boot.log_level,
            "PATH": _PATH,
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        log = os.open(boot.home / "terminal.log", flags, 0o600)
        try:
            subprocess.run(
                [sys.executable, "-m", "talome.home.terminal.process.main", "--detach"],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        finally:
            os.close(log)


def _error(answer: dict[str, Any]) -> TalomeError:
    status, message = int(answer.get("status", 500)), str(answer.get("error", "The terminal process refused this."))
    if status == 429:
        return errors.TooMany(message, retry_after_s=30)
    return _KINDS.get(status, errors.Internal)(message, code=answer.get("code"))
