"""A source is read, found, read again where it changed, and goes; what cannot be one is refused."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from talome.core.errors import TalomeError
from tests.memory.ground import ADA, BEN, Ground, open_ground
from tests.memory.sources.conftest import TABLES, again, found, left, read, ready
from tests.support.git_http import commit, git_server

ROOT = Path(__file__).parents[3]


def home_of(ground: Ground) -> Path:
    return ground.kernel.settings.home


async def refused(ground: Ground, **body: Any) -> str:
    with pytest.raises(TalomeError) as error:
        await ground.call(ADA, "sources.add", **body)
    assert error.value.status in (400, 403, 404)
    return error.value.message


async def test_a_folder_is_read_again_only_where_it_changed(ground: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").write_text("# Ports\nPlex answers at 32400.\n\n# More\nGrafana answers at 3000.")
    (folder / "deep" / "b.html").write_text("<title>Page</title><h1>Night</h1><p>Backups run at night.")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4")
    (folder / ".hidden.md").write_text("hidden")
    (folder / "link.md").symlink_to("/etc/hostname")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    source = await read(ground, path=str(folder), watch=True)
    assert (source["state"], source["documents"], source["watched"]) == ("ready", 2, True)
    assert source["problems"] == [{"path": "broken.pdf", "reason": "It is no whole PDF."}]
    [best, *_] = await found(ground, "when do backups run")
    assert (best["title"], best["place"]) == ("Page", "deep/b.html, line 1, Night")
    kept = {hit["text"]: hit["chunk_id"] for hit in await found(ground, "answers at")}

    watch = ground.memory.sources.watch
    await watch.look()
    assert (await ready(ground, source["id"]))["read_at"] == source["read_at"]
    (folder / "a.md").write_text("# Ports\nPlex answers at 32401.\n\n# More\nGrafana answers at 3000.")
    (folder / "broken.pdf").unlink()
    shutil.rmtree(folder / "deep")
    await watch.look()
    source = await ready(ground, source["id"])
    assert (source["documents"], source["problems"]) == (1, [])
    now = {hit["text"]: hit["chunk_id"] for hit in await found(ground, "answers at")}
    assert set(now) == {"Plex answers at 32401.", "Grafana answers at 3000."}
    assert now["Grafana answers at 3000."] == kept["Grafana answers at 3000."]
    assert left(home_of(ground)) == {"sources": 1, "documents": 1, "chunks": 2, "index_items": 2}

    def rows() -> list[Any]:
        with closing(sqlite3.connect(home_of(ground) / "memory.db")) as db:
            return db.execute("SELECT * FROM documents").fetchall() + db.execute("SELECT * FROM chunks").fetchall()

    before = rows()
    assert (await again(ground, source["id"]))["read_at"] > source["read_at"]
    assert rows() == before


async def test_the_same_outside_name_is_the_same_source(ground: Ground) -> None:
    named = {"external_source": "crm", "external_id": "7"}
    first = await read(ground, text="Ann lives in Bern.", **named)
    second = await read(ground, text="Ann lives in Basel.", **named)
    assert second["id"] == first["id"]
    assert [hit["text"] for hit in await found(ground, "where does Ann live")] == ["Ann lives in Basel."]
    assert (await ground.call(ADA, "sources.add", text="Ann lives in Basel.", **named))["deduped"] is True
    assert "go together" in await refused(ground, text="x", external_id="7")
    assert "another kind" in await refused(ground, url="https://example.org", **named)


async def test_what_cannot_be_a_source(ground: Ground, tmp_path: Path) -> None:
    own = home_of(ground)
    (tmp_path / "link").symlink_to(own)
    for path in (own, own / "memory", own.parent, tmp_path / "link", "/", "/etc", "/proc/self", "a", tmp_path / "gone"):
        assert await refused(ground, path=str(path))
    bodies: list[dict[str, Any]] = [
        {}, {"text": "a", "url": "https://example.org"}, {"url": "ftp://example.org"}, {"url": "http://2130706433/"},
        {"repository": "file:///etc"}, {"repository": "ext::sh -c true"}, {"text": "x", "watch": True},
        {"repository": "http://127.0.0.1/x.git"}, {"upload": "in_" + "0" * 26}, {"text": ""},
        {"text": "x", "workspace_id": "@all"}, {"repository": "https://example.org/x", "branch": "--upload-pack=x"},
    ]  # fmt: skip
    for body in bodies:
        assert await refused(ground, **body)
    assert left(own) == dict.fromkeys(TABLES, 0)


async def test_text_with_what_no_text_has(ground: Ground) -> None:
    source = await read(ground, text="before\x00after \x07 fts: \"quoted AND (NEAR* ^ - ' OR 1=1 --")
    assert source["state"] == "ready"
    for query in ('"', "AND", "NEAR(", "* ^ -", "' OR 1=1 --", "\x00"):
        await found(ground, query)
    assert (await found(ground, "beforeafter"))[0]["text"].startswith("beforeafter")


async def test_addresses(ground: Ground) -> None:
    """Changed only where it says so; and never into the own network, neither at once nor by a redirect."""
    text, asked = "# Page\nThe pool is warm.", list[str]()

    async def page(request: web.Request) -> web.Response:
        asked.append(request.headers.get("If-None-Match", ""))
        if request.headers.get("If-None-Match") == '"1"' and "warm" in text:
            return web.Response(status=304)
        return web.Response(
            text=text, content_type="text/markdown", headers={"ETag": '"1"' if "warm" in text else '"2"'}
        )

    async def inside(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/latest/meta-data")

    app = web.Application()
    app.router.add_get("/page.md", page)
    app.router.add_get("/inside", inside)
    async with TestServer(app, host="127.0.0.1") as server:
        url = str(server.make_url("/page.md"))
        closed = await read(ground, url=url)
        assert (closed["state"], asked) == ("failed", [])
        assert "private network" in closed["problem"]
        source = await read(ground, url=url, allow_private=True)
        assert (source["id"], source["state"], source["title"]) == (closed["id"], "ready", "Page")
        assert (await found(ground, "pool"))[0]["url"] == url
        source = await again(ground, source["id"])
        assert (source["state"], asked[-1]) == ("ready", '"1"')
        text = "# Page\nThe pool is cold."
        await again(ground, source["id"])
        assert [hit["text"] for hit in await found(ground, "pool")] == ["The pool is cold."]
        redirected = await read(ground, url=str(server.make_url("/inside")), allow_private=True)
        assert "never fetches from" in redirected["problem"]
    gone = await again(ground, source["id"])
    assert (gone["state"], gone["documents"]) == ("failed", 1)
    assert len(await found(ground, "pool")) == 1


async def test_a_repository(ground: Ground, tmp_path: Path) -> None:
    files = {"README.md": "# Tool\nIt counts sheep.", "src/sheep.py": "def count(sheep):\n    return len(sheep)\n"}
    commit(tmp_path / "git" / "tool", files)
    async with git_server(tmp_path / "git") as address:
        url = f"{address}/tool/.git"
        source = await read(ground, repository=url, allow_private=True)
        assert (source["state"], source["documents"]) == ("ready", 2), source["problem"]
        [best, *_] = await found(ground, "def count sheep", source_ids=[source["id"]])
        assert (best["place"], best["url"]) == ("src/sheep.py, line 1", url)
        commit(tmp_path / "git" / "tool", {"README.md": "# Tool\nIt counts goats."})
        await again(ground, source["id"])
        assert [hit["text"] for hit in await found(ground, "goats")][:1] == ["It counts goats."]


async def test_what_people_leave_behind_goes_a_month_after_them(ground: Ground) -> None:
    db = ground.memory.vault._store.db
    theirs = (await ground.call(BEN, "sources.add", text="The owl is Ben's."))["source"]["id"]
    async with asyncio.timeout(20):
        while (await ground.call(BEN, "sources.get", id=theirs))["state"] != "ready":
            await asyncio.sleep(0.02)
    shared = await read(ground, text="The owl is everybody's.", workspace_id="@house")
    await ground.accounts.users.delete(BEN.user_id, by=ADA.user_id)
    await ground.memory.purge.run()
    async with db.write() as tx:
        await tx.execute("UPDATE left_spaces SET since = 1 WHERE space = 'u:usr_ben'")
    await ground.memory.purge.run()
    with pytest.raises(TalomeError):
        await ground.call(BEN, "sources.get", id=theirs)
    await ground.memory.sources.watch.look()
    assert left(home_of(ground)) == dict.fromkeys(TABLES, 1)
    kept = {entry.name for entry in (home_of(ground) / "memory" / "sources").iterdir()}
    assert kept == {"incoming", shared["id"]}


def make_many(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.md").write_text(f"# Note {number}\nThe number is {number}.")
    return folder


async def test_a_source_that_is_deleted_while_it_is_read_is_gone(ground: Ground, tmp_path: Path) -> None:
    added = await ground.call(ADA, "sources.add", path=str(make_many(tmp_path / "many", 60)))
    source_id = added["source"]["id"]
    async with asyncio.timeout(20):
        while (await ground.call(ADA, "sources.get", id=source_id))["documents"] == 0:
            await asyncio.sleep(0.01)
    await ground.call(ADA, "sources.delete", id=source_id)
    assert left(home_of(ground)) == dict.fromkeys(TABLES, 0)
    assert not (home_of(ground) / "memory" / "sources" / source_id).exists()


async def test_a_reading_that_was_killed_goes_on_to_its_end(tmp_path: Path) -> None:
    folder, home = make_many(tmp_path / "many", 60), tmp_path / "home"
    home.mkdir(mode=0o700)
    command = [sys.executable, "-m", "tests.memory.sources.killed", str(home), str(folder)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    source_id = (await asyncio.to_thread(child.stdout.readline)).strip()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert 20 <= left(home)["documents"] < 60
    (home / "memory" / "sources" / "src_left").mkdir()
    async with open_ground(home) as ground:
        assert not (home / "memory" / "sources" / "src_left").exists()
        await ground.kernel.jobs.resume()
        source = await ready(ground, source_id)
        assert (source["state"], source["documents"]) == ("ready", 60)
        assert left(home) == {"sources": 1, "documents": 60, "chunks": 60, "index_items": 60}
        [best, *_] = await found(ground, "number 57", limit=1)
        assert "57" in best["text"]
