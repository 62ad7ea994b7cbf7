"""Widgets: declarative, bounded, one's own, and asked with nobody's rights but the viewer's."""

from typing import Any

import pytest
import pytest_asyncio

from talome.home.widgets.service import BUILTINS, MOST_WIDGETS
from tests.fakes.docker import FakeEngine
from tests.support.house import House, Person, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")
STAT: dict[str, Any] = {
    "kind": "stat",
    "title": "Processor",
    "unit": "%",
    "source": {"operation": "system.stats", "path": "/cpu/percent"},
}
LINKS = {"kind": "links", "title": "Links", "links": [{"title": "Router", "url": "http://192.168.1.1/"}]}
TEXT = {"kind": "text", "title": "Note", "text": "The key is under the mat"}
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\u202eevil\u202c مرحبا",
    "👩‍👩‍👧‍👦" * 5,
    "'; DROP TABLE widgets; --",
    "{{7*7}} ${7*7} %s",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory):
    async with open_house(tmp_path_factory.mktemp("widgets"), FakeEngine()) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ben(home: House) -> Person:
    return await home.member("ben", ["jobs:read"])


@pytest_asyncio.fixture(loop_scope="module")
async def person(home: House):
    """The administrator, with a board as on the first day."""
    yield home.admin
    for widget in (await home.admin.get("/api/widgets")).json["widgets"]:
        await home.admin.delete(f"/api/widgets/{widget['id']}")
    await home.admin.put("/api/widgets/layout", {"places": []})


async def made(person: Person, manifest: dict[str, Any]) -> dict[str, Any]:
    answer = await person.post("/api/widgets", {"manifest": manifest})
    assert answer.status == 200, answer.text
    return answer.json


async def refused(person: Person, manifest: dict[str, Any]) -> dict[str, Any]:
    answer = await person.post("/api/widgets", {"manifest": manifest})
    assert answer.status in (400, 403), (manifest, answer.text)
    return answer.json


async def test_a_widget_is_made_changed_and_deleted(person: Person) -> None:
    widget = await made(person, STAT)
    assert (widget["route"], widget["problem"]) == ("/api/system/stats", None)
    assert widget["manifest"]["source"] == {"operation": "system.stats", "arguments": {}, "path": "/cpu/percent"}
    changed = await person.post("/api/widgets", {"manifest": TEXT, "id": widget["id"]})
    assert changed.json["id"] == widget["id"]
    again = await person.put(f"/api/widgets/{widget['id']}", {"manifest": LINKS})
    assert again.json["manifest"]["kind"] == "links"
    board = (await person.get("/api/widgets")).json
    assert [item["id"] for item in board["widgets"]] == [widget["id"]]
    assert board["places"][-1] == {"id": widget["id"], "size": "small", "shown": True}
    assert (await person.delete(f"/api/widgets/{widget['id']}")).status == 200
    assert (await person.delete(f"/api/widgets/{widget['id']}")).status == 404
    assert (await person.get("/api/widgets")).json["widgets"] == []


async def test_what_is_somebody_elses_does_not_exist(person: Person, ben: Person) -> None:
    widget = await made(person, TEXT)
    place = {"id": widget["id"], "size": "small"}
    for answer in (
        await ben.put(f"/api/widgets/{widget['id']}", {"manifest": TEXT}),
        await ben.post("/api/widgets", {"manifest": TEXT, "id": widget["id"]}),
        await ben.delete(f"/api/widgets/{widget['id']}"),
        await ben.put("/api/widgets/layout", {"places": [place]}),
    ):
        assert answer.status == 404, answer.text
    assert (await ben.get("/api/widgets")).json["widgets"] == []
    assert len((await person.get("/api/widgets")).json["widgets"]) == 1


async def test_the_arrangement_is_kept_and_can_be_given_up(person: Person, ben: Person) -> None:
    widget = await made(person, TEXT)
    places = (await person.get("/api/widgets")).json["places"]
    wanted = [{**place, "size": "wide"} for place in reversed(places)]
    wanted[3]["shown"] = False
    board = (await person.put("/api/widgets/layout", {"places": wanted})).json
    assert (board["places"], board["arranged"]) == (wanted, True)
    assert (await person.get("/api/widgets")).json == board
    assert (await ben.get("/api/widgets")).json["arranged"] is False
    await person.delete(f"/api/widgets/{widget['id']}")
    assert (await person.get("/api/widgets")).json["places"] == wanted[1:], "the place of what is gone goes too"
    fewer = (await person.put("/api/widgets/layout", {"places": wanted[1:3]})).json["places"]
    assert {place["id"] for place in fewer} == {place.id for place in BUILTINS}, "no card is lost by being left out"
    assert (await person.put("/api/widgets/layout", {"places": []})).json["arranged"] is False


@pytest.mark.parametrize(
    "places",
    [
        [{"id": "builtin:cpu", "size": "small"}] * 2,
        [{"id": "builtin:nothing", "size": "small"}],
        [{"id": "builtin:cpu", "size": "enormous"}],
        [{"id": "<b>", "size": "small"}],
        [{"id": "builtin:cpu"}],
        [{"id": "builtin:cpu", "size": "small"}] * 101,
    ],
)
async def test_arrangements_that_are_none(person: Person, places: list[Any]) -> None:
    assert (await person.put("/api/widgets/layout", {"places": places})).status in (400, 404)
    assert (await person.get("/api/widgets")).json["arranged"] is False


@pytest.mark.parametrize(
    "operation",
    ["containers.stop", "containers.stream", "containers.logs", "auth.me", "users.list", "keys.list", "audit_log.list",
     "health.get", "widgets.list", "nothing.there", "system_stats", "__class__.x"],
)  # fmt: skip
async def test_only_what_reads_and_is_nobodys_own_can_be_shown(person: Person, operation: str) -> None:
    error = await refused(person, {**STAT, "source": {"operation": operation, "path": ""}})
    assert error["field"].startswith("manifest.")
    options = (await person.get("/api/widgets/options")).json
    assert operation not in {option["operation"] for option in options}


async def test_a_widget_has_the_rights_of_the_one_who_looks(home: House, ben: Person) -> None:
    assert (await refused(ben, STAT))["code"] == "forbidden"
    offered = {option["operation"] for option in (await ben.get("/api/widgets/options")).json}
    assert "jobs.list" in offered
    assert "system.stats" not in offered
    eva = await home.member("eva", ["system:read"])
    await made(eva, STAT)
    users = (await home.admin.get("/api/users")).json
    eva_id = next(user["id"] for user in users if user["username"] == "eva")
    await home.admin.put(f"/api/users/{eva_id}", {"permissions": ["jobs:read"]})
    (widget,) = (await (await home.sign_in("eva", "correct horse battery")).get("/api/widgets")).json["widgets"]
    assert widget["route"] is None
    assert "system:read" in widget["problem"]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,<b>", "//evil.example", "/\\evil.example", "ftp://a/", "http://", "HTTP:x",
     "http://user:pass@host/", "java\nscript:x", "http://a b/", "http://[", "http://host:99999/", "", "x" * 600,
     "vbscript:x", "blob:http://a/", "\u00a0/x", "file:///etc/passwd"],
)  # fmt: skip
async def test_links_lead_to_pages_and_nowhere_else(person: Person, url: str) -> None:
    await refused(person, {**LINKS, "links": [{"title": "x", "url": url}]})


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_are_only_words(person: Person, text: str) -> None:
    widget = await made(person, {**STAT, "title": text, "unit": text[:12]})
    assert widget["manifest"]["title"] == text
    note = await made(person, {"kind": "text", "title": text, "text": text * 3})
    links = {"kind": "links", "title": text, "links": [{"title": text, "url": f"/x?{'a' * 50}"}]}
    link = await made(person, links)
    stored = {item["id"]: item["manifest"] for item in (await person.get("/api/widgets")).json["widgets"]}
    assert (stored[note["id"]]["text"], stored[link["id"]]["links"][0]["title"]) == (text * 3, text)


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "x" * 255},
        {"title": "two\nlines"},
        {"title": "bell\x07"},
        {"title": None},
        {"unit": "x" * 13},
        {"refreshS": 1},
        {"html": "<b>"},
        {"image": "http://evil.example/x.png"},
        {"kind": "script"},
        {"kind": "builtin"},
        {"format": "html"},
        {"source": None},
        {"source": {"operation": "system.stats", "path": "cpu"}},
        {"source": {"operation": "system.stats", "path": "/a" * 11}},
        {"source": {"operation": "system.stats", "path": "/" + "a" * 200}},
        {"source": {"operation": "system.stats", "path": "", "url": "http://evil.example"}},
        {"source": {"operation": "metrics.history", "arguments": {"period": "a century"}}},
        {"source": {"operation": "system.stats", "arguments": {"surprise": 1}}},
        {"source": {"operation": "system.stats", "arguments": {"__proto__x1": 1}}},
        {"source": {"operation": "system.stats", "arguments": {"a": {"deep": 1}}}},
        {"source": {"operation": "containers.get", "arguments": {}}},
    ],
)
async def test_manifests_that_do_not_fit_are_refused(person: Person, change: dict[str, Any]) -> None:
    await refused(person, {**STAT, **change})


async def test_there_is_an_end_to_everything(person: Person) -> None:
    link = {"title": "x", "url": "/"}
    await refused(person, {**LINKS, "links": [link] * 21})
    await refused(person, {**LINKS, "links": []})
    await refused(person, {**TEXT, "text": "x" * 2001})
    await refused(person, {"kind": "list", "title": "x", "source": {"operation": "jobs.list"}, "most": 1000})
    for _ in range(MOST_WIDGETS):
        await made(person, TEXT)
    full = await person.post("/api/widgets", {"manifest": TEXT})
    assert full.status == 409
    board = (await person.get("/api/widgets")).json
    assert (await person.put("/api/widgets/layout", {"places": board["places"]})).status == 200


async def test_all_kinds_are_understood(person: Person) -> None:
    source = {"operation": "metrics.history", "arguments": {"period": "1h"}, "path": "/series/cpu.percent"}
    await made(person, {"kind": "chart", "title": "x", "source": source, "timesPath": "/at"})
    await made(person, {"kind": "gauge", "title": "x", "source": STAT["source"], "minimum": -5.5, "maximum": 5})
    source = {"operation": "containers.list"}
    await made(person, {"kind": "list", "title": "x", "source": source, "labelPath": "/name", "valuePath": "/state"})
    kinds = [item["manifest"]["kind"] for item in (await person.get("/api/widgets")).json["widgets"]]
    assert kinds == ["chart", "gauge", "list"]
