"""What must not be read in the words of an app: its programs write into their logs whatever they like."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from talome.core.errors import NotFound, TalomeError
from talome.core.log import is_secret_name
from talome.home.apps.folders import AppFolders, Revision
from talome.home.apps.layout import filled
from talome.home.apps.rendering import render, secret_values
from talome.home.apps.surroundings import House

_SHORTEST: Final = 4
_SWITCHES: Final = frozenset({"true", "false", "none", "null", "auto"})
"""Settings such as PASSWORD_LOGIN are secret by their names only."""


class AppSecrets:
    """By the app and its revision, or by a job of `Lifecycle`."""

    def __init__(self, house: House, folders: AppFolders) -> None:
        self._house = house
        self._folders = folders

    async def of(self, app: str, revision: Revision) -> set[str]:
        """What was generated for it, what a person answered as a password, and whatever its file calls a secret."""
        house = await self._house.surroundings(app, revision)
        try:
            known = secret_values(revision.manifest, revision.answers, house)
            rendered = render(revision.manifest, revision.answers, house, {})
        except TalomeError:  # an answer that is refused today was never given to the app
            return {answer for answer in revision.answers.values() if answer}
        named = (pair for body in rendered.compose.get("services", {}).values() for pair in _environment(body))
        values = (*rendered.values.items(), *((name, filled(value, rendered.values)) for name, value in named))
        return known | {value for name, value in values if is_secret_name(name) and _is_one(value)}

    async def of_job(self, arguments: Mapping[str, Any]) -> set[str]:
        """Of all revisions that the job has to do with, as far as they are there."""
        found: set[str] = set()
        for revision in await asyncio.to_thread(self._revisions, arguments):
            found |= await self.of(arguments["app"], revision)
        return found

    def _revisions(self, arguments: Mapping[str, Any]) -> list[Revision]:
        app, token = arguments["app"], arguments.get("token")
        ways: list[Callable[[], Revision]] = [partial(self._folders.in_force, app)]
        if token is not None:
            ways.append(partial(self._folders.prepared, token))
        if "row" in arguments:
            ways.append(partial(self._folders.revision, app, arguments["row"]["revision"]))
        return [found for way in ways if (found := _unless_gone(way)) is not None]


def _unless_gone(way: Callable[[], Revision]) -> Revision | None:
    try:
        return way()
    except NotFound:
        return None


def _environment(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in (body.get("environment") or {}).items():
        yield str(name), str(value)


def _is_one(value: str) -> bool:
    return len(value) >= _SHORTEST and value.lower() not in _SWITCHES
