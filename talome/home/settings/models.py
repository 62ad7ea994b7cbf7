"""The shapes of settings on the wire."""

from datetime import datetime
from typing import Literal

from talome.core.clock import from_ms
from talome.core.models import Wire
from talome.core.settings.service import Change, Setting, State, Value


class SettingSchema(Wire):
    """What a setting means and takes. `choices` is given for the kind “choice” only; `minimum` and `maximum` bound a
    number, or the length of a text; `unit` is what a number counts."""

    key: str
    title: str
    help: str
    kind: Literal["text", "number", "boolean", "choice", "secret"]
    default: str | float | bool | None
    choices: list[str] | None
    minimum: float | None
    maximum: float | None
    unit: str | None
    feature: str

    @staticmethod
    def of(setting: Setting) -> "SettingSchema":
        bounded = setting.kind in ("number", "text", "secret")
        return SettingSchema(
            key=setting.key,
            title=setting.title,
            help=setting.help,
            kind=setting.kind,
            default=None if setting.kind == "secret" else setting.default,
            choices=list(setting.choices) if setting.kind == "choice" else None,
            minimum=setting.minimum if bounded else None,
            maximum=setting.maximum if bounded else None,
            unit=setting.unit or None,
            feature=setting.feature,
        )


class SettingChange(Wire):
    """One change; secrets show as “(configured)”."""

    id: str
    key: str
    old: Value
    new: Value
    at: datetime
    by: str

    @staticmethod
    def of(change: Change) -> "SettingChange":
        return SettingChange(
            id=change.id, key=change.key, old=change.old, new=change.new, at=from_ms(change.at), by=change.by
        )


class SettingState(Wire):
    """A setting as it is now; secrets show as “(configured)”. `chosen`: somebody set it, it is not the default.

    `revision` names this state; sent back with a change, it makes sure that nobody else's is overwritten.
    """

    key: str
    value: Value
    chosen: bool
    revision: str
    changed_at: datetime | None
    changed_by: str | None

    @staticmethod
    def of(state: State) -> "SettingState":
        last = state.last
        return SettingState(
            key=state.setting.key,
            value=state.value,
            chosen=state.chosen,
            revision=state.revision,
            changed_at=from_ms(last.at) if last else None,
            changed_by=last.by if last else None,
        )
