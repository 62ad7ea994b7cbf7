"""The search through the whole of Talome: everything in one box, and nobody sees what is not theirs."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from talome.core.errors import Unavailable
from talome.core.operations import Caller
from talome.home.search import service
from talome.home.search.models import SearchHit, SearchKind
from talome.home.search.service import Search
from talome.home.search.wanted import Wanted
from tests.fakes.docker import FakeEngine
from tests.home.search.searching import put
from tests.support.house import House, Person


async def hits(person: Person, typed: str, more: str = "") -> list[dict[str, Any]]:
    for _ in range(20):
        answer = await person.get(f"/api/search?q={quote(typed)}{more}")
        assert answer.status == 200, answer.text
        if answer.json["silent"] == []:  # else one of them took more than a second, on a machine with much to do
            break
    assert (answer.json["query"], answer.json["silent"]) == (typed, [])
    return list(answer.json["hits"])


async def kinds(person: Person, typed: str, more: str = "") -> list[tuple[str, str]]:
    return [(hit["kind"], hit["title"]) for hit in await hits(person, typed, more)]


async def add_root(house: House, folder: Path, **values: Any) -> None:
    folder.mkdir(exist_ok=True)
    answer = await house.admin.post("/api/files/roots", {"name": folder.name, "folder": str(folder), **values})
    assert answer.status in (200, 201), answer.text


async def indexed(house: House, entries: int) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for _ in range(1000):
        state = (await house.admin.get("/api/search/index")).json
        if state["entries"] == entries and not any(root["walking"] for root in state["roots"]):
            return state
        await asyncio.sleep(0.02)
    raise AssertionError(state)


async def test_containers_settings_files_and_apps_come_in_one_order(
    house: House, fake: FakeEngine, tmp_path: Path
) -> None:
    fake.add_container("terminal")
    fake.add_container("other", labels={"com.docker.compose.project": "terminal"})
    put(tmp_path / "stuff", "Terminal notes/about.txt", "minal.txt", text="How a terminal works")
    await add_root(house, tmp_path / "stuff")
    await indexed(house, 3)
    found = await hits(house.admin, "terminal")
    assert [(it["kind"], it["title"]) for it in found][:2] == [("container", "terminal"), ("folder", "Terminal notes")]
    by_kind = {kind: [it for it in found if it["kind"] == kind] for kind in {it["kind"] for it in found}}
    assert [it["title"] for it in by_kind["container"]] == ["terminal", "other"]
    assert "Close a forgotten terminal after" in [it["title"] for it in by_kind["setting"]]
    assert by_kind["setting"][0]["link"].startswith("/settings#")
    assert by_kind["folder"][0]["link"] == "/files?path=%2Fstuff%2FTerminal%20notes"
    texts = {it["title"]: it for it in by_kind["file"]}
    assert texts["about.txt"]["detail"] == "stuff / Terminal notes"
    assert texts["minal.txt"]["excerpt"] == "How a terminal works"
    assert [it["score"] for it in found if it["kind"] == "file"] == sorted(
        (it["score"] for it in found if it["kind"] == "file"), reverse=True
    )
    assert await kinds(house.admin, "terminal", "&kinds=folder") == [("folder", "Terminal notes")]
    assert len(await hits(house.admin, "terminal", "&limit=1")) == 1
    assert await hits(house.admin, "  ") == []
    assert (await house.admin.get(f"/api/search?q={'x' * 101}")).status == 400
    assert (await house.admin.get("/api/search?q=x&kinds=secrets")).status == 400


async def test_nobody_finds_what_is_not_theirs(house: House, fake: FakeEngine, tmp_path: Path) -> None:
    fake.add_container("wombat-box")
    put(tmp_path / "open", "wombat-open.txt", text="open words")
    put(tmp_path / "closed", "wombat-closed.txt", "other.txt", text="wombat words")
    await add_root(house, tmp_path / "open", everyone="read")
    await add_root(house, tmp_path / "closed", everyone="none")
    await indexed(house, 3)
    ben = await house.member("ben", ["files:read"])
    cleo = await house.member("cleo", ["containers:read"])
    assert await kinds(ben, "wombat") == [("file", "wombat-open.txt")]
    assert await kinds(cleo, "wombat") == [("container", "wombat-box")]
    for typed in ("closed", "words", "wombat-closed", "retention", "terminal"):
        assert not [it for it in await hits(ben, typed) if "open" not in it["title"]], typed
    assert len(await kinds(house.admin, "wombat", "&kinds=file")) == 3
    for person in (ben, cleo):
        assert (await person.get("/api/search/index")).status == 403
        assert (await person.post("/api/search/index/walk")).status == 403
    key = await house.key(["search:read"])
    assert await hits(key, "wombat") == []

    roots = {root["name"]: root["id"] for root in (await house.admin.get("/api/files/roots")).json}
    me = (await ben.get("/api/auth/me")).json["id"]
    body = {"grants": [{"userId": me, "access": "read"}]}
    assert (await house.admin.call("PATCH", f"/api/files/roots/{roots['closed']}", body)).status == 200
    assert len(await kinds(ben, "wombat")) == 3
    assert (await house.admin.call("PATCH", f"/api/files/roots/{roots['open']}", {"everyone": "none"})).status == 200
    assert ("file", "wombat-open.txt") not in await kinds(ben, "wombat")


async def test_a_root_that_goes_is_forgotten_and_the_index_tells_how_it_is(house: House, tmp_path: Path) -> None:
    put(tmp_path / "stuff", "a/b/wombat.txt", text="some text")
    await add_root(house, tmp_path / "stuff")
    state = await indexed(house, 3)
    assert (state["textBytes"], state["full"], state["foldersUnwatched"]) == (9, False, 0)
    [root] = [root for root in state["roots"] if root["name"] == "stuff"]
    assert root["lastWalkAt"]
    assert not root["away"]
    put(tmp_path / "stuff", "a/b/numbat.txt")
    assert (await house.admin.post("/api/search/index/walk")).status == 200
    await indexed(house, 4)
    assert (await house.admin.delete(f"/api/files/roots/{root['id']}")).status == 200
    await indexed(house, 0)
    assert await hits(house.admin, "wombat") == []


async def test_notes_are_found_by_whose_they_are(house: House) -> None:
    note = {"content": "The wombat sleeps in the shed.", "title": "Animals"}
    made = await house.admin.post("/v1/memory/notes", note)
    assert made.status in (200, 201), made.text
    [found] = await hits(house.admin, "wombat", "&kinds=note")
    assert (found["title"], found["excerpt"]) == ("Animals", "The wombat sleeps in the shed.")
    assert found["link"] == f"/memory/notes/{found['id']}"
    ben = await house.member("ben", ["memory:read"])
    assert await hits(ben, "wombat") == []


class Slow:
    """Finds one thing, fails, or takes its time."""

    kinds: frozenset[SearchKind] = frozenset({"note"})
    scope = "memory:read"

    def __init__(self, how: str) -> None:
        self.how = how
        self.asked = 0

    async def find(self, _caller: Caller, wanted: Wanted, _limit: int) -> list[SearchHit]:
        self.asked += 1
        if self.how == "fails":
            raise Unavailable("The notes are away.")
        if self.how == "hangs":
            await asyncio.Event().wait()
        return [SearchHit(kind="note", id="1", title=wanted.text, detail="", link="/notes", score=0.5)]


async def test_a_finder_that_fails_or_hangs_takes_nothing_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_PATIENCE_S", 0.05)
    reader = Caller("u", "ada", "user", frozenset({"memory:read"}))
    for how in ("fails", "hangs"):
        search = Search()
        search.add(Slow(how), finds := Slow("finds"))
        answer = await search.find(reader, "Wombat", None, 10)
        assert [hit.title for hit in answer.hits] == ["wombat"]
        assert answer.silent == ["note"]
    stranger = Caller("u", "ben", "user", frozenset({"files:read"}))
    assert (await search.find(stranger, "Wombat", None, 10)).hits == []
    assert (await search.find(reader, "Wombat", ["file"], 10)).hits == []
    assert finds.asked == 1
