"""Export and import through a whole house: what goes out comes in again, once, and only to whom it belongs."""

import asyncio
import io
import zipfile
from typing import Any

import orjson

from tests.support.house import House, Person

RIGHTS = ["memory:read", "memory:write"]


async def upload(person: Person, data: bytes, name: str, **query: str) -> dict[str, Any]:
    """Import a file, and wait for its end."""
    headers = {"Content-Type": "application/octet-stream"}
    answer = await person.call(
        "POST", "/v1/memory/imports/upload", params={"name": name, **query}, data=data, headers=headers
    )
    return await ended(person, answer)


async def ended(person: Person, answer: Any) -> dict[str, Any]:
    assert answer.status == 202, answer.text
    async with asyncio.timeout(30):
        while True:
            shown = (await person.get(f"/v1/memory/imports/{answer.json['id']}")).json
            if shown["finished_at"] is not None:
                return shown
            await asyncio.sleep(0.05)


async def note(person: Person, content: str, **more: Any) -> str:
    answer = await person.post("/v1/memory/notes", {"content": content, **more})
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


async def fill(person: Person) -> None:
    tea = await note(person, "Ada likes tea.", tags=["food"], importance=0.9, metadata={"cups": 3})
    assert (await person.call("PATCH", f"/v1/memory/notes/{tea}", {"content": "Ada likes green tea."})).status == 200
    key = await note(person, "The spare key is at number 12.", title="Spare key", external_source="x", external_id="7")
    gone = await note(person, "A secret wish of mine.")
    await person.delete(f"/v1/memory/notes/{gone}")
    ada = (await person.post("/v1/memory/entities", {"type": "person", "name": "Ada", "aliases": ["A."]})).json["id"]
    for source, target in ((tea, ada), (key, ada)):
        ends = {"source": {"type": "note", "id": source}, "target": {"type": "entity", "id": ada}}
        assert (await person.post("/v1/memory/links", {**ends, "relation": "about"})).status == 201, target
    await person.post("/v1/memory/events", {"type": "moved", "summary": "Ada moved in.", "external_id": "e1"})


async def contents(person: Person) -> set[str]:
    return {each["content"] for each in (await person.get("/v1/memory/notes")).json["data"]}


async def test_what_goes_out_comes_in_again_and_only_once(house: House) -> None:
    await fill(house.admin)
    lines = await house.admin.get("/v1/memory/export")
    assert lines.headers["Content-Disposition"].startswith('attachment; filename="talome-memory-')
    records = [orjson.loads(line) for line in lines.text.splitlines()]
    kinds = [each["record"] for each in records]
    assert kinds.count("note") == 2
    assert kinds.count("note_version") == 2
    assert (kinds.count("entity"), kinds.count("link"), kinds.count("event")) == (1, 2, 1)
    assert "secret wish" not in lines.text

    ben = await house.member(permissions=RIGHTS)
    assert await contents(ben) == set()
    first = await upload(ben, lines.text.encode(), "all.jsonl")
    assert (first["state"], first["added"], first["left_out"]) == ("done", 6, 0), first
    assert await contents(ben) == {"Ada likes green tea.", "The spare key is at number 12."}
    (tea,) = (await ben.get("/v1/memory/search?query=green tea&limit=1")).json["data"]
    assert (tea["tags"], tea["importance"], tea["metadata"], tea["origin"]) == (["food"], 0.9, {"cups": 3}, "import")
    assert len((await ben.get(f"/v1/memory/links?node_id={tea['id']}")).json["data"]) == 1

    again = await upload(ben, lines.text.encode(), "all.jsonl")
    assert (again["state"], again["added"], again["changed"], again["left_out"]) == ("done", 0, 0, 0), again
    assert len((await ben.get("/v1/memory/notes")).json["data"]) == 2
    home = await upload(house.admin, lines.text.encode(), "all.jsonl")
    assert (home["state"], home["changed"]) == ("done", 0)
    assert len((await house.admin.get("/v1/memory/notes")).json["data"]) == 2

    async with house.nobody.http.get(
        f"{house.base}/v1/memory/export?format=markdown", headers={"Authorization": f"Bearer {house.admin.token}"}
    ) as response:
        archive = await response.read()
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = set(opened.namelist())
        assert names == {"Mine/Spare key.md", "Mine/Ada likes green tea.md", "Mine/Entities/Ada.md"}
        assert "- about [[Ada]]" in opened.read("Mine/Spare key.md").decode()
    same = await upload(ben, archive, "notes.zip")
    assert (same["state"], same["added"], same["changed"], same["left_out"]) == ("done", 0, 0, 0), same
    assert len((await ben.get("/v1/memory/notes")).json["data"]) == 2

    assert (await ben.get(f"/v1/memory/imports/{home['id']}")).status == 404
    assert len((await ben.get("/v1/memory/imports")).json["data"]) == 3
    assert list((house.settings.home / "memory" / "imports").iterdir()) == []


async def test_what_does_not_fit_is_told_and_nothing_goes_where_it_may_not(house: House) -> None:
    notes = [
        {"record": "note", "id": "1", "content": "fine"},
        {"record": "note", "id": "2", "content": "password: hunter2hunter2"},
        {"record": "note", "id": "3", "content": "elsewhere", "workspace_id": "of-somebody-else"},
        {"record": "note", "id": "4", "content": ["no", "text"]},
        {"record": "note", "id": "5", "content": "x" * 70_000},
        {"record": "note", "id": "6", "content": "was refused", "status": "rejected"},
        {"record": "link", "source_type": "note", "source_id": "1", "target_type": "note", "target_id": "9"},
    ]
    data = b"\n".join(orjson.dumps(each) for each in notes)
    told = await upload(house.admin, data, "mixed.jsonl")
    assert (told["state"], told["added"], told["left_out"]) == ("done", 1, 6), told
    reasons = {each["place"]: each["reason"] for each in told["problems"]}
    assert "a password" in reasons["note 2"]
    assert "hunter2" not in str(told)
    assert reasons["note 3"] == "Workspace not found."
    assert reasons["link"] == "Its target is not in this file."

    refused = await upload(house.admin, b"\x7fELF", "virus.md.exe")
    assert refused["state"] == "failed"
    assert refused["problem"].startswith("Talome does not know this file.")

    reader = await house.member("eve", permissions=["memory:read"])
    headers = {"Content-Type": "application/octet-stream"}
    assert (await reader.call("POST", "/v1/memory/imports/upload", data=b"x", headers=headers)).status == 403
    assert (await house.nobody.get("/v1/memory/export")).status == 401
    assert (await house.admin.get("/v1/memory/export?workspace_id=of-somebody-else")).status == 404
    assert (await house.admin.post("/v1/memory/imports", {"upload": "../../secret"})).status == 404
    assert (await house.admin.post("/v1/memory/imports", {})).status == 400
    text = await house.admin.post("/v1/memory/imports", {"content": "A note in Markdown. #kept", "name": "one.md"})
    assert (await ended(house.admin, text))["added"] == 1
