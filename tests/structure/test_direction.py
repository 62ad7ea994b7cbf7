"""The dashboard says start and end, not left and right, so that a right-to-left language needs no other styles."""

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "talome/dashboard/ui/src"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
PHYSICAL = {
    ".css": re.compile(
        r"(?:^|[\s;{])(?:(?:margin|padding|border|inset)-(?:left|right)|left|right|float)\s*:"
        r"|text-align:\s*(?:left|right)"
    ),
    ".tsx": re.compile(r"\s(?:ml|mr|pl|pr)=|(?:margin|padding)(?:Left|Right):|textAlign:"),
}


def is_physical(text: str, ending: str) -> bool:
    return PHYSICAL[ending].search(COMMENT.sub("", text)) is not None


@pytest.mark.parametrize("ending", PHYSICAL)
def test_styles_name_no_side_of_the_screen(ending: str) -> None:
    files = list(SOURCES.rglob(f"*{ending}"))
    assert len(files) > 10
    assert [path.name for path in files if is_physical(path.read_text(), ending)] == []


@pytest.mark.parametrize(
    ("text", "ending", "found"),
    [
        (".a { margin-left: 4px }", ".css", True),
        (".a { position: absolute; right: 0 }", ".css", True),
        ("/* left: the menu */ .a { margin-inline-start: 4px; border-end-end-radius: 2px }", ".css", False),
        ('<Box ml="md">', ".tsx", True),
        ('<Box ms="md" mb={4}>', ".tsx", False),
    ],
)
def test_a_side_would_be_seen(text: str, ending: str, found: bool) -> None:
    assert is_physical(text, ending) is found
