"""Notes through the routes, as a person, an app and a stranger use them."""

import asyncio
import io

from tests.memory.ground import ADA, Ground
from tests.support.house import House, Person


async def keep(person: Person, content: str, **more: object) -> dict:
    answer = await person.post("/v1/memory/notes", {"content": content, **more})
    assert answer.status == 201, answer.text
    return answer.json


async def found(person: Person, query: str, **more: str) -> list[str]:
    answer = await person.get("/v1/memory/search", params={"query": query, **more})
    assert answer.status == 200, answer.text
    return [note["id"] for note in answer.json["data"]]


async def test_a_note_is_kept_found_changed_forgotten_and_had_back(house: House) -> None:
    ada = house.admin
    note = await keep(
        ada, "The boiler was serviced by Hansen.", kind="fact", tags=["boiler", "boiler"], importance=0.8,
        confidence=0.9, metadata={"year": 2025},
    )  # fmt: skip
    assert (note["status"], note["version"], note["created"], note["deduped"]) == ("active", 1, True, False)
    assert note["tags"] == ["boiler"]
    assert note["workspace_id"] is None
    assert await found(ada, "who serviced the boiler") == [note["id"]]

    path = f"/v1/memory/notes/{note['id']}"
    changed = await ada.call("PATCH", path, {"content": "The boiler was serviced by Petersen."})
    assert (changed.status, changed.json["version"]) == (200, 2)
    assert changed.json["importance"] == 0.8
    assert await found(ada, "Petersen") == [note["id"]]

    gone = await ada.delete(path)
    assert gone.status == 200
    assert gone.json["deleted"] is True
    assert (await ada.get(path)).status == 404
    assert await found(ada, "boiler") == []
    assert (await ada.get("/v1/memory/notes")).json["data"] == []
    trash = (await ada.get("/v1/memory/forgotten")).json["data"]
    assert [(one["id"], one["preview"]) for one in trash] == [(note["id"], "The boiler was serviced by Petersen.")]

    back = await ada.post(f"{path}/restore")
    assert (back.status, back.json["version"], back.json["status"]) == (200, 4, "active")
    assert await found(ada, "boiler") == [note["id"]]

    old = await ada.post(f"{path}/versions/1/restore")
    assert (old.json["content"], old.json["version"]) == ("The boiler was serviced by Hansen.", 5)
    versions = (await ada.get(f"{path}/versions")).json["data"]
    assert [(one["version"], one["action"]) for one in versions] == [
        (5, "restored version 1"), (4, "restored"), (3, "forgotten"), (2, "changed"), (1, "stored"),
    ]  # fmt: skip
    log = (await ada.get(f"{path}/log")).json["data"]
    assert len(log) == 5
    assert "boiler" not in str(log)


async def test_the_record_of_operations_holds_no_text(house: House) -> None:
    await keep(house.admin, "zebra secret thought", title="quagga", metadata={"okapi": "tapir"})
    log = await house.admin.get("/api/audit-log")
    assert "memory_notes.add" in log.text
    assert not any(word in log.text for word in ("zebra", "quagga", "tapir"))


async def test_all_faces_show_the_same_rows(house: House) -> None:
    ada = house.admin
    stored = await ada.post(
        "/v2/memory/store",
        {"id": "project-auth", "content": "We chose OAuth2 with PKCE.", "tags": ["auth"], "importance": "high"},
    )
    assert stored.status == 201
    assert stored.json["ok"] is True
    assert stored.json["id"] == "project-auth"
    assert stored.json["vectorId"].startswith("vec_")
    results = (await ada.post("/v2/memory/search", {"query": "which OAuth2 flow", "minScore": 0.1})).json
    assert [one["id"] for one in results["results"]] == ["project-auth"]
    assert results["total"] == 1
    assert isinstance(results["took"], int)
    assert 0 < results["results"][0]["score"] <= 1
    put = await ada.put("/v2/memory/project-auth", {"content": "We chose OAuth2 with a device code."})
    assert (put.status, put.json["version"], put.json["importance"]) == (200, 2, "high")
    [note] = (await ada.get("/v1/memory/notes", params={"external_source": "chaozcode"})).json["data"]
    assert (note["external_id"], note["content"]) == ("project-auth", "We chose OAuth2 with a device code.")
    [plain] = (await ada.get("/api/memories")).json
    assert (plain["id"], plain["enabled"]) == (note["id"], True)
    off = await ada.put(f"/api/memories/{note['id']}", {"enabled": False})
    assert off.json["enabled"] is False
    assert (await ada.post("/v2/memory/search", {"query": "OAuth2"})).json["results"] == []
    await ada.put(f"/api/memories/{note['id']}", {"enabled": True})
    stats = (await ada.get("/v2/memory/stats")).json
    assert (stats["vectorCount"], stats["status"]) == (1, "healthy")
    assert stats["storageBytes"] == len(note["content"])
    assert stats["avgResponseMs"] > 0
    context = (await ada.post("/v2/memory/context", {"query": "OAuth2", "maxTokens": 500})).json
    assert "device code" in context["context"]
    assert context["tokens"] <= 500
    assert (await ada.delete("/v2/memory/project-auth")).json["ok"] is True
    for path in ("/v2/memory/project-auth", f"/api/memories/{note['id']}", f"/v1/memory/notes/{note['id']}"):
        assert (await ada.get(path)).status == 404


async def test_two_writers_of_one_identity_write_one_note(ground: Ground) -> None:
    wishes = [ground.keep(f"Version {number}", external_source="app", external_id="x") for number in range(8)]
    notes = await asyncio.gather(*wishes)
    assert {note["id"] for note in notes} == {notes[0]["id"]}
    assert sorted(note["version"] for note in notes) == list(range(1, 9))
    assert len((await ground.call(ADA, "memory_notes.list"))["data"]) == 1


REFUSED: list[tuple[dict[str, object], int, str]] = [
    ({"content": "x" * 70_000}, 413, "65536"),
    ({"content": "a\x00b"}, 400, "NUL"),
    ({"content": "   "}, 400, "empty"),
    ({"content": "x", "tags": [str(number) for number in range(51)]}, 400, "tags"),
    ({"content": "x", "importance": 2}, 400, "importance"),
    ({"content": "x", "surprise": 1}, 400, "surprise"),
    ({"content": "x", "metadata": {"a": "y" * 20_000}}, 413, "metadata"),
    ({"content": "x", "valid_to": "2026-01-01T00:00:00"}, 400, "time zone"),
    ({"content": "x", "external_source": "y"}, 400, "external_id"),
    ({"content": "my card is 4111 1111 1111 1111"}, 400, "card number"),
    ({"content": "x", "metadata": {"password": "hunter2"}}, 400, "password"),
]


async def test_what_cannot_be_kept_is_refused_with_a_reason(house: House) -> None:
    for body, status, told in REFUSED:
        answer = await house.admin.post("/v1/memory/notes", body)
        assert answer.status == status, answer.text
        assert told in answer.json["error"]
        assert "hunter2" not in answer.text
        assert "4111" not in answer.text
    large = await house.admin.call(
        "POST",
        "/v1/memory/notes",
        data=io.BytesIO(b'{"content": "' + b"x" * 10_000_000 + b'"}'),
        headers={"Content-Type": "application/json"},
    )
    assert large.status == 413
    assert "1048576" in large.json["error"]
    raw = b'{"content": "half \\ud800 of one"}'
    half = await house.admin.call("POST", "/v1/memory/notes", data=raw, headers={"Content-Type": "application/json"})
    assert half.status == 400
