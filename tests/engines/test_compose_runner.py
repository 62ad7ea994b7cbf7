"""Compose projects on a real engine with the real binary; its words of other versions and machines as text."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from talome.core.errors import Conflict, Invalid, Unavailable
from talome.engines.compose import Compose, ComposeFinder, ComposeProject, find_compose
from talome.engines.pty import session_members
from tests.engines.bench import IMAGE, eventually
from tests.support.docker_engine import EngineDaemon
from tests.support.registry import free_port

SLEEP = {"image": IMAGE, "command": ["sleep", "1000"], "init": True, "network_mode": "none"}
Made = Callable[..., ComposeProject]


@pytest.fixture(scope="module")
def compose() -> Compose:
    return find_compose()


@pytest.fixture
def project(tmp_path: Path, compose: Compose, clean_daemon: EngineDaemon) -> Made:
    """Writes `services` into a folder; the project on the real engine."""

    def make(
        services: dict[str, Any] | str, *, name: str = "shop", env: str | None = None, **more: Any
    ) -> ComposeProject:
        (tmp_path / "compose.yml").write_text(yaml.safe_dump({"services": services, **more}))
        return ComposeProject(compose, clean_daemon.host, name, tmp_path)

    return make


@pytest.fixture
def unconnected(tmp_path: Path, compose: Compose) -> Made:
    """Writes a text, without an engine."""

    def make(text: str, *, env: str | None = None) -> ComposeProject:
        (tmp_path / "compose.yml").write_text(text)
        if env is not None:
            (tmp_path / ".env").write_text(env)
        return ComposeProject(compose, "unix:///nonexistent/docker.sock", "shop", tmp_path)

    return make


# --- reading the files ---


async def test_a_file_is_checked_and_its_warnings_are_told(unconnected: Made) -> None:
    project = unconnected('services: {web: {image: "x:${TAG}", environment: {A: "${B}"}}}', env="TAG=7\n")
    assert await project.check() == ['The "B" variable is not set. Defaulting to a blank string.']
    resolved = await project.resolved()
    assert resolved["services"]["web"]["image"] == "x:7"
    assert resolved["name"] == "shop"


async def test_nothing_of_our_environment_reaches_a_file(unconnected: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALOME_SECRET", "of the house")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "other")
    project = unconnected("services: {web: {image: x, environment: {A: '${TALOME_SECRET}', B: '${HOME}'}}}")
    resolved = json.dumps(await project.resolved())
    assert "of the house" not in resolved
    assert str(Path.home()) not in resolved
    assert "other" not in resolved


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("services: {a: 1}", "services.a must be a mapping"),
        ("services:\n  a: [\n", "failed to parse compose.yml"),
        ("services: {a: {image: x, depends_on: [b]}}", "undefined service"),
        ("services: {a: {image: x, ports: ['99999:1']}}", "ort"),
        ("services: {a: {image: '${X:?say which}'}}", "say which"),
    ],
)
async def test_a_bad_file_is_refused_in_composes_words(
    unconnected: Made, tmp_path: Path, text: str, words: str
) -> None:
    project = unconnected(text)
    with pytest.raises(Invalid, match=words) as refused:
        await project.check()
    assert str(tmp_path) not in refused.value.message
    with pytest.raises(Invalid):
        await project.resolved()


def test_names_that_lead_elsewhere_are_refused(compose: Compose, tmp_path: Path) -> None:
    for name in ("", "-p", "A", "a b", "../a", "x" * 64):
        with pytest.raises(Invalid):
            ComposeProject(compose, "unix:///x", name, tmp_path)
    for files in ((), ("-f",), ("/etc/compose.yml",), ("../compose.yml",), ("a\0b",)):
        with pytest.raises(Invalid):
            ComposeProject(compose, "unix:///x", "shop", tmp_path, files)


async def test_an_engine_that_is_not_there(unconnected: Made) -> None:
    project = unconnected("services: {web: {image: x}}")
    for call in (project.up(), project.ps(), project.down()):
        with pytest.raises(Unavailable) as refused:
            await call
        assert refused.value.error_code == "engine_unreachable"


async def test_compose_is_looked_for_once() -> None:
    finder = ComposeFinder()
    first, second = await asyncio.gather(finder.get(), finder.get())
    assert first is second


# --- running ---


@pytest.mark.docker
async def test_up_stop_start_and_down(project: Made, clean_daemon: EngineDaemon, tmp_path: Path) -> None:
    made = project(
        {
            "web": {"image": IMAGE, "command": ["sleep", "1000"], "init": True, "depends_on": ["job"]},
            "job": {"image": IMAGE, "command": ["sh", "-c", "exit 3"], "volumes": ["kept:/data"]},
        },
        volumes={"kept": {}},
    )
    assert await made.ps() == []
    told: list[str] = []
    await made.up(on_progress=told.append)
    assert "Container web: started" in told
    assert "Network default: created" in told
    await eventually(lambda: _states(made, {"web": "running", "job": "exited"}), "the job to end")
    states = {state.service: state for state in await made.ps()}
    assert (states["web"].container, states["web"].health, states["web"].exit_code) == ("shop-web-1", "none", None)
    assert states["job"].exit_code == 3
    (tmp_path / "compose.yml").unlink()  # what runs is found without it
    await made.stop(1)
    assert await _states(made, {"web": "exited", "job": "exited"})
    await made.start()
    await eventually(lambda: _states(made, {"web": "running", "job": "exited"}), "the job to end again")
    told.clear()
    await made.down(timeout_s=1, on_progress=told.append)
    assert "Container web: removed" in told
    assert await made.ps() == []
    assert [network for network in clean_daemon.api.networks() if network["Name"].startswith("shop")] == []
    assert [volume["Name"] for volume in clean_daemon.api.volumes()["Volumes"]] == ["shop_kept"]
    assert clean_daemon.api.images(IMAGE)


async def _states(project: ComposeProject, wanted: dict[str, str]) -> bool:
    return {state.service: state.state for state in await project.ps()} == wanted


@pytest.mark.docker
async def test_services_that_went_are_removed_and_a_restart_keeps_the_rest(project: Made) -> None:
    await project({"web": SLEEP, "old": SLEEP}).up()
    made = project({"web": SLEEP})
    await made.up()
    assert await _states(made, {"web": "running"})
    await made.restart(0)
    assert await _states(made, {"web": "running"})


@pytest.mark.docker
async def test_a_port_that_is_taken(project: Made) -> None:
    port = free_port()
    web = {"image": IMAGE, "command": ["sleep", "1000"], "init": True, "ports": [f"127.0.0.1:{port}:80"]}
    made = project({"web": web})
    with closing(socket.create_server(("127.0.0.1", port))), pytest.raises(Conflict) as refused:
        await made.up()
    assert refused.value.message == f"Port {port} is already in use on this machine."
    assert (refused.value.error_code, refused.value.details) == ("port_taken", {"subject": str(port)})
    await made.up()
    with pytest.raises(Conflict) as again:
        await project({"web": web}, name="other").up()
    assert (again.value.error_code, again.value.details) == ("port_taken", {"subject": str(port)})


@pytest.mark.docker
async def test_a_missing_image_is_never_fetched(project: Made) -> None:
    image = "127.0.0.1:1/absent:9"
    for policy in ({}, {"pull_policy": "always"}, {"build": "."}):
        began = time.monotonic()
        with pytest.raises(Conflict) as refused:
            await project({"web": {**SLEEP, "image": image, **policy}}).up()
        assert (refused.value.error_code, refused.value.details) == (
            "image_missing",
            {"subject": "127.0.0.1:1/absent:9"},
        )
        assert time.monotonic() - began < 5


@pytest.mark.docker
async def test_a_name_that_is_taken(project: Made, clean_daemon: EngineDaemon) -> None:
    clean_daemon.run(["sleep", "1"], start=False, name="mine")
    with pytest.raises(Conflict, match="already called mine") as refused:
        await project({"web": {**SLEEP, "container_name": "mine"}}).up()
    assert refused.value.error_code == "name_taken"


@pytest.mark.docker
async def test_a_dependency_that_does_not_get_healthy(project: Made) -> None:
    check = {"test": ["CMD", "false"], "interval": "100ms", "retries": 1}
    made = project(
        {
            "db": {**SLEEP, "healthcheck": check},
            "web": {**SLEEP, "depends_on": {"db": {"condition": "service_healthy"}}},
        }
    )
    with pytest.raises(Conflict, match=r"^db runs but does not get healthy") as refused:
        await made.up()
    assert (refused.value.error_code, refused.value.details) == ("unhealthy", {"subject": "db"})
    states = {state.service: (state.state, state.health) for state in await made.ps()}
    assert states == {"db": ("running", "unhealthy"), "web": ("created", "none")}


@pytest.mark.docker
@pytest.mark.parametrize("how", ["cancelled", "too_long"])
async def test_waiting_ends_with_its_caller_and_leaves_no_process(project: Made, how: str) -> None:
    check = {"test": ["CMD", "false"], "interval": "100s", "start_period": "1000s"}
    made = project(
        {
            "db": {**SLEEP, "healthcheck": check},
            "web": {**SLEEP, "depends_on": {"db": {"condition": "service_healthy"}}},
        }
    )
    waits = asyncio.Event()

    def told(line: str) -> None:
        if line == "Container db: waiting":
            waits.set()

    up = asyncio.create_task(made.up(on_progress=told, limit_s=2.0 if how == "too_long" else 30.0))
    await asyncio.wait_for(waits.wait(), 10)
    assert _compose_processes()
    if how == "cancelled":
        up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await up
    else:
        with pytest.raises(Unavailable, match="not done within 2 s") as late:
            await up
        assert late.value.error_code == "compose_timeout"
    assert _compose_processes() == []
    assert await _states(made, {"db": "running", "web": "created"})


def _compose_processes() -> list[int]:
    """Running Compose processes that this test run started; each leads a session."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if (
            int(fields[1]) == os.getpid()
            and fields[0] != "Z"
            and b"-compose" in (status.parent / "cmdline").read_bytes()
        ):
            found.append(int(status.parent.name))
    return found


async def test_a_process_that_ignores_being_asked_is_killed_with_its_children(tmp_path: Path) -> None:
    program = tmp_path / "docker-compose"
    program.write_text(f"#!/bin/sh\ntrap '' TERM\necho $$ > {tmp_path}/pid\nsleep 1000 &\nwhile :; do wait; done\n")
    program.chmod(0o755)
    project = ComposeProject(Compose((str(program),), "2.40.3", "system"), "unix:///x", "shop", tmp_path)
    task = asyncio.create_task(project.ps())
    pid = tmp_path / "pid"

    async def started() -> bool:
        return pid.exists() and bool(pid.read_text()) and len(session_members(int(pid.read_text()))) == 2

    await eventually(started, "the program to start")
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 4

    async def gone() -> bool:
        return session_members(int(pid.read_text())) == []

    await eventually(gone, "all of it to end")


async def test_a_listener_that_fails_ends_it_too(tmp_path: Path) -> None:
    program = tmp_path / "docker-compose"
    program.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/pid\necho ' Container shop-a-1  Started' >&2\nexec sleep 1000\n"
    )
    program.chmod(0o755)
    project = ComposeProject(Compose((str(program),), "2.40.3", "system"), "unix:///x", "shop", tmp_path)

    def fail(line: str) -> None:
        raise LookupError(line)

    with pytest.raises(LookupError, match="Container a: started"):
        await project.up(on_progress=fail)
    assert session_members(int((tmp_path / "pid").read_text())) == []


async def test_output_without_an_end_is_bounded(tmp_path: Path) -> None:
    program = tmp_path / "docker-compose"
    program.write_text("#!/bin/sh\nhead -c 20000000 /dev/zero | tr '\\0' x\nhead -c 3000000 /dev/zero >&2\n")
    program.chmod(0o755)
    project = ComposeProject(Compose((str(program),), "2.40.3", "system"), "unix:///x", "shop", tmp_path)
    with pytest.raises(Invalid, match="too large"):
        await project.resolved()


async def test_a_compose_that_went_away(tmp_path: Path) -> None:
    project = ComposeProject(Compose((str(tmp_path / "gone"),), "2.40.3", "system"), "unix:///x", "shop", tmp_path)
    with pytest.raises(Unavailable, match="could not be started"):
        await project.ps()


@pytest.mark.parametrize(
    ("version", "arguments"),
    [("2.29.0", "--progress json -p shop"), ("2.40.3", "--progress json -p shop"), ("5.1.0", "--progress json -p shop"),
     ("2.28.1", "--ansi never -p shop"), ("dev", "--ansi never -p shop")],
)  # fmt: skip
async def test_older_versions_are_not_asked_for_json(tmp_path: Path, version: str, arguments: str) -> None:
    program = tmp_path / "docker-compose"
    row = '[{"Name":"shop-web-1","Service":"web","State":"exited","Health":"","ExitCode":7}]'
    program.write_text(f"#!/bin/sh\necho \"$@\" > {tmp_path}/asked\necho '{row}'\n")
    program.chmod(0o755)
    project = ComposeProject(Compose((str(program),), version, "system"), "unix:///x", "shop", tmp_path)
    (state,) = await project.ps()
    assert (state.service, state.state, state.health, state.exit_code) == ("web", "exited", "none", 7)
    assert (tmp_path / "asked").read_text().startswith(arguments)
