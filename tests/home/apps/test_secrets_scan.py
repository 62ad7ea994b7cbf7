"""Whatever an administrator reads, no secret that Talome keeps is in it: each reading operation is asked."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest

from talome.app import API_CLASSES
from talome.core.operations import PUBLIC, Operation, Registry
from tests.home.apps.shop import Apps, Shop
from tests.support.house import PASSWORD, House, Person
from tests.support.registry import Front

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]
_STREAM_S = 0.5
_MOST_OF_A_KIND = 6
_TOKEN, _PIN, _SIGN_IN = "token-of-a-private-store", "seventy-seven sevens", "password-of-a-registry"


def _reading() -> list[Operation]:
    registry = Registry()
    registry.add(*API_CLASSES)
    return [operation for operation in registry if operation.risk == "read" and operation.method == "GET"]


async def _read(person: Person, operation: Operation, path: str) -> tuple[int, str]:
    """The whole answer; of a stream what it says in the beginning."""
    headers = {"Authorization": f"Bearer {person.token}"}
    async with person.http.get(person.base + path, headers=headers) as answer:
        if answer.content_type != "text/event-stream":
            return answer.status, await answer.text()
        assert operation.item is not None, operation.name
        said = bytearray()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STREAM_S):
                async for chunk in answer.content.iter_any():
                    said += chunk
        return answer.status, said.decode()


def _names_in(told: Any) -> Iterator[str]:
    """Whatever may name a thing in an address."""
    if isinstance(told, list):
        for item in told:
            yield from _names_in(item)
    elif isinstance(told, dict):
        if isinstance(name := told.get("id") or told.get("name"), str):
            yield name
        for value in told.values():
            yield from _names_in(value)


def _kind(operation: Operation) -> str:
    return "/".join(operation.path.split("/")[:3])


async def _plant(house: House, apps: Apps, shop: Shop, front: Front) -> dict[str, str]:
    """Secrets of every sort that Talome is given or makes, by what they are."""
    done = await apps.install(env={"PIN": _PIN})
    assert done["state"] == "done", done
    shop.push("leaks", command="echo my pin is $PIN and my password $DB_PASSWORD; exit 3")
    shop.release("2.0", tag="leaks")
    await apps.sync(apps.store)
    assert (await apps.ended(await apps.person.post("/api/apps/shop/update")))["state"] == "failed"
    front.password = ("mara", _SIGN_IN)
    sign_in = {"host": front.address, "username": "mara", "password": _SIGN_IN}
    assert (await apps.person.post("/api/registries", sign_in)).status == 201
    private = {"url": "https://store.invalid/apps.git", "token": _TOKEN}
    added = await apps.person.post("/api/stores", private)
    assert added.status == 201, added.text
    await apps.end_of(added.json["job"]["id"])
    key = await house.key(["apps:read"])
    lines = (apps.home / "apps" / "shop" / ".env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return {
        "the house's secret": house.settings.secret or "",
        "a password": PASSWORD,
        "a session": str(house.admin.token),
        "an API key": str(key.token),
        "the token of a store": _TOKEN,
        "the sign-in of a registry": _SIGN_IN,
        "an answer of a form": _PIN,
        "a secret made for an app": values["DB_PASSWORD"].strip("'\""),
    }


class Scan:
    """What one person can read. `found` is what should not have been told."""

    def __init__(self, person: Person, secrets: dict[str, str]) -> None:
        self._person = person
        self._secrets = secrets
        self._names: dict[str, set[str]] = defaultdict(set)
        self.found: set[str] = set()
        self.answered: set[str] = set()

    async def run(self) -> None:
        reading = _reading()
        await asyncio.gather(*(self._ask(each) for each in reading if "{id}" not in each.path))
        for operation in reading:
            if "{id}" in operation.path:
                ours_first = sorted(self._names[_kind(operation)], key=lambda name: ("shop" not in name, name))
                await asyncio.gather(*(self._ask(operation, name) for name in ours_first[:_MOST_OF_A_KIND]))

    async def _ask(self, operation: Operation, name: str = "") -> None:
        status, said = await _read(self._person, operation, operation.path.replace("{id}", name))
        self.found.update(f"{operation.name}: {what}" for what, secret in self._secrets.items() if secret in said)
        if status == 200:
            self.answered.add(operation.name)
            if "{id}" not in operation.path and operation.item is None:
                self._names[_kind(operation)].update(_names_in(orjson.loads(said)))


async def test_no_reading_operation_tells_a_secret(real_house: House, apps: Apps, shop: Shop, front: Front) -> None:
    secrets = await _plant(real_house, apps, shop, front)
    assert all(len(secret) > 10 for secret in secrets.values())
    person = Scan(real_house.admin, secrets)
    await person.run()
    # A person who may change containers sees what they were started with; see ContainersApi.
    given = {"an answer of a form", "a secret made for an app"}
    assert person.found == {f"containers.{verb}: {what}" for verb in ("get", "inspect") for what in given}
    must = {"containers.inspect", "containers.logs", "apps.settings", "jobs.log", "stores.get", "registries.list"}
    assert must <= person.answered, must - person.answered
    assert len(person.answered) > 45, sorted({each.name for each in _reading()} - person.answered)

    script = Scan(await real_house.key(sorted({each.scope for each in _reading()} - {PUBLIC})), secrets)
    await script.run()
    assert script.found == set()
    assert {"containers.get", "containers.inspect", "apps.settings"} <= script.answered
