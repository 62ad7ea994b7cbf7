"""People's own apps: drafted from a Compose file, looked through, kept, offered, exported and given to others."""

import io
import subprocess
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from talome.engines.compose import find_compose
from talome.home.stores.own.files import OwnFiles
from tests.fakes.docker import FakeEngine
from tests.home.apps.shop import Apps
from tests.support.house import House, Person, open_house

PASTED = """
version: "3"
services:
  web:
    image: example.org/pages:${TAG:-1.2}
    container_name: my_pages
    environment:
      TITLE: ${TITLE:-Hello}
      ADMIN_PASSWORD: ${ADMIN_PASSWORD}
      TZ: ${TZ}
      WHEN: 22:22
    ports: ["${PORT:-8090}:80"]
    volumes: [./html:/html, cache:/cache]
volumes:
  cache:
"""
MANIFEST = """id: pages
name: Pages
version: "{version}"
tagline: Our pages
description: What we write.
category: other
web: {{service: web, port: 80, path: /}}
variables:
  - {{name: KEY, parts: [{{secret: key, length: 32}}]}}
"""
COMPOSE = """services:
  web:
    image: example.org/pages:1.2
    environment: {KEY: "${KEY}", TZ: "${TZ}"}
    ports: ["8090:80"]
    volumes: ["${APP_DATA_DIR}/html:/html"]
"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", FakeEngine()) as opened:
        yield opened


def body(version: str = "1.0", **more: Any) -> dict[str, Any]:
    return {"id": "pages", "manifest": MANIFEST.format(version=version), "compose": COMPOSE, **more}


async def create(person: Person, **more: Any) -> dict[str, Any]:
    made = await person.post("/api/user-apps", body(**more))
    assert made.status == 201, made.text
    return dict(made.json)


async def test_a_pasted_file_becomes_an_app_that_is_offered(house: House) -> None:
    draft = (await house.admin.post("/api/user-apps/draft", {"compose": PASTED, "id": "pages", "name": "Pages"})).json
    assert draft["complaint"] is None, draft
    assert "${APP_DATA_DIR}/html" in draft["compose"]
    assert 'WHEN: "22:22"' in draft["compose"]
    assert (await house.admin.get("/api/user-apps")).json == [], "a draft keeps nothing"

    kept = await house.admin.post("/api/user-apps", {key: draft[key] for key in ("id", "manifest", "compose")})
    assert kept.status == 201, kept.text
    shown = (await house.admin.get("/api/apps/yours:pages")).json
    assert (shown["name"], shown["version"], shown["storeName"], shown["images"]) == (
        "Pages", "1.2", "Yours", ["example.org/pages:1.2"],
    )  # fmt: skip
    asked = {field["name"]: (field["kind"], field["default"], field["required"]) for field in shown["fields"]}
    assert asked == {"title": ("text", "Hello", False), "admin_password": ("password", "", True)}
    plan = await house.admin.post(
        "/api/apps/install", {"appId": "pages", "storeId": "yours", "env": {"admin_password": "x"}, "plan": True}
    )
    assert [port["port"] for port in plan.json["ports"]] == [8090]
    [listed] = (await house.admin.get("/api/user-apps")).json
    assert (listed["id"], listed["app"]["id"], listed["problem"]) == ("pages", "yours:pages", None)


async def test_it_is_changed_and_thrown_away_without_losing_anything(house: House) -> None:
    first = await create(house.admin)
    changed = await house.admin.put("/api/user-apps/pages", body("2.0", mark=first["mark"]) | {"id": None} | {})
    assert changed.status == 400, "the id is in the path"
    sent = {key: value for key, value in body("2.0", mark=first["mark"]).items() if key != "id"}
    assert (await house.admin.put("/api/user-apps/pages", sent)).status == 200
    assert (await house.admin.get("/api/apps/yours:pages")).json["version"] == "2.0"
    late = await house.admin.put("/api/user-apps/pages", sent)
    assert late.status == 409
    assert "Somebody else has changed" in late.json["error"]

    assert (await house.admin.delete("/api/user-apps/pages")).status == 200
    assert (await house.admin.get("/api/apps/yours:pages")).status == 404
    [manifest] = (house.settings.home / "trash").glob("*/user-apps/pages/app.yml")
    assert 'version: "2.0"' in manifest.read_text()
    assert (await house.admin.get("/api/user-apps/pages")).status == 404


WRONG = (
    ({"compose": COMPOSE.replace("pages:1.2", "pages:latest")}, "compose.yml", 2, "has no version"),
    ({"compose": COMPOSE + "    build: .\n"}, "compose.yml", 2, "ready-made images"),
    ({"compose": COMPOSE + "  x: [\n"}, "compose.yml", 8, "not YAML"),
    ({"compose": COMPOSE.replace("${APP_DATA_DIR}", "${APP_DATA_DIR}/..")}, "compose.yml", 2, "must begin with"),
    ({"manifest": MANIFEST.format(version="1") + "colour: red\n"}, "app.yml", 10, "colour"),
    ({"manifest": MANIFEST.format(version="1").replace("other", "everything")}, "app.yml", 6, "category"),
    ({"manifest": MANIFEST.format(version="1").replace("id: pages", "id: other")}, None, None, "named like its id"),
)


async def test_what_no_store_may_hold_is_refused_with_its_place(house: House) -> None:
    for changes, file, line, said in WRONG:
        refused = await house.admin.post("/api/user-apps", body() | changes)
        assert refused.status == 400, refused.text
        told = refused.json["complaint"]
        assert said in told["message"]
        assert (told["file"], told["line"]) == (file, line), told
    assert (await house.admin.get("/api/user-apps")).json == []


async def test_names_that_are_taken_are_refused(house: House, tmp_path: Path) -> None:
    await create(house.admin)
    twice = await house.admin.post("/api/user-apps", body())
    assert twice.status == 409
    app = tmp_path / "store" / "apps" / "notes"
    app.mkdir(parents=True)
    (app / "app.yml").write_text(MANIFEST.format(version="1").replace("pages", "notes", 1))
    (app / "compose.yml").write_text(COMPOSE)
    await Apps(house).add_store(tmp_path / "store")
    taken = await house.admin.post("/api/user-apps", body() | {"id": "notes"})
    assert taken.status == 409
    assert "A store has an app “notes” already" in taken.json["error"]
    for id in ("..", "a/b", "Pages", "pages\n", ""):
        assert (await house.admin.post("/api/user-apps", body() | {"id": id})).status == 400
    for id in ("..", "a/b", "Pages", "pages%0A"):
        assert (await house.admin.get(f"/api/user-apps/{id.replace('/', '%2f')}/export")).status in (400, 404)


async def test_an_export_runs_with_plain_compose_and_is_a_store(house: House, tmp_path: Path) -> None:
    await create(house.admin)
    async with house.admin.http.get(
        f"{house.base}/api/user-apps/pages/export", headers={"Authorization": f"Bearer {house.admin.token}"}
    ) as answer:
        content = await answer.read()
        assert answer.status == 200
        assert answer.headers["Content-Disposition"] == 'attachment; filename="pages.zip"'
    assert (await house.nobody.get("/api/user-apps/pages/export")).status == 401
    stranger = await house.key(["containers:read"])
    assert (await stranger.get("/api/user-apps/pages/export")).status == 403
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path / "taken")
    folder = tmp_path / "taken" / "pages"
    done = subprocess.run(
        [*find_compose().command, "config"], cwd=folder, env={"PATH": "", "HOME": str(folder)},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert str(folder / "data" / "html") in done.stdout
    assert "KEY: " in done.stdout
    assert (await house.admin.delete("/api/user-apps/pages")).status == 200
    store = await Apps(house).add_store(tmp_path / "taken")
    assert (await house.admin.get(f"/api/apps/{store}:pages")).json["name"] == "Pages"


def test_a_crash_between_two_states_leaves_one_of_them(tmp_path: Path) -> None:
    files = OwnFiles(tmp_path / "own", tmp_path / "trash")
    files.load()
    files.keep(files.prepare("pages", MANIFEST.format(version="1"), COMPOSE), "pages")
    (tmp_path / "own" / "apps" / "pages").rename(tmp_path / "own" / "aside" / "pages")
    files.prepare("pages", MANIFEST.format(version="2"), COMPOSE)
    files.load()
    assert 'version: "1"' in files.read("pages").manifest
    assert list((tmp_path / "own" / "waiting").iterdir()) == []


async def test_it_is_given_to_others_as_a_folder_and_as_a_patch(house: House, tmp_path: Path) -> None:
    await create(house.admin)
    work, apps = tmp_path / "work", Apps(house)
    _git(tmp_path, "init", "-q", str(work))
    app = work / "apps" / "notes"
    app.mkdir(parents=True)
    (app / "app.yml").write_text(MANIFEST.format(version="1").replace("pages", "notes", 1))
    (app / "compose.yml").write_text(COMPOSE)
    _git(work, "add", ".")
    _git(work, "commit", "-qm", "Notes")
    store = await apps.add_store(work)
    assert [one["folder"] for one in (await house.admin.get("/api/community/sources")).json] == [True]

    given = await house.admin.post("/api/community/patch", {"appId": "pages", "store": store})
    assert given.status == 200, given.text
    (tmp_path / given.json["name"]).write_text(given.json["text"])
    _git(work, "am", "-q", str(tmp_path / "pages-1.0.patch"))
    assert (work / "apps" / "pages" / "compose.yml").read_text() == COMPOSE
    assert _git(work, "log", "-1", "--format=%s") == "Add Pages 1.0"
    await apps.sync(store)

    sent = {key: value for key, value in body("2.0").items() if key != "id"}
    assert (await house.admin.put("/api/user-apps/pages", sent)).status == 200
    again = (await house.admin.post("/api/community/patch", {"appId": "pages", "store": store})).json
    assert again["replaces"] == "1.0"
    (tmp_path / "2.patch").write_text(again["text"])
    _git(work, "apply", "--check", str(tmp_path / "2.patch"))

    plan = (await house.admin.post("/api/community/publish", {"appId": "pages", "store": store, "plan": True})).json
    assert (plan["version"], plan["replaces"]) == ("2.0", "1.0")
    refused = await house.admin.post("/api/community/publish", {"appId": "pages", "store": store})
    assert refused.status == 409
    done = await apps.ended(
        await house.admin.post("/api/community/publish", {"appId": "pages", "store": store, "replace": True})
    )
    assert done["state"] == "done", done
    assert 'version: "2.0"' in (work / "apps" / "pages" / "app.yml").read_text()
    assert sorted(path.name for path in work.iterdir()) == [".git", "apps"], "nothing else is left there"
    submissions = (await house.admin.get("/api/community/submissions")).json
    assert [(one["how"], one["version"]) for one in submissions] == [
        ("folder", "2.0"), ("patch", "2.0"), ("patch", "1.0"),
    ]  # fmt: skip
    script = await house.key(["stores:write"])
    assert (await script.post("/api/community/publish", {"appId": "pages", "store": store})).status == 403


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
