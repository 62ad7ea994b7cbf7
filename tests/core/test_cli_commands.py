"""`talome` as it is typed: its own commands, in a process of their own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from talome import __version__
from talome.__main__ import main
from talome.core.cli.catalog import load, read_catalog
from talome.core.operations import Registry
from talome.core.settings.terminal import wants_colour
from tests.core.lamp_house import House, running_house

LAMPS = "from talome.core.cli.main import CommandLine; from talome.core.cli.render import Output; import sys; "
LAMPS += "sys.exit(CommandLine('tests.core', {}).run(sys.argv[1:], Output.standard()))"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running_house() as running:
        yield running


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), "PYTHONWARNINGS": "error"}
    return {**kept, "TALOME_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home), **more}


def talome(home: Path, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "talome", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(home, **more),
        timeout=50,
        check=False,
    )


def test_version(tmp_path: Path) -> None:
    assert talome(tmp_path, "version").stdout == f"{__version__}\n"
    assert talome(tmp_path, "--version").stdout == f"{__version__}\n"
    assert json.loads(talome(tmp_path, "--json", "version").stdout) == {"version": __version__}


def test_help_imports_no_feature(tmp_path: Path) -> None:
    code = "import sys; from talome.__main__ import main; main(['--help']); main(['users', '--help']); "
    code += "print(sorted({'pydantic', 'aiohttp', 'http.client', 'orjson', 'asyncio'} & set(sys.modules)))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(tmp_path), check=True
    )
    assert ended.stdout.endswith("[]\n"), ended.stdout
    assert "  users " in ended.stdout


def test_the_catalog_is_what_the_registry_says() -> None:
    """The names are read from the source by the same rule by which the registry makes them."""
    verbs = [verb for feature in read_catalog("talome").values() for verb in feature.verbs]
    read = {verb.operation for verb in verbs}
    registry = Registry()
    registry.add(*{load(verb) for verb in verbs})
    assert read == {operation.name for operation in registry}
    assert len(read) > 10


def test_every_operation_can_be_typed() -> None:
    from talome.core.cli.flags import Flags

    for feature in read_catalog("talome").values():
        for verb in feature.verbs:
            registry = Registry()
            registry.add(load(verb))
            help_text = Flags(registry[verb.operation], f"talome {feature.name} {verb.name}").parser.format_help()
            assert verb.name in help_text


@pytest.mark.parametrize("command", ["serve", "doctor", "login"])
def test_a_bad_environment_is_one_sentence(tmp_path: Path, command: str) -> None:
    ended = talome(tmp_path, command, CORE_PORT="many")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("talome: CORE_PORT must be a port")
    assert ended.stderr.count("\n") == 1


def test_reset_password_needs_a_data_folder(tmp_path: Path) -> None:
    ended = talome(tmp_path, "user", "reset-password", "ada", "--password-stdin", stdin="x\n")
    assert ended.returncode == 4
    assert "There is no data folder" in ended.stderr
    (tmp_path / "data").mkdir()
    ended = talome(tmp_path, "user", "reset-password", "ada", "--password-stdin", stdin="correct horse battery\n")
    assert (ended.returncode, "There is no database" in ended.stderr) == (4, True)
    ended = talome(tmp_path, "user", "reset-password", "ada")
    assert (ended.returncode, "is missing" in ended.stderr) == (2, True)
    assert talome(tmp_path, "user").returncode == 2


def test_reset_password_is_for_the_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TALOME_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    assert main(["user", "reset-password", "ada", "--password-stdin"]) == 3
    assert "Only the owner" in capsys.readouterr().err


async def follow(house: House, tmp_path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *[sys.executable, "-c", LAMPS, "lamps", "logs", "hall", "--follow"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(tmp_path, TALOME_URL=house.url, TALOME_TOKEN="all"),
    )


async def test_interrupting_a_stream_is_quiet(house: House, tmp_path: Path) -> None:
    process = await follow(house, tmp_path)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"on\n"
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in err


async def test_a_closed_pipe_is_quiet(house: House, tmp_path: Path) -> None:
    house.api.lamps = {f"lamp{n}": house.api.lamps["hall"] for n in range(3000)}
    command = f'{sys.executable} -c "{LAMPS}" lamps list --limit 3000 | head -1'
    process = await asyncio.create_subprocess_exec(
        *["bash", "-c", f"set -o pipefail; {command}"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(tmp_path, TALOME_URL=house.url, TALOME_TOKEN="all"),
    )
    out, err = await process.communicate()
    assert out.startswith(b"NAME")
    assert err == b""
    assert process.returncode == 141


async def read_until(process: asyncio.subprocess.Process, end: bytes) -> bytes:
    assert process.stdout is not None
    seen = b""
    while not seen.endswith(end):
        chunk = await asyncio.wait_for(process.stdout.read(1), 30)
        assert chunk, seen
        seen += chunk
    return seen


async def test_login_asks_on_a_terminal_without_an_echo(house: House, tmp_path: Path) -> None:
    typed = f"{sys.executable} -m talome --url {house.url} login"
    process = await asyncio.create_subprocess_exec(
        *["script", "-qec", typed, "/dev/null"],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment(tmp_path, TERM="xterm"),
    )
    assert process.stdin is not None
    await read_until(process, b"Username: ")
    process.stdin.write(b"ada\n")
    await read_until(process, b"Password: ")
    process.stdin.write(b"open sesame\n")
    shown = await read_until(process, b"login.json\r\n")
    assert await process.wait() == 0
    assert b"open sesame" not in shown
    assert json.loads((tmp_path / "talome" / "login.json").read_text())["username"] == "ada"


async def test_colours_pass_to_a_terminal_unless_unwanted(house: House, tmp_path: Path) -> None:
    async def on_a_terminal(**more: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *["script", "-qec", f"{sys.executable} -m talome doctor", "/dev/null"],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env=environment(tmp_path, TERM="xterm", **more),
        )
        return (await process.communicate())[0]

    assert b"\x1b[32mok" in await on_a_terminal()
    assert b"\x1b" not in await on_a_terminal(NO_COLOR="1")


@pytest.mark.parametrize(
    ("given", "wanted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]
)
def test_no_color_is_honoured(given: dict[str, str], wanted: bool) -> None:
    assert wants_colour(given) is wanted
