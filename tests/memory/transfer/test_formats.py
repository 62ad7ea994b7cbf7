"""What an import understands: Talome's own lines, Markdown of Obsidian and basic-memory, and mem0's files."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from talome.core.errors import Invalid
from talome.engines.child import run_module
from talome.memory.transfer.formats import markdown
from talome.memory.transfer.formats.lines import LONGEST_LINE_BYTES, Unreadable
from talome.memory.transfer.read_process import read

BASIC_MEMORY = """---
title: Coffee Brewing
type: note
permalink: kitchen/coffee
tags:
- coffee
- 'two words'
---

# Coffee Brewing

- [method] Pour over is best at 92 degrees #brewing
- relates_to [[Tea]]
"""


def read_all(tmp_path: Path, data: bytes, name: str) -> list[dict[str, Any]]:
    file = tmp_path / "given"
    file.write_bytes(data)
    return [dict(line) for line in read(file, tmp_path / "folder", name)]


def zipped(tmp_path: Path, **files: str) -> bytes:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path.read_bytes()


def test_a_folder_of_basic_memory_keeps_tags_identity_and_links(tmp_path: Path) -> None:
    files = {
        "kitchen/Coffee.md": BASIC_MEMORY,
        "kitchen/Tea.md": "Green tea at 80 degrees, see [[Coffee Brewing|coffee]] and [[Nowhere]]. #tea",
        ".obsidian/app.md": "no note",
        "empty.md": "---\ntitle: nothing\n---\n",
        "picture.png": "no text",
    }
    lines = read_all(tmp_path, zipped(tmp_path, **files), "vault.zip")
    notes = {line["id"]: line for line in lines if line["record"] == "note"}
    coffee, tea = notes["kitchen/Coffee.md"], notes["kitchen/Tea.md"]
    assert (coffee["title"], coffee["tags"]) == ("Coffee Brewing", ["coffee", "two words", "brewing"])
    assert (coffee["external_source"], coffee["external_id"]) == ("basic-memory", "kitchen/coffee")
    assert (tea["external_source"], tea["external_id"], tea["tags"]) == ("markdown", "kitchen/Tea.md", ["tea"])
    links = {(line["source_id"], line["relation"], line["target_id"]) for line in lines if line["record"] == "link"}
    assert links == {
        ("kitchen/Coffee.md", "relates_to", "kitchen/Tea.md"),
        ("kitchen/Tea.md", "links_to", "kitchen/Coffee.md"),
    }
    assert [line["path"] for line in lines if line["record"] == "problem"] == ["empty.md"]


@pytest.mark.parametrize(
    "content", ["One line", "Two\n\nparts: with --- and [[brackets]]", "ends with\n\n## Links\n\nno"]
)
def test_what_is_written_as_markdown_is_read_again(content: str) -> None:
    front = {"talome_id": "mem_1", "title": 'a "title": with\ttab', "tags": ["x", "y z"], "metadata": {"a": [1, None]}}
    text = markdown.write(front, content, [("about", "NAS"), ("part_of", "The house")])
    note, links = markdown.read_note(text, "any.md")
    assert note is not None
    assert (note["id"], note["title"], note["tags"]) == ("mem_1", 'a "title": with\ttab', ["x", "y z"])
    assert note["metadata"] == {"a": [1, None]}
    assert note["content"] == content
    assert links == [("about", "NAS"), ("part_of", "The house")]


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b\\c:d", "..", "\x00\n", "CON|<>", "x" * 500, "#[[tag]]"])
def test_no_title_becomes_a_path(title: str) -> None:
    name = markdown.file_name(title, "")
    assert 0 < len(name) <= 80
    assert not set(name) & set('/\\:*?"<>|#^[]\x00\n')
    assert not name.startswith(".")


def test_what_mem0_exports(tmp_path: Path) -> None:
    data = {
        "results": [
            {
                "id": "m1",
                "memory": "Likes tea",
                "user_id": "ada",
                "categories": ["food"],
                "created_at": "2026-01-01T00:00:00Z",
            },
            {"id": "m2", "memory": "  "},
        ],
        "relations": [{"source": "ada", "relationship": "likes", "target": "green_tea"}],
    }
    lines = read_all(tmp_path, orjson.dumps(data), "all.json")
    assert [line["record"] for line in lines] == ["note", "problem", "entity", "entity", "link"]
    assert (lines[0]["external_source"], lines[0]["external_id"]) == ("mem0", "m1")
    assert (lines[0]["tags"], lines[0]["metadata"]) == (["food"], {"user_id": "ada"})
    assert lines[3]["name"] == "green tea"


def test_the_history_of_mem0_ends_with_what_was_true_last(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE history (id TEXT, memory_id TEXT, old_memory TEXT, new_memory TEXT, event TEXT)")
        rows = [
            ("a", None, "tea", "ADD"),
            ("b", None, "x", "ADD"),
            ("a", "tea", "coffee", "UPDATE"),
            ("b", "x", None, "DELETE"),
        ]
        db.executemany("INSERT INTO history VALUES ('', ?, ?, ?, ?)", rows)
        db.commit()
    (line,) = read_all(tmp_path, path.read_bytes(), "history.db")
    assert (line["content"], line["external_id"]) == ("coffee", "a")


def test_pickles_of_a_vector_store_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "storage.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE points (id TEXT, point BLOB)")
    with pytest.raises(Unreadable, match="pickles"):
        read_all(tmp_path, path.read_bytes(), "storage.sqlite")


def test_lines_that_are_broken_do_not_stop_the_others(tmp_path: Path) -> None:
    good = orjson.dumps({"record": "note", "id": "1", "content": "kept"})
    head = orjson.dumps({"record": "talome.memory", "version": 1})
    data = b"\n".join([head, b"{", b'{"record":"wish"}', b'"' + b"x" * LONGEST_LINE_BYTES + b'"', good])
    lines = read_all(tmp_path, data, "x.jsonl")
    assert [line["record"] for line in lines] == ["problem", "problem", "problem", "note"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"record":"talome.memory","version":2}\n', "newer release"),
        (b'{"a": 1}', "neither an export"),
        (b"{" * 5000, "no JSON"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "cannot be read"),
        (b"\x7fELF", "does not know this file"),
    ],
)
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read_all(tmp_path, data, "x.bin")


def test_a_bomb_and_a_path_that_leads_out_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.md", "0" * 60_000_000)
    with pytest.raises(Invalid):
        read_all(tmp_path, bomb.read_bytes(), "bomb.zip")
    with pytest.raises(Invalid):
        read_all(tmp_path, zipped(tmp_path, **{"../../out.md": "x"}), "out.zip")


async def test_the_process_writes_lines_or_its_reason(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("A note")
    (tmp_path / "bad.bin").write_bytes(b"\0\1\2")
    order = {"folder": str(tmp_path / "f"), "out": str(tmp_path / "out")}
    for name, code, said in (("good.md", 0, ""), ("bad.bin", 1, "Talome does not know this file.")):
        (tmp_path / "out").unlink(missing_ok=True)
        asked = {**order, "file": str(tmp_path / name), "name": name}
        ended = await run_module("talome.memory.transfer.read_process", orjson.dumps(asked), timeout_s=40)
        assert (ended.code, ended.said.startswith(said)) == (code, True)
