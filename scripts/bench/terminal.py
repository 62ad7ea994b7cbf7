#!/usr/bin/env python3
"""Throughput and echo of a terminal, against the bare pseudo-terminal read by the same interpreter in the same run.

    python scripts/bench/terminal.py [--megabytes 100] [--rounds 3]

`cat` of a text file goes through: a bare pty; the terminal process's own WebSocket; and, for the echo, one key and its
answer at a time. Prints medians and ratios.
"""

import argparse
import asyncio
import os
import pty
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # instead of this folder, whose names hide the library's

import aiohttp

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


async def open_shell(process: Process, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    link = process.link()
    who = {"title": "bench", "owner": "bench", "ownerName": "bench", "idleS": 60}
    id = (await link.call("create", kind="host", cols=80, rows=24, **who))["id"]
    given = await link.call("ticket", id=id, caller=CALLER)
    url = f"http://127.0.0.1:{process.port}/sessions/{id}?ticket={given['ticket']}"
    socket = await http.ws_connect(url, max_msg_size=0)
    await socket.send_bytes(b"PS1= PROMPT_COMMAND=; bind 'set enable-bracketed-paste off'; stty -echo; echo rea''dy\n")
    await read_until(socket, b"ready\r\n")
    return socket


async def read_until(socket: aiohttp.ClientWebSocketResponse, mark: bytes) -> int:
    """How many bytes came up to and with the mark."""
    tail, size = b"", 0
    while mark not in tail:
        message = await socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            size += len(message.data)
            tail = (tail + message.data)[-4096 - len(mark) :] if len(message.data) < 4096 else message.data[-4096:]
        elif message.type is not aiohttp.WSMsgType.TEXT:
            raise RuntimeError("the socket closed")
    return size


async def through_socket(socket: aiohttp.ClientWebSocketResponse, path: Path) -> float:
    started = time.perf_counter()
    await socket.send_bytes(f"cat {path}; echo al''l\n".encode())
    size = await read_until(socket, b"all\r\n")
    return size / (time.perf_counter() - started) / 1e6


async def echo(socket: aiohttp.ClientWebSocketResponse) -> float:
    """Median milliseconds from a key to its echo by the terminal (`cat` runs, the terminal itself echoes)."""
    await socket.send_bytes(b"stty echo; exec cat\n")
    took = []
    await asyncio.sleep(0.5)
    for _ in range(ECHOES):
        started = time.perf_counter()
        await socket.send_bytes(b"x")
        await read_until(socket, b"x")
        took.append((time.perf_counter() - started) * 1000)
        if len(took) % 50 == 0:
            await socket.send_bytes(b"\n")
            await read_until(socket, b"\n")
            await asyncio.sleep(0.05)
    return statistics.median(took)


async def measure(path: Path, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        process = await start_process(Path(folder))
        try:
            async with aiohttp.ClientSession() as http:
                socket = await open_shell(process, http)
                pairs = []
                for _ in range(rounds):
                    direct = await asyncio.to_thread(bare, path)
                    pairs.append((direct, await through_socket(socket, path)))
                echo_ms = await echo(socket)
        finally:
            process.stop()
    print(f"bare pty          {statistics.median(pair[0] for pair in pairs):8.1f} MB/s")
    print(f"WebSocket         {statistics.median(pair[1] for pair in pairs):8.1f} MB/s")
    print(f"ratio             {statistics.median(pair[1] / pair[0] for pair in pairs):8.2f}")
    print(f"echo, median      {echo_ms:8.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.NamedTemporaryFile() as file:
        file.write(LINE * (given.megabytes * 1_000_000 // len(LINE)))
        file.flush()
        asyncio.run(measure(Path(file.name), given.rounds))


if __name__ == "__main__":
    main()
