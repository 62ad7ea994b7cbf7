"""Attacks on apps and stores, over HTTP and MCP, from inside an app's own folder, and by a full disk. Each was tried
before it was written down."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from talome.app import API_CLASSES
from talome.core.errors import Invalid
from talome.core.operations import Registry
from talome.engines.compose import find_compose
from talome.home.apps.plans import by_key
from talome.home.apps.rendering import Surroundings, render
from talome.home.manifest import AppManifest
from tests.fakes.docker import FakeEngine
from tests.home.apps.shop import Apps
from tests.support.house import House, Person

PIN, SECRET_TITLE = "tulips-4711-pin", "hyacinth-0815"
IMAGE = "registry.example/notes:1"
APP: dict[str, Any] = {
    "id": "notes",
    "name": "<b>Notes</b>\x1b]0;owned\x07",
    "version": "1.0",
    "tagline": "<script>alert(1)</script>",
    "description": "[x](javascript:alert(1))",
    "category": "other",
    "fields": [
        {"name": "TITLE", "label": "Title", "default": "A"},
        {"name": "PIN", "label": "Pin", "kind": "password"},
    ],
    "variables": [
        {"name": "TITLE", "parts": [{"field": "TITLE"}]},
        {"name": "PIN", "parts": [{"field": "PIN"}]},
        {"name": "DB", "parts": [{"secret": "DB"}]},
    ],
}
SERVICE: dict[str, Any] = {
    "image": IMAGE,
    "environment": {"TITLE": "${TITLE}", "PIN": "${PIN}", "DB": "${DB}"},
    "ports": ["18080:8080"],
    "volumes": ["${APP_DATA_DIR}/state:/state"],
}


def put_app(store: Path, id: str = "notes", told: Mapping[str, Any] | None = None, **service: Any) -> None:
    folder = store / "apps" / id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.yml").write_text(json.dumps({**APP, "id": id, **(told or {})}))
    (folder / "compose.yml").write_text(yaml.safe_dump({"services": {"web": {**SERVICE, **service}}}))


@pytest.fixture
async def town(house: House, fake: FakeEngine, tmp_path: Path) -> Apps:
    """On the fake engine everything works but Compose, so an installation gets as far as starting."""
    fake.images.publish(IMAGE)
    put_app(tmp_path / "store")
    put_app(tmp_path / "store", "owner", privileged=True)
    made = Apps(house)
    made.store = await made.add_store(tmp_path / "store")
    assert (await house.admin.get(f"/api/stores/{made.store}/problems")).json == []
    return made


async def tool(person: Person, name: str, **arguments: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    return (await person.post("/mcp", body, headers={"Accept": "application/json"})).json


def nothing_left(home: Path, app: str = "notes") -> bool:
    with closing(sqlite3.connect(home / "talome.db")) as db:
        rows = db.execute("SELECT id FROM apps UNION ALL SELECT app FROM port_leases").fetchall()
    return rows == [] and not (home / "apps" / app).exists() and list((home / "apps").glob(".prepared/*")) == []


# --- who may ----------------------------------------------------------------------------------------------------------


async def test_whoever_may_only_look_changes_nothing(town: Apps, house: House) -> None:
    member = await house.member("ben")
    reader = await house.key(["apps:read", "stores:read"])
    registry = Registry()
    registry.add(*API_CLASSES)
    closed = [one for one in registry if one.scope in ("apps:write", "stores:write")]
    assert len(closed) > 12
    for one in closed:
        path = re.sub(r"{\w+}", "notes", one.path)
        for person in (member, reader):
            answer = await person.call(one.method, path, {} if one.method not in ("GET", "DELETE") else None)
            assert answer.status == 403, (one.name, answer.text)
        refused = await tool(reader, one.name.replace(".", "_"), id="notes")
        assert "error" in refused or refused["result"]["isError"], one.name
    async with member.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "apps.install", "arguments": {"appId": "notes"}})
        assert (await socket.receive_json(timeout=5))["error"]["status"] in (400, 403, 404)
    assert (await house.admin.get("/api/apps/installed")).json == []


async def test_only_a_person_accepts_risks(town: Apps, house: House) -> None:
    wanted = {"appId": "owner", "acceptRisks": True}
    robot = await house.key(["*"])
    assert (await robot.post("/api/apps/install", wanted)).status == 403
    assert (await tool(robot, "apps_install", **wanted))["result"]["isError"] is True
    assert (await house.admin.post("/api/apps/install", {"appId": "owner"})).status == 403
    assert nothing_left(town.home, "owner")


# --- names ------------------------------------------------------------------------------------------------------------

HOSTILE = ["..", ".prepared", "DATA", "no", "notesx", "ünï", "a" * 65, "%2e%2e%2f", "a%00b", "notes%0a", "-x", "$(id)"]


async def test_no_path_is_made_of_a_hostile_name(town: Apps) -> None:
    before = sorted(town.home.rglob("*"))
    for name in HOSTILE:
        await try_name(town, name)
    assert [path for path in sorted(town.home.rglob("*")) if path not in before and "talome.db" not in path.name] == []


async def try_name(town: Apps, name: str) -> None:
    for method, path, body in (
        ("GET", f"/api/apps/installed/{name}", None),
        ("GET", f"/api/apps/{name}/settings", None),
        ("GET", f"/api/apps/{name}/icon", None),
        ("DELETE", f"/api/apps/{name}", None),
        ("POST", f"/api/apps/{name}/start", {}),
        ("POST", f"/api/apps/{name}/update", {}),
        ("POST", f"/api/apps/{name}/rollback", {}),
        ("PUT", f"/api/apps/{name}/settings", {"env": {}}),
        ("PUT", f"/api/apps/{name}/update-policy", {"policy": "manual"}),
        ("POST", "/api/apps/install", {"appId": name}),
        ("POST", "/api/apps/install", {"appId": "notes", "storeId": name}),
        ("POST", f"/api/stores/{name}/sync", {}),
        ("DELETE", f"/api/stores/{name}", None),
    ):
        if name == ".." and name in path:
            continue  # a client resolves that itself
        answer = await town.person.call(method, path, body)
        assert 400 <= answer.status < 500, (method, path, answer.text)
    if name not in ("no", "notesx"):
        answer = await town.person.post("/api/apps/install", {"appId": "notes", "nameAs": name})
        assert answer.status == 400, answer.text
        assert (await town.person.post("/api/apps/bulk", {"action": "start", "appIds": [name]})).status == 400


async def test_what_belongs_to_another_project_is_not_taken_over(town: Apps, fake: FakeEngine) -> None:
    """A project's volumes outlive its containers: installing by its name would have taken them, and trashed them."""
    label = "com.docker.compose.project"
    fake.add_container("cloud-db-1", labels={label: "cloud"})
    await fake.volumes.create("diary_kept", labels={label: "diary"})
    taken = await town.person.post("/api/apps/install", {"appId": "notes", "nameAs": "cloud"})
    reason = taken.json["error"] if taken.status == 409 else (await town.ended(taken))["reason"]
    assert "cloud-db-1" in reason
    assert "belongs to another “cloud”" in reason
    own = await town.person.post("/api/apps/install", {"appId": "notes", "nameAs": "talome"})
    assert own.status == 400, own.text
    failed = await town.install(appId="notes", nameAs="diary")
    assert failed["reason"] == "“diary_kept” belongs to another “diary” on this machine. Choose another name."
    assert nothing_left(town.home, "diary")
    assert [one.name for one in await fake.volumes.all()] == ["diary_kept"]


def test_a_port_by_the_containers_number() -> None:
    keys = ["web/8080/tcp", "web/8080/udp", "db/5432/tcp", "admin/80/tcp", "other/80/tcp"]
    assert by_key({"8080": 1, "5432": 2, "other/80": 3}, keys) == {
        "web/8080/tcp": 1, "db/5432/tcp": 2, "other/80/tcp": 3,
    }  # fmt: skip
    assert by_key({"8080/udp": 4}, keys) == {"web/8080/udp": 4}
    for wrong in ({"80": 1}, {"81": 1}, {"8080": 1, "web/8080/tcp": 2}, {"": 1}, {"/": 1}):
        with pytest.raises(Invalid):
            by_key(wrong, keys)


# --- answers ----------------------------------------------------------------------------------------------------------


def manifest(count: int) -> AppManifest:
    names = [f"V{number}" for number in range(count)]
    return AppManifest.model_validate(
        {
            "id": "x",
            "name": "X",
            "fields": [{"name": name, "label": name} for name in names],
            "variables": [{"name": name, "parts": [{"field": name}]} for name in names]
            + [{"name": "DB", "parts": [{"secret": "DB"}]}],
            "scaffold": [{"path": "x.conf", "text": "${V0}|${DB}", "template": True}],
            "compose": {"services": {"w": {"image": "x", "environment": {name: f"${{{name}}}" for name in names}}}},
        }
    )


AROUND = Surroundings("x", "s:x", 1, {}, {}, {}, lambda _: b"\x07" * 32)
NASTY = st.text(
    st.sampled_from("ab ${}DB'\"\\#=:`!%&*|>-\t~^é漢😀\u2028") | st.characters(exclude_categories=["Cs", "Cc"]),
    max_size=40,
)


@given(values=st.lists(NASTY, min_size=6, max_size=6))
@settings(max_examples=12, deadline=None)
def test_an_answer_arrives_as_it_was_given(tmp_path_factory: pytest.TempPathFactory, values: list[str]) -> None:
    """Through `.env` and Compose's own reader; an answer that ended in a backslash broke the file."""
    folder = tmp_path_factory.mktemp("x")
    told = [*values, "${DB}", "'$DB'", "\"; $(id) '", "\\n\\", "$" * 4096, "'" * 2048]
    answers = {f"V{number}": value for number, value in enumerate(told)}
    files = render(manifest(len(told)), answers, AROUND, {}).files
    for name in ("compose.yml", ".env"):
        (folder / name).write_text(files[name])
    command = [*find_compose().command, "--project-directory", str(folder), "-f", str(folder / "compose.yml")]
    done = subprocess.run(
        [*command, "config", "--format", "json"], capture_output=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    read = json.loads(done.stdout)["services"]["w"]["environment"]
    assert read == {name: value.replace("$", "$$") for name, value in answers.items()}
    assert done.stderr == b""


def test_an_answer_cannot_ask_for_a_secret_in_a_file_of_settings() -> None:
    """Variables were put in one after another, so an answer `${DB}` became the app's password."""
    files = render(manifest(1), {"V0": "${DB}"}, AROUND, {}).files
    assert files["data/x.conf"] == "${DB}|" + "07" * 32


async def test_what_no_line_can_hold_is_refused(town: Apps) -> None:
    for answer in ("a\\nB=1", "a\\r", "\\u0000", "x" * 4097, "\\ud800"):
        body = f'{{"appId": "notes", "env": {{"TITLE": "{answer}"}}}}'.encode()
        refused = await town.person.call(
            "POST", "/api/apps/install", data=body, headers={"Content-Type": "application/json"}
        )
        assert refused.status == 400, (answer[:9], refused.text)
    assert nothing_left(town.home)


READABLE = ("apps", "apps/notes", "apps/installed", "stores", "audit-log", "jobs", "notifications", "settings")


def kept(home: Path) -> bytes:
    """The database, and what has not reached its main file yet."""
    return b"".join(path.read_bytes() for path in home.glob("talome.db*"))


async def test_secrets_are_told_nowhere(town: Apps) -> None:
    """An answer to a question that is not called a password was in the audit log."""
    failed = await town.install(appId="notes", env={"PIN": PIN, "TITLE": SECRET_TITLE})
    assert failed["state"] == "failed", "Compose has no engine here"
    wrong = await town.person.post("/api/apps/install", {"appId": "notes", "env": {"PIN": PIN, "NO": "x"}})
    assert wrong.status == 400
    assert PIN not in wrong.text
    token = "ghp_anemone0123456789"
    added = await town.person.post(
        "/api/stores", {"name": "Mine", "type": "talome", "gitUrl": "https://stores.invalid/x", "token": token}
    )
    assert added.status == 201, added.text
    paths = (*READABLE, f"jobs/{failed['id']}")
    answers = [(await town.person.get(f"/api/{path}")).text for path in paths]
    for secret in (PIN, SECRET_TITLE, token):
        assert [text[:200] for text in answers if secret in text] == []
        assert secret.encode() not in kept(town.home)


# --- the folder of an app, after the app was in it --------------------------------------------------------------------


async def test_a_link_that_leads_out_of_the_folder(town: Apps, tmp_path: Path) -> None:
    """Docker follows links: `data/state -> /etc` would have given the app the machine at its next start."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "shadow").write_text("root")
    for planted in ("data/state", "data"):
        link = town.home / "apps" / "notes" / planted
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(outside)
        failed = await town.install(appId="notes")
        assert failed["state"] == "failed"
        assert "link" in failed["reason"], failed
        assert link.is_symlink()
        link.unlink()
        shutil.rmtree(town.home / "apps" / "notes")
    assert [path.name for path in outside.iterdir()] == ["shadow"]
    assert list((town.home / "trash").rglob("*.*")) == []


# --- two at once, broken off, and no room -----------------------------------------------------------------------------


async def test_two_at_once_and_broken_off_while_it_is_fetched(town: Apps, fake: FakeEngine) -> None:
    for published in fake.images.published.values():
        published.goes_on = asyncio.Event()
    both = await asyncio.gather(*(town.person.post("/api/apps/install", {"appId": "notes"}) for _ in range(2)))
    assert sorted(answer.status for answer in both) == [200, 409]
    job = next(answer.json["id"] for answer in both if answer.status == 200)
    while "images.pull" not in fake.calls:
        await asyncio.sleep(0.01)
    for method, path in (("DELETE", ""), ("POST", "/start"), ("POST", "/update")):
        answer = await town.person.call(method, f"/api/apps/notes{path}", {} if path else None)
        assert answer.status in (404, 409), (path, answer.text)
    assert (await town.person.post(f"/api/jobs/{job}/cancel")).status == 200
    assert (await town.end_of(job))["state"] == "cancelled"
    assert nothing_left(town.home)


async def test_no_room_for_the_files_of_an_app(town: Apps, tmp_path: Path) -> None:
    """OSError in a step or in its undoing left the job running, and the app blocked, until the next start."""
    if os.environ.get("TALOME_TEST_NAMESPACE") != "1":
        pytest.skip("a small disk can be mounted in a namespace of its own only")
    told = {"scaffold": [{"path": "big.txt", "text": "x" * 40_000}]}
    put_app(tmp_path / "store", told=told)
    await town.sync(town.store)
    disk = str(town.home / "apps")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], check=True)
    try:
        failed = await town.install(appId="notes")
        assert (failed["state"], "no room" in failed["reason"]) == ("failed", True), failed
        assert nothing_left(town.home)
        put_app(tmp_path / "store", told={"scaffold": [{"path": "big.txt", "text": "x" * 90_000}]})
        await town.sync(town.store)
        assert (await town.person.post("/api/apps/install", {"appId": "notes"})).status == 507
        assert nothing_left(town.home)
    finally:
        subprocess.run(["umount", disk], check=True)
