"""A house on the real engine, and what somebody made there without it."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from talome.engines.compose import find_compose
from tests.home.apps.shop import Apps
from tests.support.docker_engine import EngineDaemon, busybox_tar
from tests.support.house import House, open_house

SERVES = "mkdir -p /www; cat /conf/page > /www/index.html; trap 'exit 0' TERM; httpd -f -p 8080 -h /www & wait"
COMPOSE = """
services:
  web:
    image: hand/web:1
    container_name: handmade
    environment: ["TITLE=a$$b", "DB_PASSWORD=${{DB_PASSWORD}}"]
    env_file: [extra.env]
    command: ["sh", "-c", "{serves}"]
    ports: ["18091:8080"]
    stop_grace_period: 1s
    volumes: ["./conf:/conf", "kept:/kept"]
    depends_on: [db]
  db:
    image: hand/web:1
    command: ["sleep", "1000"]
    stop_grace_period: 1s
    mem_limit: 64m
    volumes: ["/old"]
volumes:
  kept:
"""


class Handmade:
    """A Compose project in `folder`, brought up by plain Compose."""

    def __init__(self, folder: Path, daemon: EngineDaemon) -> None:
        self.folder = folder
        self.daemon = daemon
        daemon.api.import_image_from_data(busybox_tar(), repository="hand/web", tag="1")
        (folder / "conf").mkdir(parents=True)
        (folder / "conf" / "page").write_text("by hand")
        (folder / "compose.yml").write_text(COMPOSE.format(serves=SERVES))
        (folder / ".env").write_text("DB_PASSWORD=s3cret-of-old\n")
        (folder / "extra.env").write_text("EXTRA=1\n")

    def compose(self, *arguments: str) -> str:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "DOCKER_HOST": self.daemon.host}
        argv = [*find_compose().command, *arguments]
        return subprocess.run(
            argv, cwd=self.folder, env=environment, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def running(self) -> dict[str, tuple[str, str]]:
        """Id and start of each container by name."""
        names = [row["Names"][0] for row in self.daemon.api.containers(all=True)]
        found: dict[str, Any] = {name: self.daemon.api.inspect_container(name.lstrip("/")) for name in names}
        return {name: (one["Id"], one["State"]["StartedAt"]) for name, one in found.items()}

    def run_in(self, name: str, script: str) -> str:
        api = self.daemon.api
        output: bytes = api.exec_start(api.exec_create(name.lstrip("/"), ["sh", "-c", script])["Id"])
        return output.decode()


@pytest.fixture
def handmade(tmp_path: Path, clean_daemon: EngineDaemon) -> Handmade:
    made = Handmade(tmp_path / "handmade", clean_daemon)
    made.compose("up", "-d")
    return made


@pytest.fixture
async def apps(handmade: Handmade, tmp_path: Path) -> AsyncIterator[Apps]:
    house: House
    async with open_house(tmp_path / "home", None, docker_host=handmade.daemon.host, start_terminal=False) as house:
        yield Apps(house)
