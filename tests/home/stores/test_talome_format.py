"""Talome's own format: what it says, and that nothing careless gets through."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from talome.home.manifest import AppManifest, Part
from talome.home.stores.formats import talome
from talome.home.stores.formats.found import BadApp, StoreSource

SOURCE = StoreSource("own", "Own")
TOLD: dict[str, Any] = {
    "id": "notes",
    "name": "Notes",
    "version": "1.2.3",
    "tagline": "Keep notes",
    "description": "A place for notes.",
    "category": "documents",
    "website": "https://example.org",
    "icon": "icon.svg",
    "architectures": ["amd64"],
    "releaseNotes": "Better.",
    "username": "admin",
    "passwordVariable": "PASSWORD",
    "web": {"service": "web", "port": 80, "path": "/"},
    "probe": {"path": "/health", "patience_s": 30},
    "fields": [{"name": "colour", "label": "Colour", "kind": "choice", "options": [["b", "Blue"]], "default": "b"}],
    "variables": [
        {"name": "PASSWORD", "parts": [{"secret": "first", "length": 20}]},
        {"name": "ADDRESS", "parts": [{"text": "http://"}, {"fact": "address"}, {"port": "web/80/tcp"}]},
        {"name": "COLOUR", "parts": [{"field": "colour"}]},
    ],
    "scaffold": [{"path": "config/notes.conf", "text": "colour = ${COLOUR}\nprice = 5 $$\n", "template": True}],
    "backupExclude": ["cache"],
}
COMPOSE = """
services:
  web:
    image: example/notes:1.2.3
    environment: {TZ: "${TZ}", PASSWORD: "${PASSWORD}", ADDRESS: "${ADDRESS}"}
    ports: ["8080:80"]
    volumes: ["${APP_DATA_DIR}/config:/config", "${MEDIA_DIR}:/media:ro"]
"""


def read(folder: Path, told: dict[str, Any], compose: str = COMPOSE, *, name: str = "notes") -> AppManifest | BadApp:
    place = folder / "apps" / name
    place.mkdir(parents=True)
    (place / "app.yml").write_text(yaml.safe_dump(told))
    (place / "compose.yml").write_text(compose)
    (place / "icon.svg").write_text("<svg/>")
    (found,) = talome.read(folder, SOURCE)
    return found


def test_an_app_is_read_whole(tmp_path: Path) -> None:
    found = read(tmp_path, TOLD)
    assert isinstance(found, AppManifest), found
    assert (found.id, found.folder, found.category, found.icon) == ("notes", "apps/notes", "documents", "icon.svg")
    assert (found.release_notes, found.password_variable) == ("Better.", "PASSWORD")
    assert (found.probe.path, found.probe.patience_s, found.backup_exclude) == ("/health", 30, ["cache"])
    known = {variable.name: variable.parts for variable in found.variables}
    assert set(known) == {"APP_DATA_DIR", "TZ", "MEDIA_DIR", "PASSWORD", "ADDRESS", "COLOUR"}
    assert known["MEDIA_DIR"] == [Part(folder="media")]
    assert known["ADDRESS"][2] == Part(port="web/80/tcp")
    assert found.compose["name"] == "notes"
    assert found.compose["services"]["web"]["ports"] == [{"target": 80, "published": "8080", "protocol": "tcp"}]


VARIABLES: list[dict[str, Any]] = TOLD["variables"]
CARELESS: dict[str, dict[str, Any]] = {
    "colour: Extra inputs": {"colour": 1},
    "version: Input should be": {"version": 1.5},
    "category: Input should be": {"category": "fun"},
    "named like its id": {"id": "other"},
    "OTHER is defined, but not used": {"variables": [*VARIABLES, {"name": "OTHER", "parts": []}]},
    "COLOUR is used, but app.yml": {"variables": VARIABLES[:2], "fields": []},
    "'colour' is not defined, or": {"fields": []},
    "is there twice": {"variables": [*VARIABLES, VARIABLES[0]]},
    "'TZ' is there twice, is ready-made": {"variables": [*VARIABLES, {"name": "TZ", "parts": [{"text": "UTC"}]}]},
    "must be exactly one of": {
        "variables": [{"name": "PASSWORD", "parts": [{"text": "a", "field": "colour"}]}, *VARIABLES[1:]]
    },
    "which is not published": {"web": {"service": "web", "port": 81}},
    "names the port web/81/tcp": {
        "variables": [VARIABLES[0], {"name": "ADDRESS", "parts": [{"port": "web/81/tcp"}]}, VARIABLES[2]]
    },
    "which is no variable": {"passwordVariable": "OTHER"},
    "is no choice between": {"fields": [{"name": "colour", "label": "Colour", "kind": "choice"}]},
    "one name": {"fields": [*TOLD["fields"], *TOLD["fields"]]},
    "'missing.svg' is neither": {"icon": "missing.svg"},
    "'../icon.svg' is neither": {"icon": "../icon.svg"},
    "not an https address": {"website": "javascript:alert(1)"},
    "'../x' is not a path below": {"scaffold": [{"path": "../x"}, *TOLD["scaffold"]]},
    "'/etc' is not a path below": {"backupExclude": ["/etc"]},
    "'z80' is not an architecture": {"architectures": ["z80"]},
}  # fmt: skip


@pytest.mark.parametrize("reason", CARELESS)
def test_what_is_careless_in_the_words_is_refused(tmp_path: Path, reason: str) -> None:
    found = read(tmp_path, {**TOLD, **CARELESS[reason]})
    assert isinstance(found, BadApp)
    assert found.path == "apps/notes"
    assert reason in found.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (":1.2.3", "", "has no version"),
        (":1.2.3", ":latest", "has no version"),
        ("example/notes:1.2.3", "box:5000/notes", "has no version"),
        (":1.2.3", ":${TZ}", "has no version"),
        ('"${TZ}"', '"${TZ:-UTC}"', "has a default"),
        ('"${TZ}"', '"${UNKNOWN}"', "UNKNOWN is used, but"),
        ("${APP_DATA_DIR}/config", "./config", "must begin with ${APP_DATA_DIR}"),
        ("${APP_DATA_DIR}/config", "${APP_DATA_DIR}-x/config", "must begin with ${APP_DATA_DIR}"),
        ("${APP_DATA_DIR}/config", "${APP_DATA_DIR}/../config", "must begin with ${APP_DATA_DIR}"),
        ("image:", "build: .\n    image:", "builds its image"),
        ("services", "sevices", "'sevices'"),
    ],
)
def test_what_is_careless_in_the_compose_file_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found = read(tmp_path, TOLD, COMPOSE.replace(old, new))
    assert isinstance(found, BadApp)
    assert reason in found.reason


def test_one_broken_app_hides_no_other(tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, TOLD), AppManifest)
    for name, content in {"a": b"\xff", "b": b"[1]", "c": b""}.items():
        (tmp_path / "apps" / name).mkdir()
        (tmp_path / "apps" / name / "app.yml").write_bytes(content)
    (tmp_path / "apps" / "empty").mkdir()
    (tmp_path / "apps" / "notes" / "compose.yml").rename(tmp_path / "compose.yml")
    found = list(talome.read(tmp_path, SOURCE))
    assert {each.path: each.reason for each in found if isinstance(each, BadApp)}.keys() == {
        f"apps/{name}" for name in ("a", "b", "c", "notes")
    }
    (tmp_path / "compose.yml").rename(tmp_path / "apps" / "notes" / "compose.yml")
    assert [each.id for each in talome.read(tmp_path, SOURCE) if isinstance(each, AppManifest)] == ["notes"]


def test_the_bundled_store_is_read_without_a_complaint() -> None:
    found = list(talome.read(Path(__file__).resolve().parents[3] / "stores", SOURCE))
    assert [each for each in found if isinstance(each, BadApp)] == []
    assert len(found) >= 25
