"""What the memory's search finds on LoCoMo conversations and on the Cranfield collection, judged by their own labels.

A conversation is a space; a turn is a note whose title is its speaker, whose parent is its session, and whose
neighbours are the turns around it; its two speakers are entities. Nothing is set for one data set only.
"""

import json
import math
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from talome.memory.index.models import Item, Query
from tests.memory.index.ground import Ground

BUDGET_TOKENS = 2000


@dataclass
class Question:
    space: str
    text: str
    evidence: frozenset[str]


@dataclass
class Talk:
    """A conversation as it is kept, and what is asked of it."""

    space: str
    speakers: list[str]
    items: list[Item] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def conversations(folder: Path) -> Iterator[Talk]:
    for file in sorted(folder.glob("locomo*.json")):
        for number, sample in enumerate(json.loads(file.read_text())):
            spoken = sample["conversation"]
            talk = Talk(f"w:{file.stem}-{number}", [spoken["speaker_a"], spoken["speaker_b"]])
            sessions = sorted(
                (key for key in spoken if re.fullmatch(r"session_\d+", key)), key=lambda key: int(key[8:])
            )
            for session in sessions:
                for seq, turn in enumerate(spoken[session]):
                    said = turn["text"] + (f" [{turn['blip_caption']}]" if turn.get("blip_caption") else "")
                    id = f"{talk.space}/{turn['dia_id']}"
                    talk.items.append(
                        Item(id, "note", talk.space, said, title=turn["speaker"], parent=session, seq=seq)
                    )
            known = {item.id for item in talk.items}
            for asked in sample["qa"]:
                evidence = frozenset(f"{talk.space}/{id}" for id in asked["evidence"]) & known
                if asked["category"] != 5 and evidence:
                    talk.questions.append(Question(talk.space, asked["question"], evidence))
            yield talk


async def locomo(ground: Ground, folder: Path) -> dict[str, float]:
    questions = []
    for talk in conversations(folder):
        async with ground.db.write() as tx:
            for speaker in talk.speakers:
                await ground.index.name(tx, talk.space, f"{talk.space}:{speaker}", [speaker])
            await ground.index.put(tx, talk.items)
        questions += talk.questions
    await ground.grow()
    sizes = {item.id: len(item.body) / 4 + 12 for talk in conversations(folder) for item in talk.items}
    found = inside = 0.0
    start = time.process_time()
    for question in questions:
        hits = await ground.index.search(Query(frozenset({question.space}), question.text, 200))
        ids = [hit.id for hit in hits]
        found += len(set(ids[:10]) & question.evidence) / len(question.evidence)
        inside += len(set(_within(ids, sizes)) & question.evidence) / len(question.evidence)
    many = max(1, len(questions))
    return {
        "questions": len(questions),
        "recall@10": found / many,
        f"evidence within {BUDGET_TOKENS} tokens": inside / many,
        "CPU ms a search": 1000 * (time.process_time() - start) / many,
    }


def _within(ids: list[str], sizes: dict[str, float]) -> list[str]:
    used, taken = 0.0, []
    for id in ids:
        if used + sizes[id] <= BUDGET_TOKENS:
            used += sizes[id]
            taken.append(id)
    return taken


async def cranfield(ground: Ground, folder: Path) -> dict[str, float]:
    """Gains are graded as the collection grades: 1 is best and counts 4, 4 is least and counts 1."""
    space = "w:cranfield"
    async with ground.db.write() as tx:
        await ground.index.put(tx, list(_documents(folder / "cran.all.1400", space)))
    await ground.grow()
    queries = [text for file in _files(folder, "cran.qry*") for text in _queries(file)]
    judged = _judgements(folder, len(queries))
    graded = binary = 0.0
    for number, text in enumerate(queries, 1):
        hits = await ground.index.search(Query(frozenset({space}), text, 10))
        gains = judged[number]
        graded += _ndcg([hit.id for hit in hits], gains)
        binary += _ndcg([hit.id for hit in hits], dict.fromkeys(gains, 1))
    many = max(1, len(queries))
    return {"queries": len(queries), "nDCG@10": graded / many, "nDCG@10, binary": binary / many}


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def _documents(file: Path, space: str) -> Iterator[Item]:
    for number, record in enumerate(re.split(r"^\.I \d+\n", file.read_text(), flags=re.MULTILINE)[1:], 1):
        parts = re.match(r"\.T\n(.*?)\.A\n.*?\.W\n(.*)", record, re.DOTALL)
        if parts:
            title, body = (part.replace("\n", " ").strip() for part in parts.groups())
            yield Item(f"{space}/{number}", "chunk", space, body, title=title)


def _queries(file: Path) -> list[str]:
    records = re.split(r"^\.I \d+\n", file.read_text(), flags=re.MULTILINE)[1:]
    return [record.split(".W\n")[1].replace("\n", " ").strip() for record in records]


def _judgements(folder: Path, queries: int) -> dict[int, dict[str, float]]:
    """By the position of the query; a file that counts on from an earlier one is brought back to 1."""
    rows = [line.split() for file in _files(folder, "cranqrel*") for line in file.read_text().splitlines()]
    numbers = [int(row[0]) for row in rows if len(row) >= 3]
    shift = min(numbers, default=1) - 1 if max(numbers, default=0) > queries else 0
    judged: dict[int, dict[str, float]] = defaultdict(dict)
    for query, document, grade in (row[:3] for row in rows if len(row) >= 3):
        if int(grade) > 0:
            judged[int(query) - shift][f"w:cranfield/{document}"] = 5.0 - int(grade)
    return judged


def _ndcg(ids: list[str], gains: dict[str, float]) -> float:
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(sorted(gains.values(), reverse=True)[:10]))
    got = sum(gains[id] / math.log2(place + 2) for place, id in enumerate(ids) if id in gains)
    return got / ideal if ideal else 0.0
