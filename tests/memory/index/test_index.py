"""The index finds by words alone: exactness, hostile text, isolation, what is removed, and order."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talome.core.clock import now_ms
from talome.memory.index.models import Change, Link, Query
from tests.memory.index.ground import HOUSE, Ground, note, opened

WORDS = [
    "disk",
    "server",
    "router",
    "backup",
    "printer",
    "garden",
    "recipe",
    "camera",
    "password",
    "light",
    "window",
    "music",
    "photo",
    "letter",
]


async def test_finds_by_stems_accents_tags_and_titles(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        await ground.put(
            note("1", "The backups are running at night"),
            note("2", "Le café est fermé"),
            note("3", "nothing here", title="Boiler manual"),
            note("4", "nothing here either", tags=["plumbing"]),
        )
        assert await ground.ids("backup runs") == ["1"]
        assert await ground.ids("CAFE") == ["2"]
        assert await ground.ids("boiler") == ["3"]
        assert await ground.ids("plumbing") == ["4"]
        assert await ground.ids("zebra") == []
        assert await ground.ids("") == await ground.ids("  \0 ") == []


async def test_identifiers_and_quoted_phrases_are_exact(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        await ground.put(
            note("right", "The camera has 192.168.1.50"),
            note("other", "The printer has 192.168.1.5 and the router 192.168.50.1"),
            note("apart", "The cable is red and the door is blue"),
            note("together", "A red door, and a cable"),
        )
        assert (await ground.ids("192.168.1.50"))[0] == "right"
        assert await ground.ids('"red door"') == ["together"]
        assert await ground.ids('"door red"') == []


@pytest.mark.parametrize(
    "text",
    ['"', '""', "* NEAR( AND OR NOT", "title:disk", "{title body}: x", "a^2 - (", "'; DROP TABLE index_items; --",
     "\ud800 disk", "disk\0\0server", "%s ? :1 @x $y", "“", "﻿disk", "d" * 5000, "disk " * 5000],
)  # fmt: skip
async def test_syntax_is_text(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as ground:
        await ground.put(note("1", "a disk in the server"), note("2", text, title=text, tags=[text]))
        await ground.hits(text)
        async with ground.db.write() as tx:
            await ground.index.name(tx, "house", "e", [text, "x"])
        await ground.hits(f"{text} x")
        assert (await ground.ids("server disk"))[0] in ("1", "2")


async def test_scores_are_absolute_ordered_and_explained(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        await ground.put(
            note("all", "the printer in the garden room is out of paper", created_at_ms=now_ms()),
            note("some", "the printer of the office"),
            *(note(f"x{number}", f"{WORDS[number % 14]} {WORDS[number % 5]}") for number in range(60)),
        )
        found = await ground.index.find(Query(HOUSE, "printer garden room paper", 50))
        scores = [hit.score for hit in found.hits]
        assert found.hits[0].id == "all"
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert found.total == len(found.hits)
        assert "words: printer, garden, room, paper" in found.hits[0].why
        assert found.hits[0].recency > 0.9 > found.hits[1].recency
        least = (scores[0] + scores[-1]) / 2
        fewer = await ground.index.search(Query(HOUSE, "printer garden room paper", 50, min_score=least))
        assert [hit.id for hit in fewer] == [hit.id for hit in found.hits[: len(fewer)]]
        assert 0 < len(fewer) < len(found.hits)


async def test_filters(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        await ground.put(
            note("old", "disk", created_at_ms=1000, tags=["a"], parent="p", seq=0, entities=["e1"]),
            note("new", "disk", created_at_ms=2000, tags=["b", "c"], entities=["e2"]),
            note("held", "disk", active=False),
        )
        search = ground.index.search
        assert {hit.id for hit in await search(Query(HOUSE, "disk"))} == {"old", "new"}
        assert {hit.id for hit in await search(Query(HOUSE, "disk", include_inactive=True))} == {"old", "new", "held"}
        assert [hit.id for hit in await search(Query(HOUSE, "disk", since_ms=1500))] == ["new"]
        assert [hit.id for hit in await search(Query(HOUSE, "disk", until_ms=1500))] == ["old"]
        assert [hit.id for hit in await search(Query(HOUSE, "disk", tags=frozenset({"c", "z"})))] == ["new"]
        assert [hit.id for hit in await search(Query(HOUSE, "disk", parents=frozenset({"p"})))] == ["old"]
        assert [hit.id for hit in await search(Query(HOUSE, "disk", entities=frozenset({"e2"})))] == ["new"]
        assert await search(Query(HOUSE, "disk", kinds=frozenset({"chunk"}))) == []
        assert await search(Query(frozenset(), "disk")) == []


async def test_what_is_beside_and_linked_and_named_counts(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        others = [note(f"x{number}", f"{WORDS[number % 14]} and {WORDS[number % 5]}") for number in range(40)]
        await ground.put(
            note("question", "where did we hide the spare key", parent="talk", seq=1),
            note("answer", "under the blue flowerpot", parent="talk", seq=2),
            note("linked", "call the plumber first"),
            *others,
        )
        assert "answer" in await ground.ids("spare key")
        assert "linked" not in await ground.ids("spare key")
        async with ground.db.write() as tx:
            await ground.index.link(tx, [Link("question", "linked")])
        assert "linked" in await ground.ids("spare key")
        async with ground.db.write() as tx:
            await ground.index.unlink(tx, [("question", "linked")])
        assert "linked" not in await ground.ids("spare key")
        await ground.put(note("ann", "Ann Lee: garden, letter and music"), note("bob", "Bob: garden, letter and music"))
        async with ground.db.write() as tx:
            await ground.index.name(tx, "house", "e1", ["Ann Lee"])
        hit = (await ground.hits("what did Ann Lee say of the garden and music"))[0]
        assert hit.id == "ann"
        assert "names what was asked about" in hit.why


async def test_importance_and_feedback_move_within_bounds(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        await ground.put(note("a", "garden light"), note("b", "garden light"), note("c", "garden light camera"))
        first = {hit.id: hit.score for hit in await ground.hits("garden light camera")}
        async with ground.db.write() as tx:
            assert await ground.index.change(tx, "b", Change(helpful=50))
            assert await ground.index.change(tx, "a", Change(unhelpful=50, importance=0.0))
            assert not await ground.index.change(tx, "none", Change(active=True))
        after = {hit.id: hit.score for hit in await ground.hits("garden light camera")}
        assert after["b"] > first["b"] > after["a"] > first["a"] * 0.8
        assert next(iter(after)) == "c"  # a clear difference of relevance is not overturned


async def test_a_write_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        with pytest.raises(RuntimeError, match="no"):
            async with ground.db.write() as tx:
                await ground.index.put(tx, [note("1", "disk")])
                raise RuntimeError("no")
        assert await ground.ids("disk") == []
        await ground.put(note("1", "disk"))  # the shelf, which went with the transaction, is made again
        assert await ground.ids("disk") == ["1"]


async def test_the_file_agrees_with_itself_after_a_reopening(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        await _at_random(ground, random.Random(5), 60)
        before = await ground.hits("disk server router camera")
    async with opened(tmp_path) as ground:
        after = await ground.hits("disk server router camera")
        assert [(hit.id, round(hit.score, 9)) for hit in after] == [(hit.id, round(hit.score, 9)) for hit in before]
        async with ground.db.write() as tx:
            await ground.index.tidy(tx)
            for row in await tx.fetch_all("SELECT number FROM index_shelves"):
                table = f"index_words_{row['number']}"
                await tx.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")


async def test_random_operations_never_show_what_is_gone(tmp_path: Path) -> None:
    async with opened(tmp_path) as ground:
        await _at_random(ground, random.Random(1), 80)


@pytest.mark.whole  # the long form of the test above
async def test_a_thousand_random_operations(tmp_path: Path) -> None:
    for model in ("none", "wordllama-256"):
        (tmp_path / model).mkdir()
        async with opened(tmp_path / model, model) as ground:
            await _at_random(ground, random.Random(2), 1000)


async def _at_random(ground: Ground, chance: random.Random, many: int) -> None:
    """After each step a search finds exactly what is there, and in the place that it is in."""
    bodies: dict[str, str] = {}
    held: set[str] = set()
    for _ in range(many):
        id = f"n{chance.randrange(40)}"
        action = chance.choice(["put", "put", "remove", "hold", "release"])
        async with ground.db.write() as tx:
            if action == "put":
                bodies[id] = " ".join(chance.choices(WORDS, k=3))
                held.discard(id)
                await ground.index.put(tx, [note(id, bodies[id])])
            elif action == "remove":
                bodies.pop(id, None)
                held.discard(id)
                await ground.index.remove(tx, [id])
            elif id in bodies:
                await ground.index.change(tx, id, Change(active=action == "release"))
                (held.add if action == "hold" else held.discard)(id)
        word = chance.choice(WORDS)
        there = {key for key, body in bodies.items() if word in body.split()}
        by_words = {hit.id for hit in await ground.hits(word, limit=100) if hit.keyword}
        assert by_words == there - held
        every = await ground.index.search(Query(HOUSE, word, 100, include_inactive=True))
        assert {hit.id for hit in every if hit.keyword} == there


STEP = st.tuples(st.sampled_from(["put", "remove", "hold", "name"]), st.integers(0, 5), st.sampled_from(WORDS))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(theirs=st.lists(STEP, max_size=12), asked=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
async def test_nothing_of_a_stranger_is_seen_not_even_in_scores(
    tmp_path_factory: pytest.TempPathFactory, theirs: list[tuple[str, int, str]], asked: list[str]
) -> None:
    async with opened(tmp_path_factory.mktemp("two")) as ground:
        await ground.put(
            *(note(f"m{number}", f"{word} {WORDS[number - 3]}", "u:me") for number, word in enumerate(WORDS)),
            note("shared", "garden letter", "house"),
        )
        spaces = ("u:me", "house")
        before = await ground.hits(" ".join(asked), spaces, 50)
        for action, number, word in theirs:
            id = f"t{number}"
            async with ground.db.write() as tx:
                if action == "put":
                    await ground.index.put(tx, [note(id, f"{word} {' '.join(asked)}", "u:you", parent="p", seq=number)])
                    await ground.index.link(tx, [Link(id, "m1"), Link("shared", id)])
                elif action == "remove":
                    await ground.index.remove(tx, [id])
                elif action == "hold":
                    await ground.index.change(tx, id, Change(active=False))
                else:
                    await ground.index.name(tx, "u:you", f"e{number}", [word])
        after = await ground.hits(" ".join(asked), spaces, 50)
        assert [(hit.id, round(hit.score, 9), hit.why) for hit in after] == [
            (hit.id, round(hit.score, 9), hit.why) for hit in before
        ]
        assert not {hit.id for hit in await ground.hits(" ".join(asked), ["u:you"])} & {hit.id for hit in before}


async def test_what_stands_alone_is_found_by_what_the_best_say_too(tmp_path: Path) -> None:
    """Of two that have the same word of the query, the one that shares words with the best goes before."""
    async with opened(tmp_path) as ground:
        await ground.put(
            note("1", "the heron waits in the reeds of the shallow marsh, a grey heron, patient heron"),
            note("2", "heron and grey reeds, marsh heron"),
            note("3", "a stork, once called heron, nests among reeds at the marsh, grey and shallow there"),
            note("4", "a crane, once called heron, lifts steel at a harbour, yellow and noisy there now"),
            *(note(f"o{number}", f"something else of number{number}") for number in range(12)),
        )
        order = await ground.ids("heron")
        assert order.index("3") < order.index("4")
        assert order[0] in ("1", "2")
