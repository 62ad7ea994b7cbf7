#!/usr/bin/env python3
"""Throughput and echo of a terminal, against the bare pseudo-terminal and other programs of its kind, in one run.

    python scripts/bench/terminal.py [--megabytes 100] [--rounds 3] [--terminado PYTHON]

`cat` of a text file goes through a bare pty, the terminal process's own WebSocket, terminado (where PYTHON has it) and
ttyd (where it is installed), in turn; and for the echo, one key and its answer at a time. Prints medians and ratios.
"""

import argparse
import asyncio
import os
import pty
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # instead of this folder, whose names hide the library's

import aiohttp

from scripts.bench.terminal_peers import Peer, has_ttyd, terminado, ttyd
from tests.home.terminals import Process, start_process

LINE = b"The quick brown fox jumps over the lazy dog 0123456789 abcdefghijklmnopqrstuvwxyz 0123456789 x\n"
ECHOES = 500
CALLER = {"userId": "bench", "scopes": ["*"]}


def bare(path: Path) -> float:
    """Megabytes a second of `cat` on a pty that nobody but this loop reads."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvp("cat", ["cat", str(path)])
    started, size = time.perf_counter(), 0
    try:
        while data := os.read(master, 65536):
            size += len(data)
    except OSError:
        pass
    took = time.perf_counter() - started
    os.close(master)
    os.waitpid(pid, 0)
    return size / took / 1e6


class Own:
    """How Talome's terminal talks: bytes are bytes."""

    name = "Talome"

    async def send(self, socket: aiohttp.ClientWebSocketResponse, data: bytes) -> None:
        await socket.send_bytes(data)

    def output(self, message: aiohttp.WSMessage) -> bytes:
        return bytes(message.data) if message.type is aiohttp.WSMsgType.BINARY else b""


@dataclass
class Took:
    """What it took one of the programs, round by round."""

    speeds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    echoes_ms: list[float] = field(default_factory=list)


@dataclass
class Open:
    """A connection to a shell of its own."""

    peer: Own | Peer
    socket: aiohttp.ClientWebSocketResponse

    async def until(self, mark: bytes) -> int:
        """How many bytes came up to and with the mark."""
        tail, size = b"", 0
        while mark not in tail:
            message = await self.socket.receive()
            if message.type not in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT):
                raise RuntimeError(f"{self.peer.name} closed the socket")
            data = self.peer.output(message)
            size += len(data)
            tail = (tail + data)[-4096 - len(mark) :] if len(data) < 4096 else data[-4096:]
        return size

    async def make_plain(self) -> None:
        """No prompt and no echo: neither is what is measured."""
        plain = b"PS1= PROMPT_COMMAND=; bind 'set enable-bracketed-paste off'; stty -echo; echo rea''dy\n"
        await self.peer.send(self.socket, plain)
        await self.until(b"ready\r\n")

    async def throughput(self, path: Path) -> float:
        started = time.perf_counter()
        await self.peer.send(self.socket, f"cat {path}; echo al''l\n".encode())
        size = await self.until(b"all\r\n")
        return size / (time.perf_counter() - started) / 1e6

    async def echo(self) -> float:
        """Median milliseconds from a key to its echo by the terminal (`cat` runs, the terminal itself echoes)."""
        await self.peer.send(self.socket, b"stty echo; exec cat\n")
        await asyncio.sleep(0.5)
        took = []
        for _ in range(ECHOES):
            started = time.perf_counter()
            await self.peer.send(self.socket, b"x")
            await self.until(b"x")
            took.append((time.perf_counter() - started) * 1000)
            if len(took) % 50 == 0:
                await self.peer.send(self.socket, b"\n")
                await self.until(b"\n")
                await asyncio.sleep(0.05)
        return statistics.median(took)


async def open_own(process: Process, http: aiohttp.ClientSession) -> Open:
    link = process.link()
    who = {"title": "bench", "owner": "bench", "ownerName": "bench", "idleS": 60}
    id = (await link.call("create", kind="host", cols=80, rows=24, **who))["id"]
    given = await link.call("ticket", id=id, caller=CALLER)
    url = f"http://127.0.0.1:{process.port}/sessions/{id}?ticket={given['ticket']}"
    return Open(Own(), await http.ws_connect(url, max_msg_size=0))


async def open_peer(peer: Peer, http: aiohttp.ClientSession) -> Open:
    """As soon as it listens."""
    protocols = (peer.protocol,) if peer.protocol else ()
    for _ in range(200):
        try:
            socket = await http.ws_connect(peer.url, max_msg_size=0, protocols=protocols)
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)
        else:
            await peer.begin(socket)
            return Open(peer, socket)
    raise RuntimeError(f"{peer.name} does not listen")


async def measure(path: Path, rounds: int, python: Path | None) -> None:
    speeds: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        process = await start_process(Path(folder))
        stack.callback(process.stop)
        peers = [stack.enter_context(terminado(python))] if python else []
        peers += [stack.enter_context(ttyd())] if has_ttyd() else []
        results = {name: Took() for name in ("Talome", *(peer.name for peer in peers))}
        async with aiohttp.ClientSession() as http:
            for _ in range(rounds):
                speeds.append(await asyncio.to_thread(bare, path))
                for peer in (None, *peers):
                    one = await (open_own(process, http) if peer is None else open_peer(peer, http))
                    await one.make_plain()
                    took = results[one.peer.name]
                    took.speeds.append(await one.throughput(path))
                    took.ratios.append(took.speeds[-1] / speeds[-1])
                    took.echoes_ms.append(await one.echo())
                    await one.socket.close()
    print(f"{'':16}{'MB/s':>9}{'x bare':>9}{'echo, ms':>10}")
    print(f"{'bare pty':16}{statistics.median(speeds):9.1f}{1:9.2f}")
    for name, took in results.items():
        speed, ratio, echo = (statistics.median(each) for each in (took.speeds, took.ratios, took.echoes_ms))
        print(f"{name:16}{speed:9.1f}{ratio:9.2f}{echo:10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--terminado", type=Path, metavar="PYTHON", help="a Python that has terminado")
    given = parser.parse_args()
    with tempfile.NamedTemporaryFile() as file:
        file.write(LINE * (given.megabytes * 1_000_000 // len(LINE)))
        file.flush()
        asyncio.run(measure(Path(file.name), given.rounds, given.terminado))


if __name__ == "__main__":
    main()
