"""Sign-ins for private registries: tried before they are kept, never told again, sent to their own registry only."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from talome.core.db import Database
from talome.core.errors import Forbidden, Internal
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.core.secrets import Secrets
from talome.engines.docker.models import RegistryAuth
from talome.home.registries.service import Registries
from talome.home.registries.store import RegistriesStore
from tests.fakes.docker import FakeEngine
from tests.support.house import Answer, House

PASSWORD = "horse/battery staple"
IMAGE = "registry.home:5000/family/photos:1"


@pytest.fixture
def private(fake: FakeEngine) -> FakeEngine:
    fake.images.publish(IMAGE, auth=RegistryAuth("mara", PASSWORD))
    return fake


async def add(house: House, password: str = PASSWORD, host: str = "registry.home:5000") -> Answer:
    return await house.admin.post("/api/registries", {"host": host, "username": "mara", "password": password})


async def test_a_sign_in_is_tried_kept_sealed_and_never_told(house: House, private: FakeEngine) -> None:
    refused = await add(house, "guessed")
    assert (refused.status, refused.json["field"]) == (400, "password")
    unreachable = await add(house, host="nowhere.home:5000")
    assert unreachable.status == 503
    assert (await house.admin.get("/api/registries")).json == []

    added = await add(house, host="HTTPS://Registry.Home:5000/v2/")
    assert added.status == 201, added.text
    assert added.json["host"] == "registry.home:5000"
    listed = await house.admin.get("/api/registries")
    assert [one["username"] for one in listed.json] == ["mara"]
    audit = await house.admin.get("/api/audit-log")
    kept = sqlite3.connect(house.settings.database)
    rows = str(kept.execute("SELECT * FROM registries").fetchall())
    kept.close()
    for told in (added.text, listed.text, audit.text, rows):
        assert "battery" not in told


async def test_a_password_that_no_longer_works_says_so_until_it_is_put_right(house: House, private: FakeEngine) -> None:
    await add(house)
    private.images.published.clear()
    private.images.publish(IMAGE, auth=RegistryAuth("mara", "a new one"))
    checked = await house.admin.post("/api/registries/registry.home:5000/check")
    assert "user name and password" in checked.json["failure"]
    assert (await add(house, "a new one")).json["failure"] is None
    [listed] = (await house.admin.get("/api/registries")).json
    assert listed["failure"] is None


async def test_it_is_removed_and_then_not_there(house: House, private: FakeEngine) -> None:
    await add(house)
    assert (await house.admin.delete("/api/registries/registry.home:5000")).status == 200
    assert (await house.admin.delete("/api/registries/registry.home:5000")).status == 404
    assert (await house.admin.post("/api/registries/registry.home:5000/check")).status == 404


@pytest.mark.parametrize(
    "host", ["photos", "../images/json?", "ghcr.io/family", "a b.home", "ghcr.io:99999999", "-x.home"]
)
async def test_what_is_no_registry_is_refused_before_anybody_is_asked(house: House, host: str) -> None:
    assert (await add(house, host=host)).status == 400


async def test_they_are_an_administrators_affair(house: House) -> None:
    refused = await house.admin.post(
        "/api/users", {"username": "eve", "password": "a long password", "permissions": ["registries:read"]}
    )
    assert refused.status == 400
    member = await house.member("ben", ["apps:write"])
    assert (await member.get("/api/registries")).status == 403
    assert (await member.post("/api/registries", {"host": "ghcr.io", "username": "x", "password": "y"})).status == 403


# --- how they are used ---


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    events = Events()
    opened = Database(tmp_path / "talome.db", events)
    await opened.open(find_migrations("talome.home.registries"))
    yield opened
    await opened.close()
    await events.stop()


async def test_a_password_goes_to_its_own_registry_only_and_each_use_is_noted(db: Database) -> None:
    fake = FakeEngine()
    fake.images.publish(IMAGE, auth=RegistryAuth("mara", PASSWORD))
    registries = Registries(RegistriesStore(db), Secrets(b"k" * 32), fake)
    await registries.add("registry.home:5000", "mara", PASSWORD, by="ada")
    for other in ("registry.home/family/photos:1", "registry.home:5001/x:1", "nginx:1", "evil.home/registry.home:1"):
        async with registries.signed_in(other) as auth:
            assert auth is None
    async with registries.signed_in(IMAGE) as auth:
        assert auth == RegistryAuth("mara", PASSWORD, "registry.home:5000")
    said = f"Get https://mara:{PASSWORD}@registry.home: denied for horse%2Fbattery%20staple"
    with pytest.raises(Forbidden):
        async with registries.signed_in(IMAGE):
            raise Forbidden(said)
    [noted] = await registries.all()
    assert noted.failure is not None
    assert noted.last_success_at is not None
    assert "battery" not in noted.failure


async def test_a_password_cannot_be_moved_to_another_registry(db: Database) -> None:
    fake = FakeEngine()
    fake.images.publish(IMAGE)
    fake.images.publish("evil.home:5000/x:1")
    registries = Registries(RegistriesStore(db), Secrets(b"k" * 32), fake)
    await registries.add("registry.home:5000", "mara", PASSWORD, by="ada")
    async with db.write() as tx:
        await tx.execute("UPDATE registries SET host = ?", ("evil.home:5000",))
    with pytest.raises(Internal):
        async with registries.signed_in("evil.home:5000/x:1"):
            pass
