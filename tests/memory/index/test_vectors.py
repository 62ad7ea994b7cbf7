"""The index with vectors: meaning, likeness, change of the model half-way, and that models are never mixed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from talome.memory.index.embedding import EMBEDDER
from talome.memory.index.models import Query
from talome.memory.index.vectors import ShelfVectors, packed
from tests.memory.index.ground import HOUSE, TABLE, Ground, note, opened

OTHERS = [note(f"x{number}", f"recipe number {number} with flour and sugar") for number in range(30)]


class Elsewhere:
    """A model behind the gateway, as the index sees one: a vector that tells only how long the text is."""

    def __init__(self, name: str = "length") -> None:
        self.called = name
        self.asked: list[str] = []
        self.there = True

    async def name(self, wanted: str) -> str | None:
        return self.called

    async def embed(self, wanted: str, texts: Sequence[str]) -> list[Sequence[float]] | None:
        self.asked += texts
        return [[len(text), 10.0, 1.0] for text in texts] if self.there else None


async def test_finds_what_was_said_in_other_words(tmp_path: Path) -> None:
    async with opened(tmp_path, TABLE) as ground:
        await ground.put(*OTHERS, note("1", "My hard drive is broken"))
        hit = (await ground.hits("failed disks"))[0]
        assert hit.id == "1"
        assert hit.keyword == 0 < hit.vector
        assert (await ground.hits("flour sugar recipe"))[0].keyword > 0


async def test_likeness(tmp_path: Path) -> None:
    async with opened(tmp_path, TABLE) as ground:
        await ground.put(*OTHERS, note("1", "The NAS has four disks"), note("2", "Grandmother bakes an apple cake"))
        near = await ground.index.similar("house", "", "the nas has four disks", least=0.8, limit=5)
        assert [id for id, _ in near] == ["1"]
        assert await ground.index.similar("u:other", "", "the nas has four disks", least=0.1, limit=5) == []
        pairs = await ground.index.closeness(["2", "1", "x1", "none"])
        assert set(pairs) == {("1", "2"), ("1", "x1"), ("2", "x1")}
        assert pairs["2", "x1"] > pairs["1", "x1"]


async def test_vectors_follow_what_is_replaced_moved_and_removed(tmp_path: Path) -> None:
    async with opened(tmp_path, TABLE) as ground:
        await ground.put(*OTHERS, note("1", "My hard drive is broken"))
        assert (await ground.ids("failed disks"))[0] == "1"
        await ground.put(note("1", "Bananas are yellow"))
        assert [hit.id for hit in await ground.hits("failed disks") if hit.vector > 0.3] == []
        await ground.put(note("1", "My hard drive is broken", active=False))
        assert "1" not in await ground.ids("failed disks", limit=50)
        await ground.put(note("1", "My hard drive is broken"))
        assert (await ground.ids("failed disks"))[0] == "1"
        await ground.remove("1")
        assert "1" not in await ground.ids("failed disks", limit=50)


async def test_the_model_changes_half_way(tmp_path: Path) -> None:
    remote = Elsewhere()
    async with opened(tmp_path, TABLE, remote) as ground:
        await ground.put(*(note(f"a{number}", f"disk number {number} " * (number % 7 + 1)) for number in range(100)))
        before = await ground.hits("broken drives")
        assert before[0].vector > 0
        await ground.settings.update({EMBEDDER: "gateway"}, by="test")
        await ground.growing.settle()
        state = await ground.index.state()
        assert (state.model, state.growing, state.waiting) == (TABLE, "gateway:length", 100)
        assert await ground.growing._grow()
        assert [hit.id for hit in await ground.hits("broken drives")] == [hit.id for hit in before]  # by the old one
        await ground.put(note("late", "disk that came while the new model grew"))
    async with opened(tmp_path, "gateway", remote) as ground:  # a restart goes on where it was
        assert (await ground.index.state()).waiting == 37
        remote.there = False
        assert not await ground.growing._grow()
        assert (await ground.index.state()).model == TABLE
        remote.there = True
        await ground.grow()
        state = await ground.index.state()
        assert (state.model, state.growing, state.waiting) == ("gateway:length", None, 0)
        asked = len(remote.asked)
        assert (await ground.hits("disk late"))[0].vector > 0
        assert remote.asked[asked:] == ["disk late"]
        remote.called = "another"  # what answers now is not what made the vectors: words alone
        assert all(hit.vector == 0 for hit in await ground.hits("disk late"))
        remote.there = False
        await ground.growing.settle()
        assert (await ground.index.state()).model == "gateway:length", "what does not answer for a while is not lost"
        remote.there = True
        await ground.growing.settle()
        await ground.grow()
        assert (await ground.index.state()).model == "gateway:another"
        assert (await ground.hits("disk late"))[0].vector > 0


async def test_without_the_model_words_are_enough(tmp_path: Path) -> None:
    async with opened(tmp_path, TABLE) as ground:
        await ground.put(*OTHERS)
    async with opened(tmp_path, "none") as ground:
        hits = await ground.hits("flour")
        assert hits
        assert all(hit.vector == 0 for hit in hits)
        assert (await ground.index.state()).model is None


async def test_scores_with_vectors_do_not_depend_on_strangers(tmp_path: Path) -> None:
    async with opened(tmp_path, TABLE) as ground:
        await ground.put(
            *(note(f"m{number}", f"disk {number} of the server in room {number % 5}") for number in range(50))
        )
        before = await ground.hits("broken drive of a machine")
        await ground.put(*(note(f"t{number}", f"drive {number} is broken", "u:other") for number in range(50)))
        assert [(hit.id, round(hit.score, 9)) for hit in await ground.hits("broken drive of a machine")] == [
            (hit.id, round(hit.score, 9)) for hit in before
        ]
        query = Query(HOUSE, "broken drive of a machine", 100)
        assert not any(hit.id.startswith("t") for hit in await ground.index.search(query))


@pytest.mark.parametrize("size", [500, 5000])
def test_bits_pick_what_is_closest(size: int) -> None:
    chance = np.random.default_rng(1)
    centres = chance.normal(size=(50, 256))
    rows = (centres[chance.integers(0, 50, size)] + chance.normal(size=(size, 256)) * 0.8).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    vectors = ShelfVectors(256)
    vectors.put([(number, scale, codes) for number, (scale, codes) in enumerate(packed(rows))])
    found = 0
    for wanted in rows[:20]:
        best = set(np.argsort(-(rows @ wanted))[:10].tolist())
        found += len(best & set(vectors.nearest(wanted, 10, None)))
    assert found >= 190
    gone = frozenset(vectors.nearest(rows[0], 5, None))
    vectors.drop(gone)
    assert not gone & set(vectors.nearest(rows[0], 50, None))
    assert set(vectors.nearest(rows[0], 50, frozenset({7, 9}))) <= {7, 9}


async def test_what_a_search_after_a_write_takes_does_not_grow_with_the_shelf(tmp_path: Path) -> None:
    """Steps of SQLite's machine, which are the same on every machine."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    async def after_a_write(ground: Ground, number: int) -> int:
        nonlocal steps
        await ground.put(note(f"late{number}", f"an otter number{number} by the river"))
        steps = 0
        assert (await ground.ids(f"number{number}"))[0] == f"late{number}"
        return steps

    async with opened(tmp_path, TABLE) as ground:
        reader = ground.index._reader
        assert reader is not None
        await ground.put(*(note(f"early{number}", f"a heron of pond{number}") for number in range(20)))
        await ground.ids("pond3")
        reader._db.set_progress_handler(count, 10)
        few = await after_a_write(ground, 1)
        await ground.put(*(note(f"many{number}", f"a quail of field{number}") for number in range(600)))
        await ground.ids("field3")
        assert await after_a_write(ground, 2) <= few + 50
