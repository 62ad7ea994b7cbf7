"""Operations on settings."""

from typing import Annotated, Any

from pydantic import Field

from talome.core.errors import Forbidden
from talome.core.operations import Caller, WholeBody, operation
from talome.core.settings.service import Settings, Value
from talome.home.settings.models import SettingChange, SettingSchema, SettingState


class SettingsApi:
    """Faces of `core.settings`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @operation("GET", "/api/settings", scope="settings:read", risk="read")
    async def get(self, caller: Caller) -> dict[str, Value]:
        """Every setting and its value. A secret shows “(configured)”, or null where there is none."""
        return self._settings.shown()

    @operation("PUT", "/api/settings", scope="settings:write", risk="modify")
    async def update(self, caller: Caller, values: Annotated[dict[str, Any], WholeBody()]) -> dict[str, Value]:
        """Change the named settings, all or none. Null goes back to the default; “(configured)” keeps a secret."""
        self._refuse_agents(caller, values)
        return await self._settings.update(values, by=caller.name)

    @operation("GET", "/api/settings/schema", scope="settings:read", risk="read")
    async def schema(self, caller: Caller) -> list[SettingSchema]:
        """What can be set: title, help, kind, default and choices of every setting."""
        return [SettingSchema.of(setting) for setting in self._settings.declared.values()]

    @operation("GET", "/api/settings/states", scope="settings:read", risk="read")
    async def states(self, caller: Caller) -> list[SettingState]:
        """Every setting as it is now, whether somebody chose it, who changed it last, and its revision."""
        return [SettingState.of(state) for state in self._settings.states()]

    @operation("PUT", "/api/settings/states", scope="settings:write", risk="modify")
    async def change(
        self, caller: Caller, values: dict[str, Any], revisions: dict[str, str] | None = None
    ) -> list[SettingState]:
        """Change the named settings, all or none; a 409 where one of `revisions` is not the latest any more."""
        self._refuse_agents(caller, values)
        await self._settings.update(values, by=caller.name, revisions=revisions)
        return [SettingState.of(state) for state in self._settings.states()]

    @operation("GET", "/api/settings/history", scope="settings:read", risk="read")
    async def history(
        self, caller: Caller, limit: Annotated[int, Field(ge=1, le=500)] = 100, key: str | None = None
    ) -> list[SettingChange]:
        """Who changed which setting, when, from what to what; the latest first. `key` names one setting."""
        return [SettingChange.of(change) for change in await self._settings.history(limit, key)]

    def _refuse_agents(self, caller: Caller, values: dict[str, Any]) -> None:
        known = self._settings.declared
        if caller.kind == "agent" and (kept := [key for key in values if key in known and known[key].people_only]):
            raise Forbidden(f"An agent may not change “{known[kept[0]].title}”. A person can, in Settings.")
