"""Whose memory is whose: owners, workspaces, the household, keys that are bound, and ids of strangers."""

from typing import Any

import pytest

from talome.accounts.workspaces.models import WorkspaceChange
from talome.core.errors import Forbidden, NotFound
from talome.core.operations import Caller
from tests.memory.ground import ADA, BEN, Ground


async def every_face(ground: Ground, caller: Caller, query: str) -> str:
    """Everything that answers with notes, as one text."""
    asked: list[tuple[str, dict[str, Any]]] = [
        ("memory_notes.list", {"limit": 200}),
        ("memory_notes.list", {"limit": 200, "workspace_id": "@all"}),
        ("memory_notes.search", {"query": query, "workspace_id": "@all", "include_history": True}),
        ("memory_notes.forgotten", {"workspace_id": "@all"}),
        ("memory_review.list", {"workspace_id": "@all"}),
        ("memory_entities.list", {"workspace_id": "@all"}),
        ("memory_links.list", {"workspace_id": "@all"}),
        ("memory_events.list", {"workspace_id": "@all"}),
        ("context_packs.make", {"query": query, "workspace_id": "@all"}),
        ("context_packs.context", {"query": query}),
        ("spine.search", {"query": query}),
        ("spine.context", {"query": query}),
        ("spine.stats", {}),
        ("memories.list", {}),
    ]
    return "\n".join([str(await ground.call(caller, name, **arguments)) for name, arguments in asked])


async def fill(ground: Ground, caller: Caller, **more: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    note = await ground.keep("The heron nests by the pond.", caller, **more)
    entity = await ground.call(caller, "memory_entities.add", entity={"type": "bird", "name": "heron", **more})
    link = await ground.call(
        caller,
        "memory_links.add",
        link={"source": {"type": "note", "id": note["id"]}, "target": {"type": "entity", "id": entity["id"]}, **more},
    )
    await ground.call(caller, "memory_events.add", event={"type": "seen", "summary": "A heron was seen.", **more})
    return note, entity, link


async def test_nothing_of_a_stranger_is_seen_or_changed_by_any_face(ground: Ground) -> None:
    await ground.workspace("garden")
    private = await fill(ground, ADA)
    shared = await fill(ground, ADA, workspace_id="garden")
    before = (await ground.call(BEN, "spine.stats"))["storageBytes"]
    assert before == 0
    seen = await every_face(ground, BEN, "where does the heron nest")
    assert "heron nests" not in seen
    assert not any(item["id"] in seen for item in (*private, *shared))
    for note, entity, link in (private, shared):
        for name, arguments in (
            ("memory_notes.get", {"id": note["id"]}),
            ("memory_notes.change", {"id": note["id"], "change": {"content": "mine"}}),
            ("memory_notes.forget", {"id": note["id"]}),
            ("memory_notes.restore", {"id": note["id"]}),
            ("memory_notes.verify", {"id": note["id"]}),
            ("memory_history.versions", {"id": note["id"]}),
            ("memory_history.restore_version", {"id": note["id"], "version": 1}),
            ("memory_history.log", {"id": note["id"]}),
            ("memory_review.approve", {"id": note["id"]}),
            ("spine.get", {"id": note["id"]}),
            ("spine.delete", {"id": note["id"]}),
            ("memories.get", {"id": note["id"]}),
            ("memory_entities.get", {"id": entity["id"]}),
            ("memory_entities.delete", {"id": entity["id"]}),
            ("memory_links.delete", {"id": link["id"]}),
        ):
            with pytest.raises(NotFound):
                await ground.call(BEN, name, **arguments)
    with pytest.raises(NotFound):
        await ground.keep("I come in.", BEN, workspace_id="garden")
    pack = await ground.call(ADA, "context_packs.make", query="heron")
    for name in ("context_packs.get", "context_packs.rate"):
        with pytest.raises(NotFound):
            await ground.call(BEN, name, id=pack["id"])


async def test_what_is_in_a_workspace_is_found_by_naming_it(ground: Ground) -> None:
    await ground.workspace("work")
    inside = await ground.keep("The invoice goes to the tax office.", workspace_id="work")
    own = await ground.keep("The invoice of the dentist is paid.")
    assert inside["workspace_id"] == "work"
    assert await ground.found("invoice") == [own["id"]]
    assert await ground.found("invoice", workspace_id="work") == [inside["id"]]
    assert set(await ground.found("invoice", workspace_id="@all")) == {inside["id"], own["id"]}
    assert (await ground.keep("The invoice goes to the tax office."))["created"], "the same text elsewhere is another"


async def test_a_key_that_is_bound_to_a_workspace_reaches_nothing_else(ground: Ground) -> None:
    space = await ground.workspace("work")
    bound = Caller("usr_ada", "app", "key", frozenset({"memory:*"}), key_id="key_1", workspace=space)
    own = await ground.keep("Ada's own thought about herons.")
    house = await ground.keep("The household keeps herons.", workspace_id="@house")
    made = await ground.keep("The office has a heron.", bound)
    assert made["workspace_id"] == "work"
    assert await ground.found("heron", bound) == [made["id"]]
    for note in (own, house):
        with pytest.raises(NotFound):
            await ground.call(bound, "memory_notes.get", id=note["id"])
    for name in ("@house", "another"):
        with pytest.raises(NotFound):
            await ground.found("heron", bound, workspace_id=name)
    pack = await ground.call(ADA, "context_packs.make", query="heron", workspace_id="@all")
    with pytest.raises(NotFound):
        await ground.call(bound, "context_packs.get", id=pack["id"])


async def test_what_the_household_shares_is_asked_for_by_name(ground: Ground) -> None:
    note = await ground.keep("The rubbish is collected on Tuesdays.", workspace_id="@house")
    assert note["workspace_id"] == "@house"
    assert await ground.found("when is the rubbish collected", BEN) == [note["id"]]
    changed = await ground.call(BEN, "memory_notes.change", id=note["id"], change={"content": "It is on Mondays."})
    assert changed["version"] == 2
    log = await ground.call(ADA, "memory_history.log", id=note["id"])
    assert [entry["actor_id"] for entry in log["data"]] == ["usr_ben", "usr_ada"]


async def test_an_archived_workspace_is_read_and_not_written(ground: Ground) -> None:
    await ground.workspace("old")
    note = await ground.keep("It was long ago.", workspace_id="old")
    await ground.accounts.workspaces.change(ADA, "old", WorkspaceChange(status="archived"))
    assert await ground.found("long ago", workspace_id="old") == [note["id"]]
    with pytest.raises(Forbidden):
        await ground.keep("One more.", workspace_id="old")
    with pytest.raises(Forbidden):
        await ground.call(ADA, "memory_notes.forget", id=note["id"])
