"""A house on the real engine, with a store of three small apps and a stack of them."""

import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.home.apps.shop import Apps, push_image
from tests.support.docker_engine import EngineDaemon
from tests.support.house import House, open_house
from tests.support.registry import Registry

APP = """
id: {id}
name: {name}
version: "1.0"
tagline: A small app
description: It serves a page.
category: other
web: {{service: web, port: 8080, path: /}}
probe: {{path: /, patience_s: 20}}
fields:
  - {{name: peer, label: Address of the other, default: nobody}}
  - {{name: key, label: Key of the other, kind: password}}
variables:
  - {{name: PEER, parts: [{{field: peer}}]}}
  - {{name: KEY, parts: [{{field: key}}]}}
  - {{name: OWN_KEY, parts: [{{secret: own, length: 24}}]}}
"""
COMPOSE = """
services:
  web:
    image: {image}
    environment: {{PEER: "${{PEER}}", KEY: "${{KEY}}", OWN_KEY: "${{OWN_KEY}}"}}
    ports: ["{port}:8080"]
    stop_grace_period: 1s
    volumes: ["${{APP_DATA_DIR}}/state:/state"]
"""
STACK = """
id: trio
name: Trio
tagline: Three that play together
description: One after the other.
icon: music
apps:
  - {app: one, why: The first.}
  - {app: two, why: The second.}
  - {app: three, why: The third.}
wiring:
  - from: two
    to: one
    what: Two asks one.
    set: {peer: "http://host.docker.internal:{one:8080}", key: "{one:OWN_KEY}"}
  - {from: three, to: two, what: Tell three where two is.}
"""
SERVES = (
    "echo start >> /state/starts; mkdir -p /www; echo $PEER > /www/index.html; "
    "trap 'exit 0' TERM; httpd -f -p 8080 -h /www & wait"
)
ENDS = "echo the cellar is flooded; exit 3"


class Trio:
    """The store in `folder`; `push` puts an image of an app into the registry."""

    def __init__(self, folder: Path, daemon: EngineDaemon, registry: Registry) -> None:
        self.folder = folder
        self._daemon = daemon
        self._registry = registry

    def write(self) -> None:
        for number, name in enumerate(("one", "two", "three")):  # the third wishes for the port of the first
            app = self.folder / "apps" / name
            app.mkdir(parents=True)
            (app / "app.yml").write_text(textwrap.dedent(APP.format(id=name, name=name.title())))
            (app / "compose.yml").write_text(COMPOSE.format(image=self.image(name), port=18081 + number % 2))
        (self.folder / "stacks").mkdir()
        (self.folder / "stacks" / "trio.yml").write_text(STACK)

    def image(self, app: str) -> str:
        return f"{self._registry.address}/{app}:1.0"

    def push(self, app: str, command: str = SERVES) -> None:
        push_image(self._daemon, self.image(app), command)


@pytest.fixture
def trio(tmp_path: Path, clean_daemon: EngineDaemon, registry: Registry) -> Trio:
    made = Trio(tmp_path / "store", clean_daemon, registry)
    made.write()
    return made


@pytest.fixture
async def real_house(tmp_path: Path, clean_daemon: EngineDaemon) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", None, docker_host=clean_daemon.host, start_terminal=False) as opened:
        yield opened


@pytest.fixture
async def apps(real_house: House, trio: Trio) -> Apps:
    made = Apps(real_house)
    made.store = await made.add_store(trio.folder)
    return made
