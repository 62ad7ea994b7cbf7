"""Whether an app works: Docker's own health where an image declares one, else its port answers."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from talome.core.errors import Unavailable
from talome.core.log import hide
from talome.engines.docker.models import ContainerInspection
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.probe import answers_http, answers_tcp
from talome.home.apps.folders import Revision
from talome.home.apps.secrets import AppSecrets

PROJECT: Final = "com.docker.compose.project"
SERVICE: Final = "com.docker.compose.service"
_EVERY_S: Final = 0.5
_AT_FIRST_S: Final = 0.1
"""Most apps are there at once, so it is looked more often in the beginning."""
_STEADY_S: Final = 3.0
"""What has neither a health check nor a port is believed once it has run for so long."""
_MOST_RESTARTS: Final = 3
_LOG_LINES: Final = 5
_LINE_LENGTH: Final = 300
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,20}m")


class Verdict:
    """Looks at an app's containers."""

    def __init__(self, engine: ContainerEngine, secrets: AppSecrets) -> None:
        self._engine = engine
        self._secrets = secrets

    async def containers(self, app: str) -> list[ContainerInspection]:
        """The containers of the app's project, stopped ones too."""
        found = [row.id for row in await self._engine.containers.all() if row.labels.get(PROJECT) == app]
        return list(await asyncio.gather(*(self._engine.containers.inspect(id) for id in found)))

    async def fallen(self, app: str) -> bool:
        """Whether something of it that is to run for good has ended."""
        found = await self.containers(app)
        return any(one.state in ("exited", "dead") and one.restart_policy != "no" for one in found)

    async def wait(self, app: str, revision: Revision, told: Callable[[str], Awaitable[None]]) -> None:
        """Return as soon as the app works. Raises `Unavailable` with the reason and the end of the log when it ended,
        keeps restarting, is unhealthy, or does not answer within its patience."""
        deadline = time.monotonic() + revision.manifest.probe.patience_s
        since = time.monotonic()
        missing = "it has not started"
        while time.monotonic() < deadline:
            containers = await self.containers(app)
            await self._refuse_ended(app, revision, containers)
            waiting = _still_starting(containers)
            missing = waiting or await self._port_silent(revision, time.monotonic() - since) or ""
            if not missing:
                return
            await told(missing)
            await asyncio.sleep(min(_EVERY_S, _AT_FIRST_S + (time.monotonic() - since) / 10))
        raise Unavailable(
            f"{revision.manifest.name} was not ready after {revision.manifest.probe.patience_s} seconds: {missing}."
            f"{await self._last_words(app, revision, await self.containers(app))}"
        )

    async def _refuse_ended(self, app: str, revision: Revision, containers: Sequence[ContainerInspection]) -> None:
        for container in containers:
            name = container.labels.get(SERVICE, container.name)
            if container.state in ("exited", "dead") and (container.exit_code or container.restart_policy != "no"):
                reason = f"“{name}” ended with the code {container.exit_code}."
            elif container.restart_count >= _MOST_RESTARTS:
                reason = f"“{name}” ends again and again."
            elif container.health == "unhealthy":
                reason = f"“{name}” says that it is not well."
            else:
                continue
            raise Unavailable(f"{reason}{await self._last_words(app, revision, [container])}")

    async def _port_silent(self, revision: Revision, age_s: float) -> str | None:
        """None where the main port answers, or there is none to ask."""
        web = revision.manifest.web
        port = revision.ports.get(f"{web.service}/{web.port}/tcp") if web is not None else None
        if web is None or port is None:
            return None if age_s >= _STEADY_S else "it has just started"
        if not await answers_tcp(port):
            return "nothing answers on its port yet"
        return await answers_http(port, revision.manifest.probe.path, web.scheme)

    async def _last_words(self, app: str, revision: Revision, containers: Sequence[ContainerInspection]) -> str:
        """The end of their logs, for the reason of a failure, without what the app was given in confidence."""
        secrets = await self._secrets.of(app, revision)
        words: list[str] = []
        for container in containers:
            page = await self._engine.containers.logs(container.id, tail=_LOG_LINES)
            name = container.labels.get(SERVICE, container.name)
            words += [f"{name}: {_readable(hide(line.text, secrets))[:_LINE_LENGTH]}" for line in page.lines]
        return f" The end of its log: {' / '.join(words[-_LOG_LINES:])}" if words else ""


def _readable(text: str) -> str:
    """Without colours, and without anything else that steers a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in _COLOUR.sub("", text)).strip()


def _still_starting(containers: Sequence[ContainerInspection]) -> str | None:
    if not containers:
        return "it has no containers"
    waiting = [
        container.labels.get(SERVICE, container.name)
        for container in containers
        if container.health == "starting" or container.state in ("created", "restarting", "removing")
    ]
    return f"“{waiting[0]}” is still starting" if waiting else None
