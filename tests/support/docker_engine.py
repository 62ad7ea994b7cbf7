"""A private Docker Engine for tests: its own folder, socket, bridge and network namespace.

The test run is started inside fresh namespaces by the scripts (`unshare --net --mount --pid ...`), which also set
TALOME_TEST_NAMESPACE=1. Outside of them no daemon is started: it would change this machine's bridges and firewall.
Each worker of a parallel run has a network of its own (tests/conftest.py).
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker
import pytest
import pytest_asyncio

from talome.engines.docker.engine import Docker

IMAGE = "talome-test/busybox:1"
_START_S = 40.0
_STOP_S = 15.0


def wait_until(done: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:g} s for {what}")
        time.sleep(0.01)


class EngineDaemon:
    """One dockerd. `host` is its address, `api` the bare SDK client that tests use to prepare things."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        self.socket = root / "docker.sock"
        self.host = f"unix://{self.socket}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (root / "dockerd.log").open("ab")
        self._api: Any = None

    @property
    def api(self) -> Any:
        if self._api is None:
            self._api = docker.APIClient(base_url=self.host, version="auto", timeout=30)
        return self._api

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def stopped(self) -> bool:
        return self._process is None

    def start(self) -> None:
        command = ["dockerd", "--data-root", str(self.root / "data"), "--exec-root", str(self.root / "exec")]
        command += ["-H", self.host, "-p", str(self.root / "pid"), "--shutdown-timeout", "2", *self._options]
        try:
            self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
            wait_until(self._answers, "dockerd to answer", _START_S)
        except TimeoutError:
            self.stop()
            raise RuntimeError(f"dockerd did not start:\n{(self.root / 'dockerd.log').read_text()[-3000:]}") from None

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise TimeoutError
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.socket))
                probe.sendall(b"GET /version HTTP/1.0\r\nHost: docker\r\n\r\n")
                return b" 200 " in probe.recv(100)
            except OSError:
                return False

    def stop(self, *, kill: bool = False) -> None:
        """End the daemon (and with it its containers) and wait for it."""
        process, self._process = self._process, None
        if self._api is not None:
            self._api.close()
            self._api = None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def freeze(self) -> None:
        """The daemon is there and answers nothing, as on a machine that swaps or whose disk hangs."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def load_image(self) -> None:
        repository, _, tag = IMAGE.partition(":")
        self.api.import_image_from_data(busybox_tar(), repository=repository, tag=tag)

    def run(self, argv: Sequence[str], *, start: bool = True, **options: Any) -> str:
        """Create and start a container of the test image; the id. `options` as the SDK's create_container has them,
        those of its host config in `host`."""
        host = self.api.create_host_config(**options.pop("host", {}))
        made = self.api.create_container(IMAGE, list(argv), host_config=host, **options)
        if start:
            self.api.start(made["Id"])
        return str(made["Id"])

    def clean(self) -> None:
        """Remove everything a test may have left, except the image."""
        for row in self.api.containers(all=True):
            with suppress(docker.errors.APIError):
                self.api.remove_container(row["Id"], force=True, v=True)
        for volume in self.api.volumes()["Volumes"] or ():
            with suppress(docker.errors.APIError):
                self.api.remove_volume(volume["Name"])
        for network in self.api.networks():
            if network["Name"] not in ("bridge", "host", "none"):
                with suppress(docker.errors.APIError):
                    self.api.remove_network(network["Id"])

    def destroy(self) -> None:
        if self._process is not None:
            with suppress(Exception):
                self.thaw()
                self.clean()
        self.stop()
        self._log.close()
        mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        for mount in sorted((mount for mount in mounts if mount.startswith(str(self.root))), reverse=True):
            subprocess.run(["umount", "-l", mount], check=False, capture_output=True)
        shutil.rmtree(self.root, ignore_errors=True)


def busybox_tar() -> bytes:
    """A root file system that is one static busybox with a link for each applet."""
    binary = shutil.which("busybox")
    assert binary is not None, "busybox-static is not installed"
    applets = subprocess.run([binary, "--list"], capture_output=True, check=True, text=True).stdout.split()
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for folder, mode in (("bin", 0o755), ("etc", 0o755), ("tmp", 0o1777), ("data", 0o755)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        tar.add(binary, "bin/busybox")
        users = b"root:x:0:0:root:/:/bin/sh\nguest:x:1000:1000:guest:/:/bin/sh\n"
        entry = tarfile.TarInfo("etc/passwd")
        entry.size = len(users)
        tar.addfile(entry, io.BytesIO(users))
        for applet in applets:
            if applet != "busybox":
                entry = tarfile.TarInfo(f"bin/{applet}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(entry)
    return content.getvalue()


def missing_for_engine() -> str | None:
    """Why no private engine can be started here, None when one can."""
    if os.environ.get("TALOME_TEST_NAMESPACE") != "1":
        return "not inside the test namespace (start the tests with scripts/test)"
    routes = Path("/proc/net/route").read_text().splitlines()[1:]
    if any(line.split()[1] == "00000000" for line in routes):
        return "TALOME_TEST_NAMESPACE is set, but this is the machine's own network namespace"
    for program in ("dockerd", "containerd", "runc", "iptables", "busybox"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    return None


@pytest.fixture(scope="session")
def docker_daemon() -> Iterator[EngineDaemon]:
    """The private engine of this test session, with the busybox image."""
    reason = missing_for_engine()
    if reason is not None:
        if os.environ.get("CI"):
            pytest.fail(f"no Docker Engine: {reason}")
        pytest.skip(f"no Docker Engine: {reason}")
    root = Path(tempfile.mkdtemp(prefix="tlm"))
    daemon = EngineDaemon(root)
    try:
        daemon.start()
        daemon.load_image()
        yield daemon
    finally:
        daemon.destroy()


@pytest.fixture
def clean_daemon(docker_daemon: EngineDaemon) -> Iterator[EngineDaemon]:
    """The same, emptied after the test."""
    yield docker_daemon
    docker_daemon.clean()


@pytest_asyncio.fixture
async def docker_engine(clean_daemon: EngineDaemon) -> AsyncIterator[Docker]:
    """Our client of the private engine."""
    engine = Docker(clean_daemon.host)
    yield engine
    await engine.close()
