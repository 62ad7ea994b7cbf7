"""The words of PDFs, whatever the PDF is."""

import os
from pathlib import Path

import pytest

from talome.engines.pdf_texts import text_of_pdf
from tests.memory.sources.made import pdf, pdf_that_unpacks_to


async def text_of(path: Path, content: bytes, most: int = 1000) -> str:
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return await text_of_pdf(descriptor, most)
    finally:
        os.close(descriptor)


async def test_the_words_of_all_pages_in_one_line(tmp_path: Path) -> None:
    made = pdf(["An invoice\nfor a bicycle", "Paid in March"])
    assert await text_of(tmp_path / "a.pdf", made) == "An invoice for a bicycle Paid in March"
    assert await text_of(tmp_path / "a.pdf", made, most=10) == "An invoice"


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 but no more", b"\0" * 5000, pdf([""])], ids=["empty", "cut", "zeros", "no words"]
)
async def test_what_has_no_words_is_no_error(tmp_path: Path, content: bytes) -> None:
    assert await text_of(tmp_path / "a.pdf", content) == ""


async def test_a_pdf_that_grows_without_end_costs_its_process_only(tmp_path: Path) -> None:
    assert await text_of(tmp_path / "a.pdf", pdf_that_unpacks_to(2 * 1024**3)) == ""
