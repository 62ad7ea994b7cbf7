"""The life of notes: a crash loses nothing that was acknowledged, what is forgotten stays away, and an end is one."""

import asyncio
import random
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from talome.core.clock import now, to_ms
from talome.core.errors import NotFound
from tests.memory.ground import ADA, BEN, Ground, open_ground

ROOT = Path(__file__).parents[3]


async def lines(process: asyncio.subprocess.Process, count: int) -> AsyncIterator[list[str]]:
    """What the child acknowledged until it was killed, which is after `count` lines."""
    assert process.stdout is not None
    number = 0
    while line := await process.stdout.readline():
        number += 1
        if number == count:
            process.kill()
        if line.endswith(b"\n"):
            yield line.decode().split()


async def crash(home: Path, round_number: int, after: int) -> dict[str, tuple[str, str]]:
    """The state of each note that was acknowledged: `kept`, `changed` or `forgotten`, and its word."""
    with (home.parent / "stderr").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.memory.vault.writer", str(home), str(round_number),
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=errors,
        )  # fmt: skip
    known = {line[1]: (line[0], line[2]) async for line in lines(process, after)}
    assert await process.wait() == -9, (home.parent / "stderr").read_text()[-3000:]
    return known


async def check(ground: Ground, known: dict[str, tuple[str, str]]) -> None:
    """What was told is so, in the notes, in the search and in the versions."""
    for note_id, (state, word) in known.items():
        if state == "forgotten":
            with pytest.raises(NotFound):
                await ground.call(ADA, "memory_notes.get", id=note_id)
            assert note_id not in await ground.found(word)
            continue
        note = await ground.call(ADA, "memory_notes.get", id=note_id)
        versions = await ground.call(ADA, "memory_history.versions", id=note_id)
        assert [one["version"] for one in versions["data"]] == list(range(note["version"], 0, -1))
        assert versions["data"][0]["content"] == note["content"]
        assert state == "kept" or note["content"] == f"The {word} flew."
        assert (await ground.found(word))[0] == note_id


async def crashes(home: Path, rounds: int) -> None:
    known: dict[str, tuple[str, str]] = {}
    for number in range(rounds):
        known |= await crash(home, number, after=8 + number * 5 % 17)
    async with open_ground(home) as ground:
        await check(ground, known)
    with closing(sqlite3.connect(home / "memory.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_crash_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await crashes(tmp_path / "home", 1)


@pytest.mark.whole  # some seconds for each of the rounds
@pytest.mark.timeout(600)
async def test_many_crashes_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await crashes(tmp_path / "home", 20)


async def everywhere(ground: Ground, word: str) -> str:
    """Every face, as text."""
    asked = [
        await ground.call(ADA, "memory_notes.list", limit=200),
        await ground.call(ADA, "memory_notes.search", query=word, include_history=True, limit=100),
        await ground.call(ADA, "memory_review.list"),
        await ground.call(ADA, "memory_links.list", limit=200),
        await ground.call(ADA, "context_packs.make", query=word, max_tokens=8000),
        await ground.call(ADA, "spine.search", query=word, limit=100),
        await ground.call(ADA, "spine.context", query=word),
        await ground.call(ADA, "memories.list"),
    ]
    return str(asked)


async def random_operations(ground: Ground, count: int, seed: int) -> None:
    """Notes come, change, go and come back in any order; what is away is nowhere, and what is there is found."""
    chance = random.Random(seed)
    alive: dict[str, str] = {}
    away: dict[str, str] = {}
    for number in range(count):
        what = chance.random()
        if what < 0.45 or not alive:
            word = f"quail{seed}n{number}"
            note = await ground.keep(f"The {word} sat on a fence.", tags=chance.sample(["a", "b", "c"], 2))
            alive[note["id"]] = word
        elif what < 0.6:
            note_id = chance.choice(list(alive))
            word = f"stork{seed}n{number}"
            await ground.call(ADA, "memory_notes.change", id=note_id, change={"content": f"A {word} came by."})
            alive[note_id] = word
        elif what < 0.85 or not away:
            note_id = chance.choice(list(alive))
            word = alive.pop(note_id)
            name = chance.choice(["memory_notes.forget", "spine.delete", "memories.delete"])
            await ground.call(ADA, name, id=note_id)
            away[note_id] = word
            assert note_id not in await everywhere(ground, word), f"after {name}"
        else:
            note_id = chance.choice(list(away))
            alive[note_id] = away.pop(note_id)
            await ground.call(ADA, "memory_notes.restore", id=note_id)
            assert (await ground.found(alive[note_id]))[0] == note_id
    seen = await everywhere(ground, "fence")
    assert not [note_id for note_id in away if note_id in seen]
    for note_id, word in alive.items():
        assert (await ground.found(word))[0] == note_id


async def test_what_is_forgotten_comes_back_from_nowhere(ground: Ground) -> None:
    await random_operations(ground, 30, seed=1)


@pytest.mark.whole  # a minute of operations
@pytest.mark.timeout(600)
async def test_what_is_forgotten_comes_back_from_nowhere_in_a_thousand_operations(ground: Ground) -> None:
    await random_operations(ground, 1000, seed=2)


async def test_after_thirty_days_nothing_is_left_but_that_it_was(ground: Ground, tmp_path: Path) -> None:
    note = await ground.keep("The zorilla digs.", title="Zorilla", metadata={"zorilla": 1})
    other = await ground.keep("The mole digs.")
    ends = [{"type": "note", "id": note["id"]}, {"type": "note", "id": other["id"]}]
    await ground.call(ADA, "memory_links.add", link={"source": ends[0], "target": ends[1]})
    pack = await ground.call(ADA, "context_packs.make", query="zorilla")
    await ground.call(ADA, "context_packs.rate", id=pack["id"], helpful=[note["id"]])
    await ground.call(ADA, "memory_notes.forget", id=note["id"])
    assert await ground.memory.purge.run() == 0, "it can be had back for thirty days"
    db = ground.memory.vault._store.db
    async with db.write() as tx:
        await tx.execute("UPDATE notes SET purge_at = 1 WHERE deleted_at IS NOT NULL")
    assert await ground.memory.purge.run() == 1
    assert (await ground.call(ADA, "memory_notes.forgotten"))["data"] == []
    with pytest.raises(NotFound):
        await ground.call(ADA, "memory_notes.restore", id=note["id"])
    log = await ground.call(ADA, "memory_history.log", id=note["id"])
    assert [entry["action"] for entry in log["data"]] == ["purged", "forgotten", "stored"]
    assert (await ground.call(ADA, "memory_links.list"))["data"] == []
    assert await ground.found("digs") == [other["id"]]
    for file in (tmp_path / "home").glob("memory.db*"):
        assert b"zorilla" not in file.read_bytes().lower(), file.name


async def test_what_was_valid_until_now_is_history(ground: Ground) -> None:
    note = await ground.keep("The guest room is taken.", valid_to=(now() + timedelta(hours=1)).isoformat())
    assert await ground.found("guest room") == [note["id"]]
    db = ground.memory.vault._store.db
    async with db.write() as tx:
        await tx.execute("UPDATE notes SET valid_to = ?", (to_ms(now()) - 1,))
    assert await ground.found("guest room") == [], "before anything ran"
    await ground.memory.purge.run()
    assert await ground.found("guest room", include_history=True) == [note["id"]]
    shown = await ground.call(ADA, "memory_notes.get", id=note["id"])
    assert shown["status"] == "superseded"


async def test_versions_are_never_changed(ground: Ground) -> None:
    await ground.keep("The first word.")
    db = ground.memory.vault._store.db
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        async with db.write() as tx:
            await tx.execute("UPDATE note_versions SET snapshot = '{}'")


async def test_what_people_leave_behind_goes_a_month_after_them(ground: Ground) -> None:
    mine = await ground.keep("The owl is mine.")
    theirs = await ground.keep("The owl is Ben's.", BEN)
    await ground.keep("The owl is everybody's.", BEN, workspace_id="@house")
    await ground.call(BEN, "memory_entities.add", entity={"type": "bird", "name": "owl"})
    await ground.accounts.users.delete(BEN.user_id, by=ADA.user_id)
    db = ground.memory.vault._store.db
    assert await ground.memory.purge.run() == 0
    async with db.write() as tx:
        await tx.execute("UPDATE left_spaces SET since = 1")
    assert await ground.memory.purge.run() == 1
    assert (await ground.call(BEN, "memory_entities.list"))["data"] == []
    with pytest.raises(NotFound):
        await ground.call(BEN, "memory_notes.get", id=theirs["id"])
    assert len(await ground.found("owl")) == 2
    assert (await ground.call(ADA, "memory_notes.get", id=mine["id"]))["status"] == "active"


async def test_of_a_note_that_changes_all_the_time_the_last_hundred_versions_are_kept(ground: Ground) -> None:
    note = await ground.keep("The meter shows 0.")
    store = ground.memory.vault._store
    async with store.db.write() as tx:
        for _ in range(104):
            await tx.execute("UPDATE notes SET version = version + 1 WHERE id = ?", (note["id"],))
    rows = await store.db.fetch_all("SELECT version FROM note_versions ORDER BY version")
    assert [row["version"] for row in rows] == list(range(6, 106))
