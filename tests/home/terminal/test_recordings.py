"""Recordings as they are listed, saved and deleted: everybody's own, and whatever lies in the folder besides."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.docker import FakeEngine
from tests.home.terminals import Process, attach, create, make_plain
from tests.support.house import House, open_house

RECORDINGS = "/api/terminal/recordings"
RIGHTS = ["terminal:read", "terminal:write"]


@pytest.fixture
async def quiet(tmp_path: Path) -> Any:
    """A house without the terminal process, which recordings do not need."""
    async with open_house(tmp_path / "home", FakeEngine()) as house:
        yield house


def record(house: House, number: int, **head: Any) -> str:
    folder = house.settings.home / "recordings"
    folder.mkdir(exist_ok=True)
    name = f"20261123-06484{number}-term_{number:024x}.cast"
    (folder / name).write_text(json.dumps({"version": 2, "width": 80, "height": 24, **head}) + '\n[0.1, "o", "hi"]\n')
    return name


async def test_a_recording_that_was_made_is_listed_saved_and_deleted(house: House, process: Process) -> None:
    id = await create(house.admin, record=True)
    screen = await attach(house.admin, id)
    await make_plain(screen)
    await screen.type("echo re''corded\n")
    await screen.shows("recorded")
    await house.admin.post(f"/api/terminal/sessions/{id}/recording", {"on": False})
    [found] = (await house.admin.get(RECORDINGS)).json
    assert found["title"] == "This machine"
    answer = await house.admin.get(f"{RECORDINGS}/{found['name']}")
    assert (answer.status, len(answer.text.encode())) == (200, found["sizeBytes"])
    assert found["name"] in answer.headers["Content-Disposition"]
    head, *events = map(json.loads, answer.text.splitlines())
    assert head["version"] == 2
    assert "recorded" in "".join(text for _, _, text in events)
    assert (await house.admin.delete(f"{RECORDINGS}/{found['name']}")).status == 200
    assert (await house.admin.get(RECORDINGS)).json == []
    assert not list((process.home / "recordings").iterdir())


async def test_everybody_has_their_own_and_an_administrator_all(quiet: House) -> None:
    ben = await quiet.member("ben", RIGHTS)
    his = (await ben.get("/api/auth/me")).json["id"]
    mine = record(quiet, 1, title="web", owner=his)
    older = record(quiet, 2, title="host")
    assert [each["name"] for each in (await ben.get(RECORDINGS)).json] == [mine]
    assert [each["name"] for each in (await quiet.admin.get(RECORDINGS)).json] == [older, mine]
    assert (await ben.get(f"{RECORDINGS}/{mine}")).status == 200
    for answer in (await ben.get(f"{RECORDINGS}/{older}"), await ben.delete(f"{RECORDINGS}/{older}")):
        assert answer.status == 404
    cleo = await quiet.member("cleo", ["terminal:read"])
    assert (await cleo.get(RECORDINGS)).status == (await cleo.get(f"{RECORDINGS}/{mine}")).status == 403
    assert (await quiet.nobody.get(f"{RECORDINGS}/{mine}")).status == 401


async def test_what_else_lies_in_the_folder_is_not_read(quiet: House) -> None:
    good = record(quiet, 1, title=["no text"], owner=5)
    folder = quiet.settings.home / "recordings"
    names = {letter: good.replace("term_0", f"term_{letter}") for letter in "abc"}
    (folder / names["a"]).symlink_to(quiet.settings.home / "secret")
    os.mkfifo(folder / names["b"])
    (folder / names["c"]).write_bytes(b"\xff" * 10_000)
    (folder / "notes.txt").write_text("x")
    found = {each["name"]: each["title"] for each in (await quiet.admin.get(RECORDINGS)).json}
    assert found == {good: good, names["c"]: names["c"]}
    for name in (names["a"], names["b"], "notes.txt", "..%2Fsecret", "%2e%2e%2fsecret", "x" * 300, "a%00b"):
        assert (await quiet.admin.get(f"{RECORDINGS}/{name}")).status in (400, 404), name
        assert (await quiet.admin.delete(f"{RECORDINGS}/{name}")).status in (400, 404), name
    assert (folder / names["a"]).is_symlink()
