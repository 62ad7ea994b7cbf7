"""Entities, links and events."""

from typing import Any

import pytest

from talome.core.errors import Conflict, Invalid, NotFound
from tests.memory.ground import ADA, Ground


async def entity(ground: Ground, name: str, **more: Any) -> dict[str, Any]:
    return dict(await ground.call(ADA, "memory_entities.add", entity={"type": "device", "name": name, **more}))


async def link(ground: Ground, source: dict[str, Any], target: dict[str, Any], **more: Any) -> dict[str, Any]:
    return dict(await ground.call(ADA, "memory_links.add", link={"source": source, "target": target, **more}))


async def test_an_entity_is_one_whatever_it_is_called(ground: Ground) -> None:
    nas = await entity(ground, "DiskStation", aliases=["NAS"], description="in the cellar")
    again = await entity(ground, "nas", aliases=["the box"])
    assert (again["id"], again["created"]) == (nas["id"], False)
    assert again["aliases"] == ["NAS", "the box"]
    assert (await entity(ground, "NAS", type="place"))["created"] is True
    listed = await ground.call(ADA, "memory_entities.list", query="the b")
    assert [one["id"] for one in listed["data"]] == [nas["id"]]
    changed = await ground.call(ADA, "memory_entities.change", id=nas["id"], change={"name": "Vault", "aliases": []})
    assert (changed["name"], changed["aliases"], changed["description"]) == ("Vault", [], "in the cellar")
    assert (await entity(ground, "NAS"))["created"] is True


async def test_entities_with_an_identity_are_told_apart_by_it(ground: Ground) -> None:
    one = await entity(ground, "Lamp", external_source="ha", external_id="1")
    two = await entity(ground, "Lamp", external_source="ha", external_id="2")
    assert two["created"] is True
    assert (await entity(ground, "Bright lamp", external_source="ha", external_id="1"))["id"] == one["id"]
    with pytest.raises(Conflict):
        await ground.call(ADA, "memory_entities.change", id=two["id"], change={"external_id": "1"})


async def test_pages_of_entities_links_and_events_follow_each_other(ground: Ground) -> None:
    made = [await entity(ground, f"Lamp {number}") for number in range(5)]
    for number in range(4):
        ends = [{"type": "entity", "id": made[one]["id"]} for one in (number, number + 1)]
        await link(ground, ends[0], ends[1])
        await ground.call(ADA, "memory_events.add", event={"type": "seen", "summary": f"Lamp {number}"})
    for name, total in (("memory_entities", 5), ("memory_links", 4), ("memory_events", 4)):
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await ground.call(ADA, f"{name}.list", limit=2, **cursor)
            seen += [one["id"] for one in page["data"]]
            if not page["has_more"]:
                break
            cursor = {"cursor": page["next"]}
        assert len(seen) == len(set(seen)) == total


async def test_links_tie_notes_and_entities_of_one_space(ground: Ground) -> None:
    await ground.workspace("work")
    note = await ground.keep("It hums at night.", external_source="diary", external_id="7")
    other = await ground.keep("The fan was replaced.")
    fan = await entity(ground, "Fan")
    about = await link(
        ground, {"type": "note", "external_source": "diary", "external_id": "7"}, {"type": "entity", "id": fan["id"]}
    )
    assert (about["source_id"], about["relation"]) == (note["id"], "related_to")
    assert (await ground.call(ADA, "memory_notes.get", id=note["id"]))["entities"] == [fan["id"]]
    same = await link(ground, {"type": "note", "id": note["id"]}, {"type": "entity", "id": fan["id"]}, weight=0.5)
    assert (same["id"], same["weight"]) == (about["id"], 0.5)
    await link(ground, {"type": "note", "id": note["id"]}, {"type": "note", "id": other["id"]}, relation="caused_by")
    elsewhere = await entity(ground, "Fan", workspace_id="work")
    with pytest.raises(NotFound):
        await link(ground, {"type": "note", "id": note["id"]}, {"type": "entity", "id": elsewhere["id"]})
    with pytest.raises(Invalid):
        await link(ground, {"type": "note", "id": note["id"]}, {"type": "note", "id": note["id"]})
    with pytest.raises(Invalid):
        await link(ground, {"type": "note"}, {"type": "entity", "id": fan["id"]})
    await ground.call(ADA, "memory_links.delete", id=about["id"])
    assert (await ground.call(ADA, "memory_notes.get", id=note["id"]))["entities"] == []


async def test_links_go_and_come_back_with_their_notes(ground: Ground) -> None:
    one, two = await ground.keep("The owl hoots."), await ground.keep("The mouse hides.")
    made = await link(ground, {"type": "note", "id": one["id"]}, {"type": "note", "id": two["id"]})
    await ground.call(ADA, "memory_notes.forget", id=one["id"])
    assert (await ground.call(ADA, "memory_links.list", node_id=two["id"]))["data"] == []
    await ground.call(ADA, "memory_notes.restore", id=one["id"])
    [back] = (await ground.call(ADA, "memory_links.list", node_id=two["id"]))["data"]
    assert back["id"] == made["id"]


async def test_deleting_an_entity_takes_its_links_and_leaves_the_notes(ground: Ground) -> None:
    note, fan = await ground.keep("It hums."), await entity(ground, "Fan")
    await link(ground, {"type": "note", "id": note["id"]}, {"type": "entity", "id": fan["id"]})
    await ground.call(ADA, "memory_entities.delete", id=fan["id"])
    assert (await ground.call(ADA, "memory_links.list"))["data"] == []
    assert (await ground.call(ADA, "memory_notes.get", id=note["id"]))["entities"] == []


async def test_an_event_of_another_program_is_recorded_once(ground: Ground) -> None:
    wish = {"type": "mission.done", "summary": "It is done.", "external_source": "gwen", "external_id": "e1"}
    first = await ground.call(ADA, "memory_events.add", event={**wish, "mission_id": "m1", "outcome": "success"})
    again = await ground.call(ADA, "memory_events.add", event={**wish, "mission_id": "m1", "outcome": "failure"})
    assert (again["id"], again["occurred_at"], again["outcome"]) == (first["id"], first["occurred_at"], "failure")
    assert len((await ground.call(ADA, "memory_events.list", mission_id="m1"))["data"]) == 1
    assert (await ground.call(ADA, "memory_events.list", type="other"))["data"] == []
    await ground.call(ADA, "memory_events.delete", id=first["id"])
    assert (await ground.call(ADA, "memory_events.list"))["data"] == []
