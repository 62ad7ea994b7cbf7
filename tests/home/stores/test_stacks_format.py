"""Stack files of a store: read strictly, and none hides the others."""

from pathlib import Path

import pytest

from talome.home.manifest import StackFile
from talome.home.stores.formats.found import BadApp
from talome.home.stores.formats.stacks import read_stacks

GOOD = """
id: pair
name: Pair
apps:
  - {app: one, why: First.}
  - {app: two, why: Second.}
wiring:
  - {from: two, to: one, what: Two asks one., set: {peer: "http://h:{one:80}/?key={one:OWN_KEY}"}}
"""


def write(root: Path, text: str, name: str = "pair.yml") -> Path:
    (root / "stacks").mkdir(exist_ok=True)
    (root / "stacks" / name).write_text(text)
    return root


def test_a_stack_is_read(tmp_path: Path) -> None:
    [stack] = read_stacks(write(tmp_path, GOOD))
    assert isinstance(stack, StackFile)
    assert [member.app for member in stack.apps] == ["one", "two"]
    assert stack.wiring[0].app == "two"
    assert stack.model_dump(by_alias=True)["wiring"][0]["from"] == "two"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: pair", "id: other", "named like its id"),
        ("app: two,", "app: one,", "named twice"),
        ("to: one", "to: three", "not of the stack"),
        ("{one:80}", "{two:80}", "must stand before it"),
        ("{one:80}", "{three:80}", "must stand before it"),
        ("{one:80}", "{one.__class__}", "neither a port nor a variable"),
        ("name: Pair", "name: Pair\ncolour: red", "colour"),
        ("app: one,", "app: ../one,", "pattern"),
        ("id: pair", "id: pair\nid: pair", "twice in one map"),
    ],
)
def test_what_a_stack_may_not_say_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    write(tmp_path, GOOD.replace(old, new, 1))
    write(tmp_path, GOOD.replace("id: pair", "id: well"), "well.yml")
    first, second = read_stacks(tmp_path)
    assert isinstance(second, StackFile), "the other one is read"
    assert isinstance(first, BadApp)
    assert said in first.reason


def test_links_are_not_followed_and_size_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "outside.yml").write_text(GOOD)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "pair.yml").symlink_to(tmp_path / "outside.yml")
    write(tmp_path, GOOD + "# " + "x" * 70_000, "large.yml")
    first, second = read_stacks(tmp_path)
    assert isinstance(first, BadApp)
    assert isinstance(second, BadApp)
    assert ("larger than 64 KB" in first.reason, "is a link" in second.reason) == (True, True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "stacks").symlink_to(tmp_path / "stacks")
    assert list(read_stacks(tmp_path / "other")) == []
