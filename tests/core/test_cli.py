"""The command line against a running server."""

import asyncio
import io
import json
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from talome.core.cli import prompts
from talome.core.cli.main import CommandLine, OwnCommand
from talome.core.cli.render import Output
from tests.core.lamp_house import House, running_house


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Awaitable[Ended]]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running_house() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("TALOME_URL", raising=False)
    monkeypatch.delenv("TALOME_TOKEN", raising=False)
    return tmp_path


@pytest.fixture
def run(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TALOME_URL", house.url)
    monkeypatch.setenv("TALOME_TOKEN", "all")

    async def run(*arguments: str, stdin: str = "") -> Ended:
        return await command(*arguments, stdin=stdin, monkeypatch=monkeypatch)

    return run


async def command(*arguments: str, monkeypatch: pytest.MonkeyPatch, stdin: str = "") -> Ended:
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    output = Output(io.StringIO(), io.StringIO())
    own = {"fail": OwnCommand("Fail.", _fail)}
    code = await asyncio.to_thread(CommandLine("tests.core", own).run, arguments, output)
    return Ended(code, output.out.getvalue(), output.err.getvalue())  # type: ignore[attr-defined]


def _fail(arguments: object, output: Output) -> int:
    raise KeyboardInterrupt


async def test_shows_a_list_as_a_table(run: Run) -> None:
    ended = await run("lamps", "list")
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[0].split() == ["NAME", "IS", "LIT", "WATTS", "SIZE", "SEEN", "AT", "ROOMS"]
    assert lines[1].startswith("hall  yes       4.5  3.5 MB")
    assert "study, den" in lines[2]


async def test_shows_one_thing_in_lines(run: Run) -> None:
    ended = await run("lamps", "show", "hall")
    assert "Name     hall" in ended.out
    assert "Is lit   yes" in ended.out


async def test_json_is_the_servers(run: Run) -> None:
    before, behind = await run("--json", "lamps", "list"), await run("lamps", "list", "--json")
    assert before == behind
    assert [lamp["name"] for lamp in json.loads(before.out)] == ["hall", "desk"]


async def test_flags_become_a_query(run: Run) -> None:
    found = await run("lamps", "list", "--no-lit", "--json")
    assert [lamp["name"] for lamp in json.loads(found.out)] == ["desk"]
    found = await run("lamps", "list", "--room", "den", "--room", "hall", "--limit", "1", "--json")
    assert [lamp["name"] for lamp in json.loads(found.out)] == ["hall"]


async def test_flags_become_a_body(run: Run) -> None:
    ended = await run(
        "lamps", "dim", "hall", "--percent", "5", "--mood=cold", "--steps=2", "--slowly", "--tags=a", "--json"
    )
    sent = {"name": "hall", "percent": 5, "mood": "cold", "steps": 2, "slowly": True, "tags": ["a"]}
    assert json.loads(ended.out) == sent


async def test_pairs_become_a_free_map(run: Run) -> None:
    ended = await run("lamps", "prefer", "theme=dark", "port=80", 'pin="1234"', "on=true", "a=b=c", "--json")
    assert json.loads(ended.out) == {"theme": "dark", "port": 80, "pin": "1234", "on": True, "a": "b=c"}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        (["--command", "ls -l"], "ls -l"),
        (["--command", "ls", "--command=-l"], ["ls", "-l"]),
        (["--", "ls", "-l"], ["ls", "-l"]),
        (["--", "ls"], ["ls"]),
    ],
)
async def test_a_list_may_stand_behind_two_dashes(run: Run, typed: list[str], sent: object) -> None:
    ended = await run("lamps", "send", "hall", *typed, "--json") if typed[0] != "--" else None
    ended = ended or await run("--json", "lamps", "send", "hall", *typed)
    assert json.loads(ended.out) == {"command": sent}


async def test_a_path_value_cannot_leave_its_place(run: Run, house: House) -> None:
    assert (await run("lamps", "show", "../lamps")).code == 4
    assert (await run("lamps", "show", "hall?x=1#y")).code == 4
    assert (await run("lamps", "show", "..")).code == 2


async def test_says_done(run: Run, house: House) -> None:
    assert await run("lamps", "remove", "hall") == (0, "Done.\n", "")
    assert "hall" not in house.api.lamps


async def test_verbs_and_features_may_be_written_with_underscores(run: Run) -> None:
    assert (await run("lamps", "break", "x")).code == 1
    assert "no verb “fly”" in (await run("lamps", "fly")).err


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["lamps", "show", "moon"], 4, "There is no such lamp."),
        (["lamps", "dim", "hall", "--percent", "500"], 1, "percent"),
        (["lamps", "dim", "hall", "--percent", "x"], 2, "invalid int value"),
        (["lamps", "dim", "hall"], 2, "--percent"),
        (["lamps", "dim", "hall", "--mood", "odd", "--percent", "1"], 2, "invalid choice"),
        (["lamps", "prefer", "novalue"], 2, "is not KEY=VALUE"),
        (["lamps", "list", "--fly"], 2, "--fly"),
        (["moons"], 2, "no command “moons”"),
        (["--fly"], 2, "no flag “--fly”"),
        (["--url", "ftp://x", "lamps", "list"], 2, "is not an address"),
        (["--url", "http://127.0.0.1:99999", "lamps", "list"], 2, "port"),
    ],
)
async def test_failures_are_one_sentence_and_a_code(run: Run, arguments: list[str], code: int, sentence: str) -> None:
    ended = await run(*arguments)
    assert (ended.code, ended.out) == (code, "")
    assert sentence in ended.err
    assert ended.err.startswith("talome: ")
    assert ended.err.count("\n") == 1


async def test_failures_as_json(run: Run) -> None:
    ended = await run("--json", "lamps", "show", "moon")
    assert json.loads(ended.err)["code"] == "not_found"
    assert "requestId" in json.loads(ended.err)
    assert json.loads((await run("--json", "moons")).err)["code"] == "usage"


async def test_without_rights(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALOME_TOKEN", "other")
    ended = await run("lamps", "list")
    assert ended.code == 3
    assert "talome login" in ended.err
    monkeypatch.setenv("TALOME_TOKEN", "reader")
    assert (await run("lamps", "dim", "hall", "--percent", "1")).code == 3
    monkeypatch.setenv("TALOME_TOKEN", "ab\ncd")
    assert (await run("lamps", "list")).code == 2


async def test_nobody_answers(run: Run, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    ended = await run("--url", f"http://127.0.0.1:{unused_tcp_port}", "lamps", "list")
    assert ended.code == 69
    assert "No Talome server answers at http://127.0.0.1" in ended.err


async def test_something_else_answers(run: Run) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<html")
        writer.close()

    server = await asyncio.start_server(page, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ended = await run("--url", url, "lamps", "list")
    assert (ended.code, "not a Talome server" in ended.err) == (1, True)


async def test_a_log_is_printed_as_it_is(run: Run) -> None:
    ended = await run("lamps", "logs", "hall")
    assert ended == (0, "on\n", "\\x1b]0;x\\x07off\n")


async def test_a_followed_log_ends_with_its_stream(run: Run, house: House) -> None:
    asyncio.get_running_loop().call_later(0.3, house.api.go_on.set)
    ended = await run("lamps", "logs", "hall", "--follow")
    assert ended == (0, "on\n", "\\x1b]0;x\\x07off\n")
    lamps = await run("lamps", "stream", "--json")
    assert [json.loads(line)["name"] for line in lamps.out.splitlines()] == ["hall", "desk"]
    assert "name=hall  isLit=yes" in (await run("lamps", "stream")).out


async def test_a_secret_comes_from_stdin_or_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = await run("lamps", "lock", "hall", "--password", "-", "--json", stdin="open sesame\n")
    assert json.loads(piped.out) == {"locked": "hall"}
    nobody = await run("lamps", "lock", "hall")
    assert nobody.code == 2
    assert "Password is missing" in nobody.err
    monkeypatch.setattr(prompts, "read_secret", lambda label: "open sesame" if label == "Password" else "")
    assert (await run("lamps", "lock", "hall")).code == 0
    assert (await run("lamps", "lock", "hall", "--password")).code == 0
    wrong = await run("lamps", "lock", "hall", "--password", "-", stdin="nonsense")
    assert (wrong.code, wrong.err) == (1, "talome: That is not the password.\n")


async def test_interrupted(run: Run) -> None:
    assert (await run("fail")).code == 130


async def test_help(run: Run) -> None:
    top = await run("--help")
    assert top.code == 0
    assert top == await run()
    assert "fail" in top.out
    assert "lamps" in top.out
    assert "List the lamps." in (await run("lamps")).out
    assert (await run("lamps", "--help")).out == (await run("lamps")).out


async def test_login_keeps_the_token_for_its_server_alone(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(*arguments: str, stdin: str = "") -> Ended:
        return await command(*arguments, stdin=stdin, monkeypatch=monkeypatch)

    ended = await run("--url", house.url, "login", "--username", "ada", "--password-stdin", stdin="open sesame\n")
    assert ended.code == 0, ended.err
    assert "open sesame" not in ended.out
    kept = folder / "talome" / "login.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text()) == {"url": house.url, "token": "all", "kind": "session", "username": "ada"}
    assert (await run("lamps", "list")).code == 0
    async with running_house() as other:
        assert (await run("--url", other.url, "lamps", "list")).code == 3
    kept.chmod(0o644)
    assert "chmod 600" in (await run("lamps", "list")).err
    kept.chmod(0o600)
    assert (await run("logout")).out == "Done.\n"
    assert not kept.exists()
    assert ("door.logout", "key", None) in house.guard.recorded
    assert "not signed in" in (await run("logout")).err


async def test_login_with_a_wrong_password_keeps_nothing(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = await command(
        "login",
        "--url",
        house.url,
        "--username",
        "ada",
        "--password-stdin",
        stdin="no\n",
        monkeypatch=monkeypatch,
    )
    assert ended.code == 3
    assert not list(folder.rglob("*.json"))


async def test_an_api_key_is_kept_and_only_forgotten(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await command("login", "--url", house.url, "--token-stdin", stdin="odd\n", monkeypatch=monkeypatch)
    assert bad.code == 3
    good = await command("login", "--url", house.url, "--token-stdin", stdin="reader\n", monkeypatch=monkeypatch)
    assert good.code == 0, good.err
    assert (await command("lamps", "list", monkeypatch=monkeypatch)).code == 0
    assert (await command("logout", monkeypatch=monkeypatch)).code == 0
    assert not [entry for entry in house.guard.recorded if entry[0] == "door.logout"]
