"""What people read: widths, units, tables, and text from elsewhere that must not steer the terminal."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from talome.core.cli import text
from talome.core.cli.render import Output, lines_of, safe_json

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("\x9b31m", "\\x9b31m"),
        ("bell\x07\x00\x7f", "bell\\x07\\x00\\x7f"),
        ("tab\there", "tab    here"),
        ("\u202eevil", "\\u202eevil"),
        ("über 日本", "über 日本"),
    ],
)
def test_control_characters_become_visible(raw: str, shown: str) -> None:
    assert text.harmless(raw) == shown


def test_colours_pass_where_wanted_and_end() -> None:
    assert text.harmless("\x1b[31mred", colours=True) == "\x1b[31mred\x1b[0m"
    assert text.harmless("\x1b[31mred\x1b[2J", colours=True) == "\x1b[31mred\\x1b[2J\x1b[0m"
    assert "\x1b" not in text.harmless("\x1b[31mred")


@pytest.mark.parametrize(("raw", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("a\u200bb", 2)])
def test_width_is_the_terminals(raw: str, columns: int) -> None:
    assert text.width(raw) == columns


def test_cutting_keeps_to_the_width() -> None:
    assert text.fit("abcdef", 4) == "abc…"
    assert text.fit("日本語", 4) == "日…"
    assert text.fit("abc", 3) == "abc"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("sizeBytes", 0, "0 B"),
        ("sizeBytes", 999, "999 B"),
        ("sizeBytes", 999_950, "1.0 MB"),
        ("totalBytes", 270_600_000_000, "271 GB"),
        ("rxBytesPerS", 1500, "1.5 kB/s"),
        ("cpuPercent", 12.345, "12.3 %"),
        ("uptimeS", 7200, "2 h"),
        ("timeoutS", 10, "10 s"),
        ("pids", 12, "12"),
        ("load", 0.25, "0.25"),
        ("count", 100, "100"),
        ("disabled", False, "no"),
        ("error", None, "-"),
        ("names", [], "-"),
        ("names", ["a", "b"], "a, b"),
        ("mounts", [{"name": "a"}, {"name": "b"}], "a, b"),
        ("mounts", [{"x": 1}], "1 item"),
        ("labels", {"a": 1}, "a=1"),
        ("labels", {"a": 1, "b": 2, "c": 3, "d": 4}, "4 fields"),
        ("id", "ab" * 32, "abababababab"),
        ("imageId", "sha256:" + "ab" * 32, "abababababab"),
        ("name", "two\nlines", "two lines"),
        ("name", "\x1b[31m", "\\x1b[31m"),
    ],
)
def test_values_in_a_few_words(name: str, value: Any, shown: str) -> None:
    assert text.value_text(name, value) == shown


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOW, "now"),
        (NOW - timedelta(seconds=45), "45 s ago"),
        (NOW - timedelta(minutes=3), "3 min ago"),
        (NOW + timedelta(hours=5), "in 5 h"),
        (NOW - timedelta(days=40), "40 d ago"),
    ],
)
def test_times(moment: datetime, shown: str) -> None:
    assert text.time_text(moment, now=NOW) == shown


ROWS: list[dict[str, Any]] = [
    {"name": "a", "sizeBytes": 10, "gone": None, "labels": {"x": {"y": 1}}, "note": "word " * 30},
    {"name": "日本", "sizeBytes": 12_000_000, "gone": None, "labels": {}, "note": ""},
]


def test_tables_align_and_leave_out_empty_columns() -> None:
    lines = list(lines_of(ROWS, None))
    assert lines[0].startswith("NAME     SIZE  LABELS    NOTE")
    assert lines[1].startswith("a        10 B  1 fields")
    assert lines[2].startswith("日本  12.0 MB  -")
    assert "GONE" not in lines[0]


@pytest.mark.parametrize("columns", [20, 30, 40, 80])
def test_tables_keep_to_the_terminal(columns: int) -> None:
    lines = list(lines_of(ROWS, columns))
    assert max(map(text.width, lines)) <= columns
    assert lines[0].startswith("NAME")


def test_one_thing_with_a_list_inside() -> None:
    value = {"name": "a", "labels": {"x": "1"}, "at": "2026-03-01T12:00:00Z", "rows": [{"id": "r1", "n": 1}]}
    lines = list(lines_of(value, None))
    assert lines[0] == "Name    a"
    assert lines[1] == "Labels  x=1"
    assert lines[2].startswith("At      2026-03-01")
    assert lines[3:6] == ["", "Rows:", "ID  N"]


def test_keys_of_free_maps_stay_as_they_are() -> None:
    assert list(lines_of({"metrics.retention_days": 30, "a\x1b": 1}, None)) == [
        "metrics.retention_days  30",
        "a\\x1b                   1",
    ]


def test_what_is_shown_once_is_never_cut() -> None:
    assert list(lines_of({"token": "talome_" + "x" * 200}, 40)) == ["Token  talome_" + "x" * 200]


@pytest.mark.parametrize(("value", "shown"), [([], "Nothing to show."), ({"ok": True}, "Done."), (None, "-"), (5, "5")])
def test_little_answers(value: Any, shown: str) -> None:
    assert list(lines_of(value, 80)) == [shown]


def test_json_cannot_steer_the_terminal() -> None:
    printed = safe_json({"a": "\x1b[2J\x9b2J\u202e", "b": "日本"}, indent=None)
    assert printed == '{"a": "\\u001b[2J\\u009b2J\\u202e", "b": "日本"}'


def test_lost_lines_are_told() -> None:
    output = Output(io.StringIO(), io.StringIO())
    output.item({"lines": [{"text": "x", "stream": "stdout"}], "dropped": 3})
    assert output.out.getvalue() == "x\n"  # type: ignore[attr-defined]
    assert "3 lines were lost" in output.err.getvalue()  # type: ignore[attr-defined]
