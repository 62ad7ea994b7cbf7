"""Other programs that show a shell in a browser, for comparison: terminado in a Python of its own, and ttyd."""

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

_TERMINADO = """
import sys, asyncio, tornado.web
from terminado import TermSocket, UniqueTermManager
async def main():
    manager = UniqueTermManager(shell_command=["bash", "--norc"])
    tornado.web.Application([(r"/ws", TermSocket, {"term_manager": manager})]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()
asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """How one program talks: bytes of the terminal wrapped up in its messages."""

    name: str
    url: str
    protocol: str | None = None

    async def begin(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        if self.protocol is not None:
            await socket.send_bytes(b'{"AuthToken":"","columns":80,"rows":24}')

    async def send(self, socket: aiohttp.ClientWebSocketResponse, data: bytes) -> None:
        if self.protocol is not None:
            await socket.send_bytes(b"0" + data)
        else:
            await socket.send_str(json.dumps(["stdin", data.decode()]))

    def output(self, message: aiohttp.WSMessage) -> bytes:
        """What the program in the terminal said in this message."""
        if self.protocol is not None:
            return bytes(message.data[1:]) if message.data[:1] == b"0" else b""
        said = json.loads(message.data)
        return str(said[1]).encode() if said[0] == "stdout" else b""


@contextmanager
def terminado(python: Path) -> Iterator[Peer]:
    with _running([str(python), "-c", _TERMINADO]) as port:
        yield Peer("terminado", f"http://127.0.0.1:{port}/ws")


@contextmanager
def ttyd() -> Iterator[Peer]:
    with _running(["ttyd", "--writable", "--interface", "127.0.0.1", "--port"], ["bash", "--norc"]) as port:
        yield Peer("ttyd", f"http://127.0.0.1:{port}/ws", "tty")


def has_ttyd() -> bool:
    return shutil.which("ttyd") is not None


@contextmanager
def _running(before: list[str], after: list[str] | None = None) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen([*before, str(port), *(after or [])], stdout=log, stderr=log)
        try:
            yield port
        finally:
            child.terminate()
            child.wait(10)
