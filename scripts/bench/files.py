#!/usr/bin/env python3
"""Files: the CPU of a listing, a download against nginx with sendfile, an upload against `cat`, and the memory of both.

    scripts/bench/files.py [--megabytes 2000] [--rounds 5] [--folder DIR]

Everything runs against a server of its own, in one run and over loopback; the reader and the sender are the same plain
socket for all. CPU is the server's alone. Where nginx is not installed its rows are left out.
"""

import sys

sys.path.pop(0)  # this folder: its http.py would stand before the standard library's

import argparse
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PIECE = bytearray(1024 * 1024)
NGINX = """daemon off; pid {folder}/pid; error_log /dev/null; worker_processes 1;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}/body; proxy_temp_path {folder}/p;
fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
server {{ listen 127.0.0.1:{port}; root {root}; }} }}
"""


def cpu_s(pid: int) -> float:
    """Of a process with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int, name: str) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[int]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise TimeoutError(command[0])
        yield process.pid
    finally:
        process.terminate()
        process.wait()


class Api:
    """Calls of an administrator."""

    def __init__(self, port: int) -> None:
        self.port = port
        answer = self.call("POST", "/api/auth/login", {"username": "ada", "password": "correct horse battery"})
        self.token = answer["token"]

    token = ""

    def call(self, method: str, path: str, body: object = None) -> dict:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Content-Type": "application/json", **self.headers}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(content)
        return json.loads(content)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def listing_cpu_ms(api: Api, pid: int, path: str, requests: int, **headers: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", api.port)

    def ask(times: int) -> None:
        for _ in range(times):
            connection.request("GET", path, headers={**api.headers, **headers})
            connection.getresponse().read()

    ask(20)
    rounds = []
    for _ in range(5):
        before = cpu_s(pid)
        ask(requests)
        rounds.append((cpu_s(pid) - before) * 1000 / requests)
    connection.close()
    return statistics.median(rounds)


def download_s(port: int, path: str, headers: dict[str, str], size: int) -> float:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        started = time.perf_counter()
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        received = 0
        while count := connection.recv_into(PIECE):
            received += count
        took = time.perf_counter() - started
    if received < size:
        raise RuntimeError(f"{received} of {size} bytes came")
    return took


def upload_s(api: Api, source: Path, name: str) -> float:
    size = source.stat().st_size
    said = ",".join(
        f"{key} {b64encode(value.encode()).decode()}" for key, value in {"folder": "/bench", "filename": name}.items()
    )
    connection = http.client.HTTPConnection("127.0.0.1", api.port)
    headers = {**api.headers, "Tus-Resumable": "1.0.0"}
    started = time.perf_counter()
    connection.request(
        "POST", "/api/files/uploads", headers={**headers, "Upload-Length": str(size), "Upload-Metadata": said}
    )
    answer = connection.getresponse()
    answer.read()
    url = answer.headers["Location"]
    connection.putrequest("PATCH", url)
    more = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Content-Length": str(size)}
    for header, value in {**headers, **more}.items():
        connection.putheader(header, value)
    connection.endheaders()
    with source.open("rb") as file:
        connection.sock.sendfile(file)
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - started
    connection.close()
    if answer.status != 204:
        raise RuntimeError(answer.status)
    return took


def cat_s(source: Path, target: Path) -> float:
    started = time.perf_counter()
    with target.open("wb") as out:
        subprocess.run(["cat", str(source)], stdout=out, check=True)
        os.fsync(out.fileno())
    return time.perf_counter() - started


def median_of(rounds: int, work: Callable[[], float]) -> float:
    return statistics.median(work() for _ in range(rounds))


def listings(api: Api, pid: int, data: Path) -> None:
    for count, requests in ((1000, 100), (100_000, 5)):
        folder = data / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"IMG_{number:06}.jpg").touch()
        plain = listing_cpu_ms(api, pid, f"/api/files?path=/bench/{count}&limit=1000", requests)
        packed = listing_cpu_ms(
            api, pid, f"/api/files?path=/bench/{count}&limit=1000", requests, **{"Accept-Encoding": "gzip"}
        )
        print(f"list a folder of {count}, a page of 1,000: {plain:.2f} ms CPU, {packed:.2f} packed by gzip", flush=True)
    started = time.perf_counter()
    offset: int | None = 0
    before, pages = cpu_s(pid), 0
    while offset is not None:
        page = api.call("GET", f"/api/files?path=/bench/100000&limit=10000&offset={offset}&sort=-name")
        offset, pages = page["nextOffset"], pages + 1
    took = time.perf_counter() - started
    print(f"all 100,000 in {pages} pages: {took:.2f} s, {cpu_s(pid) - before:.2f} s CPU", flush=True)


def transfers(api: Api, pid: int, folder: Path, size: int, rounds: int) -> None:
    data = folder / "data"
    large = data / "large.bin"
    with large.open("wb") as file:
        for _ in range(size // len(PIECE)):
            file.write(os.urandom(4096) * (len(PIECE) // 4096))
    size = large.stat().st_size
    os.sync()
    path = "/api/files/download?path=/bench/large.bin"
    download_s(api.port, path, api.headers, size)
    ours = [download_s(api.port, path, api.headers, size) for _ in range(rounds)]
    print(f"download: {size / statistics.median(ours) / 1e6:.0f} MB/s, server at {memory_mb(pid, 'VmHWM'):.0f} MB")
    if program := shutil.which("nginx"):
        port = free_port()
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, root=data))
        with running([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], port):
            download_s(port, "/large.bin", {}, size)
            theirs, ours = [], []
            for _ in range(rounds):  # by turns, so that the neighbours disturb both
                theirs.append(download_s(port, "/large.bin", {}, size))
                ours.append(download_s(api.port, path, api.headers, size))
        ratio = statistics.median(theirs) / statistics.median(ours)
        print(f"nginx with sendfile: {size / statistics.median(theirs) / 1e6:.0f} MB/s; ours is {ratio:.2f} of it")
    before = memory_mb(pid, "VmRSS")
    cats, ours = [], []
    for number in range(rounds):
        cats.append(cat_s(large, data / "cat.bin"))
        ours.append(upload_s(api, large, f"up-{number}.bin"))
        (data / f"up-{number}.bin").unlink()
    ratio = statistics.median(cats) / statistics.median(ours)
    speed, grown = size / statistics.median(ours) / 1e6, memory_mb(pid, "VmHWM") - before
    print(f"upload by tus, to the disk: {speed:.0f} MB/s, {ratio:.2f} of `cat` with fsync; at most {grown:.0f} MB more")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="where the files go; needs twice their room")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        folder = Path(made)
        folder.chmod(0o755)  # nginx's worker is another user
        data = folder / "data"
        data.mkdir()
        port = free_port()
        environment = {
            "TALOME_HOME": str(folder / "home"), "CORE_PORT": str(port), "TALOME_BIND": "127.0.0.1",
            "TALOME_START_TERMINAL": "0", "DOCKER_HOST": f"unix://{folder}/no.sock",
        }  # fmt: skip
        with running([sys.executable, "-m", "talome", "serve"], port, **environment) as pid:
            api = Api(port)
            api.call("POST", "/api/files/roots", {"name": "Bench", "id": "bench", "folder": str(data)})
            listings(api, pid, data)
            transfers(api, pid, folder, chosen.megabytes * 10**6, chosen.rounds)


if __name__ == "__main__":
    main()
