"""Several writes as one: all, or nothing."""

from typing import Any

import pytest

from talome.core.errors import NotFound, TalomeError
from tests.memory.ground import ADA, Ground

WISHES: dict[str, Any] = {
    "notes": [
        {"content": "The pump is loud.", "external_source": "gwen", "external_id": "n1"},
        {"content": "The pump was oiled.", "external_source": "gwen", "external_id": "n2"},
    ],
    "entities": [{"type": "device", "name": "pump", "external_source": "gwen", "external_id": "p"}],
    "links": [
        {
            "source": {"type": "note", "external_source": "gwen", "external_id": "n1"},
            "target": {"type": "entity", "external_source": "gwen", "external_id": "p"},
            "relation": "about",
        }
    ],
    "events": [{"type": "heard", "summary": "A noise.", "external_source": "gwen", "external_id": "e1"}],
}


async def test_everything_is_kept_together_and_again_without_a_copy(ground: Ground) -> None:
    first = await ground.call(ADA, "memory_batch.write", **WISHES)
    assert [len(first[name]) for name in ("notes", "entities", "links", "events")] == [2, 1, 1, 1]
    again = await ground.call(ADA, "memory_batch.write", **WISHES)
    assert [one["id"] for one in again["notes"]] == [one["id"] for one in first["notes"]]
    assert all(one["deduped"] and not one["created"] for one in again["notes"])
    assert again["links"][0]["id"] == first["links"][0]["id"]
    assert again["events"][0]["id"] == first["events"][0]["id"]


@pytest.mark.parametrize(
    ("name", "bad", "field"),
    [
        ("notes", {"content": "a\x00b"}, "notes.2.content"),
        ("links", {"source": {"type": "note", "id": "mem_no"}, "target": {"type": "note", "id": "x"}}, "links.1"),
        ("feedback", {"pack_id": "pack_no", "helpful": ["x"]}, "feedback.0"),
    ],
)
async def test_one_that_cannot_be_kept_keeps_all_others_out(
    ground: Ground, name: str, bad: dict[str, Any], field: str
) -> None:
    with pytest.raises(TalomeError) as refused:
        await ground.call(ADA, "memory_batch.write", **{**WISHES, name: [*WISHES.get(name, []), bad]})
    assert refused.value.details["field"].startswith(field)
    for listed in ("memory_notes.list", "memory_entities.list", "memory_links.list", "memory_events.list"):
        assert (await ground.call(ADA, listed))["data"] == []
    assert await ground.found("loud pump") == []


async def test_a_batch_goes_where_it_says(ground: Ground) -> None:
    await ground.workspace("work")
    made = await ground.call(ADA, "memory_batch.write", workspace_id="work", **WISHES)
    assert {one["workspace_id"] for name in ("notes", "entities", "links", "events") for one in made[name]} == {"work"}
    with pytest.raises(NotFound):
        await ground.call(ADA, "memory_batch.write", workspace_id="nowhere", **WISHES)


async def test_feedback_in_a_batch_counts(ground: Ground) -> None:
    note = await ground.keep("The pump is loud.")
    pack = await ground.call(ADA, "context_packs.make", query="loud pump")
    answer = await ground.call(
        ADA, "memory_batch.write", feedback=[{"pack_id": pack["id"], "helpful": [note["id"], "mem_other"]}]
    )
    assert answer["feedback"] == [{"pack_id": pack["id"], "rated": 1, "unknown": ["mem_other"]}]
    assert (await ground.call(ADA, "memory_notes.get", id=note["id"]))["helpful"] == 1
