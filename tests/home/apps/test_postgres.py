"""A real PostgreSQL as an app: an update that changes its tables, one that breaks them, and the way back to them."""

import asyncio
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home.apps.shop import ICON, Apps, Files, push_image
from tests.support.docker_engine import EngineDaemon
from tests.support.house import House
from tests.support.registry import Registry
from tests.support.store_house import write

APP = """
id: books
name: Books
version: "{version}"
tagline: A database
description: It keeps books.
category: other
icon: icon.svg
"""
COMPOSE = """
services:
  db:
    image: {image}
    user: "1000:1000"
    environment: {{TZ: UTC, HOME: /tmp}}
    volumes: ["${{APP_DATA_DIR}}/db:/db"]
    healthcheck: {{test: [CMD, psql, -h, /tmp, -U, postgres, -c, "SELECT 1"], interval: 1s, retries: 60}}
"""
SERVES = """
set -e
test -s /db/data/PG_VERSION || initdb -D /db/data -U postgres --auth trust --locale C
{before}
exec postgres -D /db/data -k /tmp
"""
MIGRATES = """
pg_ctl -D /db/data -o "-k /tmp" -w start
psql -h /tmp -U postgres -c "{sql}"
pg_ctl -D /db/data -w stop
{after}
"""
SPOILS = "UPDATE books SET title = 'spoilt'"
WRITES = "CREATE TABLE books AS SELECT n, md5(n::text) AS title FROM generate_series(1, 20000) AS n"
SUM = "SELECT count(*), md5(string_agg(title, ',' ORDER BY n)) FROM books"


def _programs() -> Path:
    """Where this machine's PostgreSQL has its programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found or shutil.which("ldd") is None:
        pytest.skip("PostgreSQL's server (Debian's package postgresql) or ldd is not on this machine")
    return found[-1].parent


def _files(bin: Path) -> Files:
    """PostgreSQL with the libraries that it needs, by their paths."""
    programs = [bin / name for name in ("postgres", "initdb", "psql", "pg_ctl")]
    programs += [path for path in (bin.parent / "lib").glob("*.so") if "llvm" not in path.name]
    files = [*programs, *_needed(programs), *Path("/usr/share/postgresql").iterdir(), Path("/usr/share/zoneinfo/UTC")]
    return {str(path).lstrip("/"): path for path in files if path.exists()}


def _needed(programs: list[Path]) -> Iterator[Path]:
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    for path in sorted(set(re.findall(r"(?:=> |^\s+)(/\S+) \(0x", said, re.MULTILINE))):
        yield Path(path)


class Books:
    """The app, its store and its images."""

    def __init__(self, apps: Apps, folder: Path, daemon: EngineDaemon, registry: Registry) -> None:
        self.apps = apps
        self._folder = folder
        self._daemon = daemon
        self._registry = registry
        self._bin = _programs()
        self._files = _files(self._bin)

    async def release(self, version: str, script: str) -> None:
        image = f"{self._registry.address}/books:{version}"
        script = f"export PATH=$PATH:{self._bin}\n{script}"
        await asyncio.to_thread(push_image, self._daemon, image, script, self._files)
        files = {
            "app.yml": APP.format(version=version),
            "compose.yml": COMPOSE.format(image=image).replace("psql", f"{self._bin}/psql"),
            "icon.svg": ICON,
        }
        write(self._folder / "apps" / "books", {name: textwrap.dedent(text) for name, text in files.items()})
        if not self.apps.store:
            self.apps.store = await self.apps.add_store(self._folder)
        else:
            await self.apps.sync(self.apps.store)

    def ask(self, sql: str) -> str:
        [row] = self._daemon.api.containers()
        command = [f"{self._bin}/psql", "-h", "/tmp", "-U", "postgres", "-At", "-c", sql]
        return str(self._daemon.api.exec_start(self._daemon.api.exec_create(row["Id"], command)["Id"]).decode().strip())

    async def update(self) -> tuple[str, str]:
        job = await self.apps.ended(await self.apps.person.post("/api/apps/books/update"))
        return job["state"], str(job["reason"])


@pytest.mark.docker
@pytest.mark.whole  # the images weigh 60 MB each
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_database_comes_back_as_it_was(
    real_house: House, tmp_path: Path, clean_daemon: EngineDaemon, registry: Registry
) -> None:
    books = Books(Apps(real_house), tmp_path / "store", clean_daemon, registry)
    await books.release("1.0", SERVES.format(before=""))
    installed = await books.apps.install("books")
    assert installed["state"] == "done", installed
    books.ask(WRITES)
    written = await asyncio.to_thread(books.ask, SUM)
    assert written.startswith("20000|")

    await books.release("2.0", SERVES.format(before=MIGRATES.format(sql=SPOILS, after="echo it is spoilt; exit 7")))
    state, reason = await books.update()
    assert state == "failed"
    assert "it is spoilt" in reason
    assert books.ask(SUM) == written

    await books.release("3.0", SERVES.format(before=MIGRATES.format(sql="ALTER TABLE books ADD read bool", after="")))
    assert await books.update() == ("done", "None")
    books.ask("DELETE FROM books WHERE n > 10000")
    assert books.ask("SELECT count(read IS NULL) FROM books") == "10000"

    back = await books.apps.ended(await books.apps.person.post("/api/apps/books/rollback"))
    assert back["state"] == "done", back
    assert books.ask(SUM) == written
    assert books.ask("SELECT count(*) FROM information_schema.columns WHERE table_name = 'books'") == "2"
