"""One small app in each of the four formats, as their stores write them down; every one serves a page on port 8080."""

import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.home.apps.shop import ICON, SERVES, push_image
from tests.support.docker_engine import EngineDaemon
from tests.support.registry import Registry
from tests.support.store_house import write

Files = Callable[[str, str], Mapping[str, str]]
"""Of a store, for a version and an image."""


def _casaos(version: str, image: str) -> Mapping[str, str]:
    text = f"""
        name: boat
        services:
          boat:
            image: {image}
            stop_grace_period: 1s
            ports:
              - target: 8080
                published: "18081"
                protocol: tcp
            volumes:
              - type: bind
                source: /DATA/AppData/$AppID/state
                target: /state
        x-casaos:
          main: boat
          index: /
          port_map: "18081"
          category: Media
          version: "{version}"
          title: {{en_us: Boat}}
          tagline: {{en_us: A boat on the lake}}
          developer: Ada
    """
    return {"Apps/Boat/docker-compose.yml": textwrap.dedent(text)}


def _umbrel(version: str, image: str) -> Mapping[str, str]:
    manifest = f"""
        manifestVersion: 1.1
        id: tea-cup
        name: Cup
        version: "{version}"
        category: files
        tagline: A cup of tea
        description: It is warm.
        port: 18082
        path: ""
    """
    compose = f"""
        version: "3.7"
        services:
          app_proxy:
            environment:
              APP_HOST: tea-cup_web_1
              APP_PORT: 8080
              PROXY_AUTH_ADD: "false"
          web:
            image: {image}
            restart: on-failure
            stop_grace_period: 1s
            environment:
              SEED: $TEA_SEED
            volumes:
              - ${{APP_DATA_DIR}}/data/state:/state
    """
    return {
        "umbrel-app-store.yml": "id: tea\nname: Tea\n",
        "tea-cup/umbrel-app.yml": textwrap.dedent(manifest),
        "tea-cup/docker-compose.yml": textwrap.dedent(compose),
        "tea-cup/exports.sh": 'export TEA_SEED=$(derive_entropy "tea")\n',
    }


def _runtipi(version: str, image: str) -> Mapping[str, str]:
    config = {
        "id": "lamp", "name": "Lamp", "available": True, "tipi_version": int(float(version)), "version": version,
        "short_desc": "A lamp", "author": "Ada", "source": "https://lamp.example", "port": 18083,
        "categories": ["utilities"],
        "form_fields": [{"type": "random", "label": "Key", "env_variable": "LAMP_KEY", "min": 32}],
    }  # fmt: skip
    web = {
        "name": "lamp", "image": image, "isMain": True, "internalPort": 8080, "stopGracePeriod": "1s",
        "environment": {"KEY": "${LAMP_KEY}"},
        "volumes": [{"hostPath": "${APP_DATA_DIR}/data/state", "containerPath": "/state"}],
    }  # fmt: skip
    return {
        "apps/lamp/config.json": json.dumps(config),
        "apps/lamp/docker-compose.json": json.dumps({"schemaVersion": 2, "services": [web]}),
        "apps/lamp/metadata/description.md": "It is bright.",
    }


def _talome(version: str, image: str) -> Mapping[str, str]:
    manifest = f"""
        id: shelf
        name: Shelf
        version: "{version}"
        tagline: A shelf on the wall
        description: It holds things.
        category: other
        icon: icon.svg
        web: {{service: web, port: 8080, path: /}}
    """
    compose = f"""
        services:
          web:
            image: {image}
            stop_grace_period: 1s
            ports: ["18084:8080"]
            volumes:
              - ${{APP_DATA_DIR}}/state:/state
    """
    return {
        "apps/shelf/app.yml": textwrap.dedent(manifest),
        "apps/shelf/compose.yml": textwrap.dedent(compose),
        "apps/shelf/icon.svg": ICON,
    }


@dataclass(frozen=True)
class Format:
    """`app` and `name` are the app's in its store."""

    kind: str
    app: str
    name: str
    files: Files


FORMATS = (
    Format("casaos", "boat", "Boat", _casaos),
    Format("umbrel", "tea-cup", "Cup", _umbrel),
    Format("runtipi", "lamp", "Lamp", _runtipi),
    Format("talome", "shelf", "Shelf", _talome),
)


@dataclass(frozen=True)
class Stall:
    """The store of one format in a folder, and the images of its app in the registry."""

    format: Format
    folder: Path
    daemon: EngineDaemon
    registry: Registry

    def image(self, tag: str) -> str:
        return f"{self.registry.address}/{self.format.app}:{tag}"

    def push(self, tag: str, *, mark: str = "", command: str = SERVES) -> None:
        push_image(self.daemon, self.image(tag), command.format(mark=mark or tag))

    def release(self, version: str) -> None:
        write(self.folder, self.format.files(version, self.image(version)))
