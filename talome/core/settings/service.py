"""What people choose: declared by the features, kept in the database, every change with its history."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from talome.core import ids
from talome.core.changes import note_change
from talome.core.clock import now_ms
from talome.core.errors import Conflict, Invalid
from talome.core.log import is_secret_name
from talome.core.secrets import Secrets
from talome.core.settings.store import ChangeRow, SettingsStore

Kind = Literal["text", "number", "boolean", "choice", "secret"]
Value = str | int | float | bool | None
CONFIGURED: Final = "(configured)"
_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "choice": (str,),
    "secret": (str,),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A declaration. `minimum` and `maximum` bound a number or the length of a text; `unit` is what a number counts.
    `people_only`: what an agent must not change, as it would open what agents are kept from."""

    key: str
    kind: Kind
    default: Value
    title: str
    help: str
    feature: str
    choices: tuple[str, ...] = ()
    minimum: float = 0
    maximum: float = 2000
    unit: str = ""
    people_only: bool = False

    def __post_init__(self) -> None:
        if self.kind == "secret" and not is_secret_name(self.key):
            raise ValueError(f"{self.key}: the name of a secret must look like one, so that logs and audit hide it")

    def check(self, value: Any) -> None:
        """Raise `Invalid` where the value does not fit."""
        fits = isinstance(value, _TYPES[self.kind]) and (isinstance(value, bool) == (self.kind == "boolean"))
        if not fits:
            raise Invalid(f"“{self.key}” must be a {self.kind}.", field=self.key)
        if self.kind == "choice" and value not in self.choices:
            raise Invalid(f"“{self.key}” must be one of: {', '.join(self.choices)}.", field=self.key)
        size = value if self.kind == "number" else len(value) if isinstance(value, str) else self.minimum
        if not self.minimum <= size <= self.maximum:
            raise Invalid(f"“{self.key}” must be between {self.minimum:g} and {self.maximum:g}.", field=self.key)


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """These settings have new values."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    id: str
    key: str
    old: Value
    new: Value
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class State:
    """A setting as it is now. `chosen`: somebody set it, it is not the default. `last` is the latest change."""

    setting: Setting
    value: Value
    chosen: bool
    last: Change | None

    @property
    def revision(self) -> str:
        """Names this state, for those who change it later: empty as long as nobody ever did."""
        return self.last.id if self.last else ""


class Settings:
    """Values are read from memory; `load` fills it once at start."""

    def __init__(self, store: SettingsStore, secrets: Secrets, declared: Iterable[Setting]) -> None:
        self._store = store
        self._secrets = secrets
        self.declared = {setting.key: setting for setting in declared}
        self._values: dict[str, Value] = {}
        self._last: dict[str, Change] = {}
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        self._last = {row.key: _change(row) for row in await self._store.last_changes()}
        for key, text in (await self._store.all()).items():
            if setting := self.declared.get(key):  # a key of a feature that is gone stays in the file, unread
                secret = setting.kind == "secret"
                self._values[key] = self._open(key, text) if secret else orjson.loads(text)

    def _open(self, key: str, text: str) -> str:
        return self._secrets.open(text, purpose="settings", row=key)

    def get(self, key: str) -> Value:
        """The value, secrets in the clear: for services only, never for an answer."""
        return self._values.get(key, self.declared[key].default)

    def number(self, key: str) -> float:
        value = self.get(key)
        if not isinstance(value, int | float):
            raise TypeError(f"{key} is not a number")
        return value

    def shown(self) -> dict[str, Value]:
        """Every setting as people may see it."""
        return {key: self._shown(setting, self.get(key)) for key, setting in self.declared.items()}

    def states(self) -> list[State]:
        """Every setting as people may see it, with who changed it last."""
        return [
            State(setting, self._shown(setting, self.get(key)), key in self._values, self._last.get(key))
            for key, setting in self.declared.items()
        ]

    def _shown(self, setting: Setting, value: Value) -> Value:
        if setting.kind != "secret":
            return value
        return CONFIGURED if value else None

    async def update(
        self, values: Mapping[str, Any], by: str, revisions: Mapping[str, str] | None = None
    ) -> dict[str, Value]:
        """Set some, all or none of them: null goes back to the default, a secret's placeholder changes nothing.

        `revisions` are the states that the caller has seen; one that is not the latest any more is a `Conflict`.
        """
        async with self._changing:
            changes = {key: value for key, value in values.items() if self._is_change(key, value)}
            self._refuse_overtaken(revisions or {})
            at = now_ms()
            rows = [self._history(key, value, at, by) for key, value in changes.items()]
            before = dict(self._last), dict(self._values)
            try:
                async with self._store.db.write() as tx:
                    for row in rows:
                        await self._store.put(tx, row.key, self._stored(row.key, changes[row.key]), at)
                        await self._store.add_change(tx, row)
                    if changes:
                        tx.emit(SettingsChanged(frozenset(changes)))
                    for row in rows:  # before the commit, at which those who are told look what it is now
                        self._keep(row, changes[row.key])
            except BaseException:
                self._last, self._values = before
                raise
            for row in rows:
                note_change(row.key, orjson.loads(row.old or "null"), orjson.loads(row.new or "null"))
        return self.shown()

    def _keep(self, row: ChangeRow, value: Value) -> None:
        self._last[row.key] = _change(row)
        if value is None:
            self._values.pop(row.key, None)
        else:
            self._values[row.key] = value

    def _refuse_overtaken(self, revisions: Mapping[str, str]) -> None:
        for key, seen in revisions.items():
            last = self._last.get(key)
            if last is not None and last.id != seen:
                raise Conflict(
                    f"{last.by} changed “{self.declared[key].title}” while you were at it. Look at both, then choose."
                    if key in self.declared
                    else f"There is no setting “{key}” any more.",
                    field=key,
                )

    def _is_change(self, key: str, value: Any) -> bool:
        setting = self.declared.get(key)
        if setting is None:
            raise Invalid(f"There is no setting “{key}”.", field=key)
        if setting.kind == "secret" and value == CONFIGURED:
            return False
        if value is None:
            return key in self._values
        setting.check(value)
        return bool(value != self.get(key))

    def _stored(self, key: str, value: Any) -> str | None:
        if value is None:
            return None
        if self.declared[key].kind == "secret":
            return self._secrets.seal(value, purpose="settings", row=key)
        return orjson.dumps(value).decode()

    def _history(self, key: str, value: Any, at: int, by: str) -> ChangeRow:
        setting = self.declared[key]
        old = self._shown(setting, self.get(key)) if key in self._values else None
        new = self._shown(setting, value)
        return ChangeRow(ids.new_id("chg"), key, orjson.dumps(old).decode(), orjson.dumps(new).decode(), at, by)

    async def history(self, limit: int, key: str | None = None) -> list[Change]:
        """The latest changes first; of one setting, or of all."""
        return [_change(row) for row in await self._store.changes(limit, key)]


def _change(row: ChangeRow) -> Change:
    return Change(row.id, row.key, orjson.loads(row.old or "null"), orjson.loads(row.new or "null"), row.at, row.by)
