"""The samples of four public stores, each app rendered as an installation would, and looked at by the real Compose.

Run with `-s` it prints a table. The samples are other people's and lie beside this checkout, or the test is skipped.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from talome.core.db import Database
from talome.core.errors import Conflict
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.engines.compose import ComposeProject, find_compose
from talome.engines.listeners import Listeners
from talome.home.apps.permissions import sheet
from talome.home.apps.ports import PortLeases, reserved_ports
from talome.home.apps.rendering import Surroundings, port_wishes, render
from talome.home.apps.store import LeasesStore
from talome.home.manifest import AppManifest, FormField
from talome.home.stores.formats import casaos, runtipi, umbrel
from talome.home.stores.formats.found import StoreSource
from talome.home.stores.formats.secrets import is_secret_name
from tests.home.stores.rendering import ANSWERS, apps, nothing_started, samples, umbrel_samples

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
FACTS = {
    "timezone": "Europe/Berlin", "uid": "1000", "gid": "1000", "hostname": "box", "domain": "box.local",
    "address": "192.168.1.5", "architecture": "amd64", "dns": "192.168.1.1", "network": "192.168.1.0/24",
    "interface": "eth0",
}  # fmt: skip
READERS = {"casaos": casaos.read, "big-bear": casaos.read, "umbrel": umbrel.read, "runtipi": runtipi.read}
WATCHED = ("docker.sock", "privileged", "host network")


@dataclass
class Tally:
    """Of one store; `wrong` holds what should not be."""

    read: int = 0
    accepted: int = 0
    lacking: list[str] = field(default_factory=list)
    port_taken: list[str] = field(default_factory=list)
    secrets_told: int = 0
    rights: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def _answer(asked: FormField) -> str:
    if asked.options:
        return str(asked.options[0][0])
    text = {**ANSWERS, "domain": "app.example", "password": "Pa55word"}.get(asked.kind, "answer")
    if asked.kind == "number":
        return str(int(max(asked.minimum or 0, 7)))
    return text.ljust(int(asked.minimum or 0), "x") if asked.kind in ("text", "password") else text


def _literal_secrets(compose: Mapping[str, Any]) -> list[str]:
    return [
        name
        for body in compose["services"].values()
        for name, value in (body.get("environment") or {}).items()
        if is_secret_name(name) and value and "${" not in str(value) and str(value).lower() not in ("true", "false")
    ]


class House:
    """Leases ports and renders, as an installation does before anything is fetched."""

    def __init__(self, root: Path, leases: PortLeases) -> None:
        self._root = root
        self._leases = leases
        self._compose = find_compose()
        self._limit = asyncio.Semaphore(4)
        self.published: Counter[tuple[str, str]] = Counter()

    async def install(self, store: str, app: AppManifest, tally: Tally) -> None:
        async with self._limit:
            await self._install(f"{store}-{app.id}", store, app, tally)

    async def _install(self, name: str, store: str, app: AppManifest, tally: Tally) -> None:
        try:
            taken = await self._leases.reserve(name, port_wishes(app))
        except Conflict as refused:  # such as a second name server: said in words, and nothing is moved
            tally.port_taken.append(f"{app.id}: {refused.message}")
            return
        ports = {lease.key: lease.port for lease in taken}
        answers = {asked.name: _answer(asked) for asked in app.fields if asked.required or asked.kind == "password"}
        rendered = render(app, answers, self._surroundings(name, store, ports), {})
        folder = self._root / name
        for path, text in rendered.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        project = ComposeProject(self._compose, "unix:///nonexistent", name, folder)
        if warnings := await project.check():
            tally.wrong.append(f"{app.id}: {warnings}")
        resolved = await project.resolved()
        self._look_at_ports(app, resolved, ports, tally)
        self._look_at_rights(app, resolved, folder, tally)
        told = " ".join(app.warnings)
        for secret in _literal_secrets(rendered.compose):
            tally.secrets_told += 1
            if secret not in told:
                tally.wrong.append(f"{app.id}: nobody is told of {secret}")
        tally.accepted += 1

    def _surroundings(self, name: str, store: str, ports: Mapping[str, int]) -> Surroundings:
        shared = {
            kind: str(self._root / "shared" / kind) for kind in ("media", "downloads", "photos", "documents", "files")
        }
        return Surroundings(
            app_id=name, store=store, revision=1, facts={**FACTS, "data": str(self._root / name / "data")},
            folders=shared, ports=ports, secret=lambda secret: hashlib.sha256(f"{name}/{secret}".encode()).digest(),
        )  # fmt: skip

    def _look_at_ports(self, app: AppManifest, resolved: Any, ports: Mapping[str, int], tally: Tally) -> None:
        """Each published port is leased, each lease published; where "Open" leads is one of them."""
        found = [port for body in resolved["services"].values() for port in body.get("ports") or []]
        if sorted(int(port["published"]) for port in found) != sorted(ports.values()):
            tally.wrong.append(f"{app.id}: publishes {found}, leased are {ports}")
        self.published.update((str(port["published"]), str(port.get("protocol", "tcp"))) for port in found)
        on_host = any(body.get("network_mode") == "host" for body in resolved["services"].values())
        if app.web is not None and not on_host and f"{app.web.service}/{app.web.port}/tcp" not in ports:
            tally.wrong.append(f"{app.id}: its page is at no leased port")

    def _look_at_rights(self, app: AppManifest, resolved: Any, folder: Path, tally: Tally) -> None:
        """What the resolved file says as text, the sheet says too."""
        shown = sheet(resolved, data_folder=str(folder / "data"), project_folder=str(folder))
        services = resolved["services"].values()
        there = {
            "docker.sock": "docker.sock" in yaml.safe_dump([body.get("volumes") for body in services]),
            "privileged": any(body.get("privileged") for body in services),
            "host network": any(body.get("network_mode") == "host" for body in services),
        }
        told = " ".join(f"{item.id} {item.title} {item.detail}".lower() for item in shown.items)
        for what in WATCHED:
            tally.rights[what] += there[what]
            words = "network" if what == "host network" else what
            if there[what] and words not in told:
                tally.wrong.append(f"{app.id}: the sheet is silent about {what}: {told}")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    db = Database(tmp_path / "talome.db", Events(), durable=False)
    await db.open(find_migrations("talome.home.apps"))
    leases = PortLeases(LeasesStore(db), Listeners(list, folder=tmp_path), reserved_ports(4000, 4001))
    (tmp_path / "apps").mkdir()
    yield House(tmp_path / "apps", leases)
    await db.close()


async def test_every_sample_installs_dry_or_says_why_not(house: House, tmp_path: Path) -> None:
    tallies: dict[str, Tally] = {}
    for store, read in READERS.items():
        folder = umbrel_samples(tmp_path / "umbrel") if store == "umbrel" else samples(store)
        with nothing_started():
            found = apps(list(read(folder, StoreSource(store, store))))
        tally = tallies[store] = Tally(read=len(found))
        tally.lacking = [app.id for app in found.values() if app.lacks]
        able = [app for app in found.values() if not app.lacks]
        await asyncio.gather(*(house.install(store, app, tally) for app in able))
    for store, tally in tallies.items():
        rights = ", ".join(f"{what} {tally.rights[what]}" for what in WATCHED)
        print(
            f"{store:9} read {tally.read:3}, accepted {tally.accepted:3}, lacking {len(tally.lacking)}, port refused "
            f"{len(tally.port_taken)}, literal secrets told {tally.secrets_told}; {rights}"
        )
        print(*(f"    {refused}" for refused in tally.port_taken), sep="\n")
    assert {store: tally.wrong for store, tally in tallies.items() if tally.wrong} == {}
    for tally in tallies.values():
        assert tally.accepted + len(tally.lacking) + len(tally.port_taken) == tally.read
    assert not tallies["casaos"].lacking
    assert not tallies["big-bear"].lacking
    assert [port for port, times in house.published.items() if times > 1] == []
