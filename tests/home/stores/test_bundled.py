"""The store that ships with Talome: whole, readable, pinned, with words and icons that fit."""

import re
import subprocess
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from talome.engines.compose import find_compose
from talome.engines.docker.names import check_reference
from talome.home.manifest import STACK_PLACEHOLDER, AppManifest, StackFile
from talome.home.stores.bundled import PACKED, bundled_folder
from talome.home.stores.formats.found import BadApp, StoreSource
from talome.home.stores.formats.names import names_in
from talome.home.stores.formats.stacks import read_stacks
from talome.home.stores.formats.talome import read

STORE = bundled_folder()
APPS = sorted(path.name for path in (STORE / "apps").iterdir())
STACKS = sorted((STORE / "stacks").glob("*.yml"))
# A version with at least two numbers, and nothing that moves with time such as `latest`, `stable` or a bare `14`.
VERSION = re.compile(r"(?:release-|v)?\d+\.\d+[\w.+-]*\Z|14-vectorchord\d+\.\d+\.\d+-pgvectors\d+\.\d+\.\d+\Z")
RESERVED = {22, 80, 443, 2019, 4000, 4001}
DRAWN = {"svg", "g", "path", "circle", "rect"}
LOOKS = {
    "viewBox", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
    "d", "cx", "cy", "r", "x", "y", "rx", "width", "height",
}  # fmt: skip


@pytest.fixture(scope="module")
def manifests() -> dict[str, AppManifest]:
    """By their ids, as the reader of the format gives them."""
    found = list(read(STORE, StoreSource("talome", "Talome")))
    bad = [item for item in found if isinstance(item, BadApp)]
    assert not bad
    return {item.id: item for item in found if isinstance(item, AppManifest)}


def services(manifest: AppManifest) -> dict[str, dict[str, Any]]:
    """The services of its Compose file."""
    found: dict[str, dict[str, Any]] = manifest.compose["services"]
    return found


def host_ports(manifest: AppManifest) -> set[tuple[int, str]]:
    """What the app wishes for on the machine."""
    return {
        (int(port["published"]), port["protocol"])
        for service in services(manifest).values()
        for port in service.get("ports", [])
    }


def test_every_folder_is_an_app_that_lacks_nothing(manifests: dict[str, AppManifest]) -> None:
    assert sorted(manifests) == APPS
    assert len(APPS) >= 25
    assert {name: app.lacks for name, app in manifests.items() if app.lacks} == {}
    assert {name: app.warnings for name, app in manifests.items() if app.warnings} == {}
    assert {path.name for app in APPS for path in (STORE / "apps" / app).iterdir()} == {
        "app.yml", "compose.yml", "icon.svg",
    }  # fmt: skip


def test_words_are_there_and_short(manifests: dict[str, AppManifest]) -> None:
    for name, app in manifests.items():
        paragraphs = app.description.strip().split("\n")
        assert 10 <= len(app.tagline) <= 60, name
        assert 2 <= len(paragraphs) <= 4, name
        assert 150 <= len(app.description) <= 700, name
        assert 20 <= len(app.notes) <= 450, name
        assert 5 <= len(app.release_notes) <= 200, name
        assert not app.tagline.endswith("."), name
        assert "!" not in f"{app.tagline}{app.description}{app.notes}{app.release_notes}", name
        assert all((app.version, app.developer, app.icon == "icon.svg", app.category != "other")), name
        assert all(str(link).startswith("https://") for link in (app.website, app.repository, app.support)), name
        assert {"amd64", "arm64"} <= set(app.architectures), name
        assert set(app.requires) <= set(APPS), name


def test_images_are_pinned_and_services_have_little_power(manifests: dict[str, AppManifest]) -> None:
    for name, app in manifests.items():
        for body in services(app).values():
            tag = body["image"].rpartition("/")[2].partition(":")[2]
            assert VERSION.match(tag), f"{name}: {body['image']}"
            assert check_reference(body["image"]) == body["image"], "what Docker is asked for by this name"
            assert not {"privileged", "pid", "ipc", "userns_mode", "cap_add"} & body.keys(), name
            assert body["restart"] == "unless-stopped", name
            assert not any("docker.sock" in str(volume.get("source")) for volume in body.get("volumes", [])), name
            if body.get("network_mode") == "host":
                assert "network" in app.notes, f"{name} says in its notes why it needs the machine's network"


def test_what_apps_keep_lies_in_their_folder_or_in_the_households(manifests: dict[str, AppManifest]) -> None:
    source = re.compile(r"\$\{(APP_DATA|MEDIA|DOWNLOADS|PHOTOS|DOCUMENTS|FILES)_DIR\}(/[a-z0-9-]+)*\Z")
    for name, app in manifests.items():
        for body in services(app).values():
            for volume in body.get("volumes", []):
                assert volume["type"] == "bind", name
                assert source.match(volume["source"]), f"{name}: {volume}"


def test_no_two_apps_wish_for_the_same_port(manifests: dict[str, AppManifest]) -> None:
    wishes = Counter(port for app in manifests.values() for port in host_ports(app))
    # Two apps answer for names, on the one port where names are asked for.
    assert {port for port, count in wishes.items() if count > 1} == {(53, "tcp"), (53, "udp")}
    assert not {port for port, _ in wishes} & RESERVED


def test_web_doors_lead_to_ports_that_exist(manifests: dict[str, AppManifest]) -> None:
    for name, app in manifests.items():
        if app.web is None:
            continue
        body = services(app)[app.web.service]
        published = {port["target"] for port in body.get("ports", [])}
        assert app.web.port in published or body.get("network_mode") == "host", name
        assert all(path.startswith("/") for path in (app.web.path, app.probe.path)), name


def test_variables_are_used_and_known(manifests: dict[str, AppManifest]) -> None:
    for name, app in manifests.items():
        templates = [scaffold.text for scaffold in app.scaffold if scaffold.template]
        known = {variable.name for variable in app.variables}
        assert names_in([app.compose, *templates]) <= known, name
        asked = {part.field for variable in app.variables for part in variable.parts if part.field}
        assert asked == {field.name for field in app.fields}, name
        for part in (part for variable in app.variables for part in variable.parts if part.port):
            service, target, protocol = str(part.port).split("/")
            ports = {(port["target"], port["protocol"]) for port in services(app)[service]["ports"]}
            assert (int(target), protocol) in ports, name
        if app.password_variable:
            assert app.password_variable in known, name


def test_fields_accept_their_own_defaults(manifests: dict[str, AppManifest]) -> None:
    for name, app in manifests.items():
        for field in app.fields:
            assert field.label, name
            if field.pattern and field.default:
                assert re.match(field.pattern, field.default), f"{name}: {field.name}"
            if field.kind == "choice":
                assert field.default in {value for value, _ in field.options}, f"{name}: {field.name}"


def test_compose_takes_every_file_with_nothing_unset(manifests: dict[str, AppManifest], tmp_path: Path) -> None:
    binary = find_compose()

    def complaint(app: AppManifest) -> str:
        folder = tmp_path / app.id
        folder.mkdir()
        (folder / "compose.yml").write_text(yaml.safe_dump({"name": app.id, **app.compose}), encoding="utf-8")
        values = {variable.name: "1000" for variable in app.variables} | {
            variable.name: f"/srv/{part.folder or 'data'}"
            for variable in app.variables
            for part in variable.parts
            if part.folder or part.fact == "data"
        }
        (folder / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))
        done = subprocess.run(
            [*binary.command, "-f", str(folder / "compose.yml"), "config", "-q"],
            cwd=folder, env={"PATH": "", "HOME": str(folder)}, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        return "" if done.returncode == 0 and not done.stderr else f"{app.id}: {done.stderr}"

    with ThreadPoolExecutor(2) as pool:
        assert [text for text in pool.map(complaint, manifests.values()) if text] == []


@pytest.mark.parametrize("app", APPS)
def test_icons_are_small_plain_drawings(app: str) -> None:
    content = (STORE / "apps" / app / "icon.svg").read_bytes()
    assert len(content) < 2048
    assert not any(mark in content for mark in (b"<!", b"<?"))
    root = ET.fromstring(content)
    assert root.get("viewBox") == "0 0 64 64"
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in DRAWN
        assert set(element.attrib) <= LOOKS
        assert not any("url" in value or ":" in value for value in element.attrib.values())


def test_no_two_icons_are_the_same() -> None:
    drawings = Counter((STORE / "apps" / app / "icon.svg").read_text() for app in APPS)
    assert max(drawings.values()) == 1


@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.stem)
def test_stacks_consist_of_apps_of_this_store(path: Path, manifests: dict[str, AppManifest]) -> None:
    stack = yaml.safe_load(path.read_text(encoding="utf-8"))
    members = [member["app"] for member in stack["apps"]]
    assert set(stack) == {"id", "name", "tagline", "description", "icon", "apps", "wiring"}
    assert stack["id"] == path.stem
    assert all(stack[key] and "!" not in stack[key] for key in ("name", "tagline", "description", "icon"))
    assert len(stack["tagline"]) <= 60
    assert len(members) == len(set(members)) >= 2
    assert set(members) <= set(manifests)
    assert all(member["why"] for member in stack["apps"])
    for wire in stack["wiring"]:
        assert {wire["from"], wire["to"]} <= set(members)
        assert wire["what"]
        asked = {field.name for field in manifests[wire["from"]].fields}
        assert set(wire.get("set", {})) <= asked, f"{wire['from']} asks for what it is given"
        for app, what in STACK_PLACEHOLDER.findall(" ".join(wire.get("set", {}).values())):
            told = {variable.name for variable in manifests[app].variables}
            told |= {
                str(port["target"]) for body in services(manifests[app]).values() for port in body.get("ports", [])
            }
            assert what in told, f"{app} has a port or a variable {what}"
    for position, member in enumerate(members):
        later = set(members[position:])
        assert not later & set(manifests[member].requires), f"{member} is installed before what it needs"


def test_the_stacks_are_read_as_the_server_reads_them() -> None:
    found = list(read_stacks(STORE))
    assert [one for one in found if isinstance(one, BadApp)] == []
    assert [one.id for one in found if isinstance(one, StackFile)] == [path.stem for path in STACKS]


def test_the_nine_stacks_are_there() -> None:
    assert {path.stem for path in STACKS} == {
        "ai-local", "books", "developer", "media-server", "monitoring", "photos", "privacy", "productivity",
        "smart-home",
    }  # fmt: skip


def test_the_folder_is_found_in_a_wheel_and_in_a_checkout(tmp_path: Path) -> None:
    package = tmp_path / "talome"
    package.mkdir()
    with pytest.raises(FileNotFoundError, match="install Talome anew"):
        bundled_folder(package)
    (tmp_path / "stores" / "apps").mkdir(parents=True)
    assert bundled_folder(package) == tmp_path / "stores"
    (package / PACKED / "apps").mkdir(parents=True)
    assert bundled_folder(package) == package / PACKED


def test_the_wheel_packs_the_store_where_it_is_looked_for() -> None:
    project = tomllib.loads((STORE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert packed == {"stores": f"talome/{PACKED}"}
