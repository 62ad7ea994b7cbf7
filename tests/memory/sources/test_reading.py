"""Hostile files cost the process that reads them its life, and nothing else."""

import os
import time
from pathlib import Path

import pytest

from talome.memory.sources.reading import FileOrder, ReadDocument, ReadFile, read_files
from tests.memory.sources import made

MB = 1024**2


async def read(
    folder: Path, *names: str, file_s: int = 20, known: str = ""
) -> tuple[list[ReadDocument], list[ReadFile]]:
    orders = [FileOrder(name, name, known=known, limit_bytes=100 * MB) for name in names]
    items = [item async for item in read_files(folder, orders, folder / "out", file_s)]
    assert not (folder / "out").exists()
    return [one for one in items if isinstance(one, ReadDocument)], [one for one in items if isinstance(one, ReadFile)]


async def test_bombs_are_passed_over_and_the_rest_is_read(tmp_path: Path) -> None:
    document = b"<w:document><w:p><w:t>" + b" " * (130 * MB) + b"</w:t></w:p></w:document>"
    bombs = {
        "b.docx": made.packed({"word/document.xml": document}),
        "c.pdf": made.pdf_that_unpacks_to(1024 * MB),
    }
    files = {"a.md": b"# First\nbefore", **bombs, "d.md": b"# Last\nafter"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    documents, ends = await read(tmp_path, *files)
    assert [one.file.name for one in ends] == list(files)
    assert [bool(one.reason) for one in ends] == [False, True, True, False]
    assert [document.chunks[0]["text"] for document in documents] == ["before", "after"]


async def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "slow.pdf").write_bytes(made.slow_pdf(1_500_000))
    (tmp_path / "good.md").write_text("good")
    began = time.monotonic()
    documents, ends = await read(tmp_path, "slow.pdf", "good.md", file_s=1)
    assert [one.reason for one in ends] == ["It takes more memory or time to read than is allowed.", ""]
    assert [document.file.name for document in documents] == ["good.md"]
    assert time.monotonic() - began < 20


async def test_nothing_outside_the_folder_and_nothing_that_is_no_file_is_opened(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.md").write_text("the secret")
    (inside / "link.md").symlink_to(outside / "secret.md")
    (inside / "folder").symlink_to(outside)
    os.mkfifo(inside / "pipe.md")
    (inside / "dir.md").mkdir()
    documents, ends = await read(
        inside, "link.md", "folder/secret.md", "pipe.md", "dir.md", "../out/secret.md", "gone.md", "/etc/passwd"
    )
    assert documents == []
    assert all(one.reason for one in ends)


async def test_a_file_that_is_as_it_was_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    [document], _ = await read(tmp_path, "a.md")
    documents, [end] = await read(tmp_path, "a.md", known=document.sha256)
    assert (documents, end.same, end.reason) == ([], True, "")


@pytest.mark.whole  # cutting eight MB takes seconds
async def test_what_is_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "\n\n".join(f"Paragraph {number}. " + "A sentence of it. " * 60 for number in range(9_000))
    )
    [document], [end] = await read(tmp_path, "a.txt")
    assert (document.cut, end.reason) == (True, "")
    assert 5_000 < len(document.chunks) < 8_000
