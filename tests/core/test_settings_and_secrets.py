"""Settings with their history, secrets at rest, and what the server refuses to start with."""

import asyncio
from pathlib import Path

import pytest

from talome.core.db import Database
from talome.core.errors import Conflict, Internal, Invalid
from talome.core.events import Events, Overflow
from talome.core.migrations import find_migrations
from talome.core.secrets import Secrets, SecretUnusable, load_master
from talome.core.settings.boot import BadEnvironment, read_boot_settings
from talome.core.settings.service import CONFIGURED, Setting, Settings, SettingsChanged
from talome.core.settings.store import SettingsStore

DECLARED = (
    Setting("greeting", "text", "hello", "Greeting", "", "test", maximum=20),
    Setting("count", "number", 5, "Count", "", "test", minimum=1, maximum=9),
    Setting("loud", "boolean", False, "Loud", "", "test"),
    Setting("colour", "choice", "red", "Colour", "", "test", choices=("red", "green")),
    Setting("mail_password", "secret", None, "Password", "", "test"),
)
SECRETS = Secrets(b"s" * 32)


@pytest.fixture
async def db(tmp_path: Path, events: Events):
    database = Database(tmp_path / "x.db", events)
    await database.open(find_migrations("talome.core.settings"))
    yield database
    await database.close()


@pytest.fixture
async def settings(db: Database):
    service = Settings(SettingsStore(db), SECRETS, DECLARED)
    await service.load()
    return service


async def test_a_change_is_kept_told_and_remembered(settings: Settings, db: Database, events: Events) -> None:
    with events.subscribe(SettingsChanged) as told:
        await settings.update({"greeting": "hi", "count": 5}, "ada")
        assert (await anext(told)).keys == {"greeting"}, "what stays the same is no change"
    (change,) = await settings.history(10)
    assert (change.key, change.old, change.new, change.by) == ("greeting", None, "hi", "ada")
    again = Settings(SettingsStore(db), SECRETS, DECLARED)
    await again.load()
    assert again.get("greeting") == "hi"
    await again.update({"greeting": None}, "ada")
    assert again.get("greeting") == "hello"
    assert [change.new for change in await again.history(10)] == [None, "hi"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("greeting", 1),
        ("greeting", "x" * 21),
        ("count", 10),
        ("count", True),
        ("count", "5"),
        ("loud", 1),
        ("colour", "blue"),
        ("nothing", 1),
        ("mail_password", ["x"]),
    ],
)
async def test_a_wrong_value_changes_nothing(settings: Settings, key: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        await settings.update({"loud": True, key: value}, "ada")
    assert refused.value.details["field"] == key
    assert settings.get("loud") is False
    assert await settings.history(10) == []


async def test_a_secret_is_sealed_in_the_file_and_never_shown(settings: Settings, db: Database) -> None:
    shown = await settings.update({"mail_password": "hunter2"}, "ada")
    assert shown["mail_password"] == CONFIGURED
    assert settings.get("mail_password") == "hunter2"
    assert "hunter2" not in str(await settings.history(10))
    await settings.update({"mail_password": CONFIGURED}, "ada")
    assert settings.get("mail_password") == "hunter2", "sending back what was shown changes nothing"
    assert b"hunter2" not in b"".join(path.read_bytes() for path in db.path.parent.glob("x.db*"))


async def test_a_change_that_was_overtaken_is_refused_and_loses_nothing(settings: Settings, db: Database) -> None:
    def revision(key: str, of: Settings = settings) -> str:
        return next(state.revision for state in of.states() if state.setting.key == key)

    seen = revision("count")
    assert seen == ""
    await settings.update({"count": 6}, "ada", {"count": seen})
    with pytest.raises(Conflict, match="ada changed “Count”") as refused:
        await settings.update({"count": 7, "loud": True}, "ben", {"count": seen, "loud": ""})
    assert refused.value.details["field"] == "count"
    assert (settings.get("count"), settings.get("loud")) == (6, False)
    await settings.update({"count": None}, "ben", {"count": revision("count")})
    again = Settings(SettingsStore(db), SECRETS, DECLARED)
    await again.load()
    assert revision("count", again) == revision("count") != seen
    state = next(state for state in again.states() if state.setting.key == "count")
    assert (state.value, state.chosen, state.last and state.last.by) == (5, False, "ben")


async def test_of_two_who_change_the_same_at_once_one_is_told(settings: Settings) -> None:
    changes = (settings.update({"count": number}, "ada", {"count": ""}) for number in (2, 3))
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert [isinstance(outcome, Conflict) for outcome in outcomes] == [False, True]
    assert settings.get("count") == 2


def test_a_sealed_value_opens_only_in_its_row_and_with_its_secret() -> None:
    sealed = SECRETS.seal("x", purpose="p", row="1")
    assert SECRETS.open(sealed, purpose="p", row="1") == "x"
    for box, purpose, row in ((SECRETS, "p", "2"), (SECRETS, "q", "1"), (Secrets(b"t" * 32), "p", "1")):
        with pytest.raises(Internal):
            box.open(sealed, purpose=purpose, row=row)
    with pytest.raises(Internal):
        SECRETS.open("v1.AAAA", purpose="p", row="1")


def test_the_master_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    first = load_master(None, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_master(None, file) == first
    file.chmod(0o644)
    with pytest.raises(SecretUnusable, match="chmod 600"):
        load_master(None, file)
    for bad in ("", "short", "zz" * 32):
        with pytest.raises(SecretUnusable, match="64 hexadecimal"):
            load_master(bad, file)


@pytest.mark.parametrize(
    "environment",
    [{"CORE_PORT": "x"}, {"CORE_PORT": "70000"}, {"CORE_PORT": "-1"}, {"TALOME_LOG_LEVEL": "loud"}],
)
def test_an_environment_that_cannot_be_understood_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(BadEnvironment, match=next(iter(environment))):
        read_boot_settings(environment)


def test_lists_in_the_environment() -> None:
    settings = read_boot_settings({"TALOME_DOMAINS": "a.example, b.example,", "TALOME_HOME": "/x"})
    assert settings.domains == ("a.example", "b.example")
    assert settings.home == Path("/x")


async def test_a_subscriber_that_falls_behind_is_let_go(events: Events) -> None:
    slow = events.subscribe(str, size=3)
    for number in range(10):
        events.publish(str(number))
    assert [await anext(slow) for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(Overflow):
        await anext(slow)
