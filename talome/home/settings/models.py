"""The shapes of settings on the wire."""

from datetime import datetime
from typing import Literal

from talome.core.clock import from_ms
from talome.core.models import Wire
from talome.core.settings.service import Change, Setting, Value


class SettingSchema(Wire):
    """What a setting means and takes. `choices` is given for the kind “choice” only."""

    key: str
    title: str
    help: str
    kind: Literal["text", "number", "boolean", "choice", "secret"]
    default: str | float | bool | None
    choices: list[str] | None
    feature: str

    @staticmethod
    def of(setting: Setting) -> "SettingSchema":
        return SettingSchema(
            key=setting.key,
            title=setting.title,
            help=setting.help,
            kind=setting.kind,
            default=None if setting.kind == "secret" else setting.default,
            choices=list(setting.choices) if setting.kind == "choice" else None,
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
