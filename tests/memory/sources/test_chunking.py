"""Chunks: of a bounded size, overlapping, each under one heading and with its place; no word is lost."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from talome.memory.sources.chunking import LARGEST_BYTES, chunked, size_of
from talome.memory.sources.formats.parts import Block


def test_small_paragraphs_share_a_chunk_and_keep_the_place_of_the_first() -> None:
    [chunk] = chunked([Block("One.", ("A",), line=3), Block("Two.", ("A",), line=5)])
    assert (chunk.text, chunk.heading, chunk.line) == ("One.\n\nTwo.", ("A",), 3)


def test_a_heading_begins_a_new_chunk() -> None:
    found = list(chunked([Block("One.", ("A",)), Block("Two.", ("A", "B")), Block("Three.", ("A",))]))
    assert [(chunk.text, chunk.heading) for chunk in found] == [
        ("One.", ("A",)),
        ("Two.", ("A", "B")),
        ("Three.", ("A",)),
    ]


def test_a_long_text_is_cut_between_sentences_and_overlaps() -> None:
    sentences = [f"This is sentence number {number} of a long text about ports." for number in range(200)]
    found = list(chunked([Block(" ".join(sentences), page=7)]))
    assert all(size_of(chunk.text) <= LARGEST_BYTES + 20 for chunk in found)
    assert all(chunk.text.endswith(".") and chunk.page == 7 for chunk in found)
    for one, other in pairwise(found):
        shared = [sentence for sentence in sentences if sentence in one.text and sentence in other.text]
        assert 0.08 * LARGEST_BYTES < size_of(" ".join(shared)) < 0.2 * LARGEST_BYTES
    average = sum(size_of(chunk.text) for chunk in found[:-1]) / (len(found) - 1) / 4
    assert 300 <= average <= 400


def test_a_line_knows_its_number_where_a_block_is_cut() -> None:
    found = list(chunked([Block("\n".join(f"line {number} " + "x" * 90 for number in range(1, 61)), line=1)]))
    assert len(found) > 2
    assert all(chunk.text.startswith(f"line {chunk.line} ") for chunk in found)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=3000), max_size=6))
def test_every_word_is_in_some_chunk_and_none_is_too_large(blocks: list[str]) -> None:
    found = list(chunked(Block(text) for text in blocks))
    joined = "".join("".join(chunk.text.split()) for chunk in found)
    assert all(size_of(chunk.text) <= LARGEST_BYTES * 1.3 for chunk in found)
    short = [word for text in blocks for word in text.split() if len(word) < 20]
    assert all(word in joined for word in short)
