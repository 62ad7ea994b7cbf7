"""The installation of a stack, as a job that starts the job of each app and waits for it. An app that is there stays:
there is nothing to undo but the one that is being installed."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from talome.core import ids
from talome.core.errors import Conflict, TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.jobs.store import JobRow
from talome.core.secrets import Secrets
from talome.home.apps.models import InstalledApp, NewApp
from talome.home.apps.service import Apps, Find
from talome.home.stacks.wiring import Known, filled, known_inside, sources

INSTALL: Final = "stacks.install"
SCOPE: Final = "apps:read"
_PURPOSE: Final = "stacks"
_LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Wanted:
    """An installation that is to be: apps with their names, in order; `answers` are a person's, `given` are texts with
    placeholders, both by app; `accepted` are the apps whose risks were."""

    stack: str
    name: str
    apps: Sequence[tuple[str, str]]
    answers: Mapping[str, Mapping[str, str]] = field(repr=False)
    given: Mapping[str, Mapping[str, str]]
    accepted: Sequence[str]

    @property
    def store(self) -> str:
        return self.stack.partition(":")[0]


class StackInstall:
    """`start` one at a time for each stack."""

    def __init__(self, jobs: Jobs, apps: Apps, find: Find, secrets: Secrets) -> None:
        self._jobs = jobs
        self._apps = apps
        self._find = find
        self._secrets = secrets
        self._starting = asyncio.Lock()
        steps = {"stacks.member": Step(self._begin, self._break_off)}
        jobs.register(INSTALL, JobKind(run=self._run, steps=steps))

    async def at_work(self) -> dict[str, str]:
        """The installations that go on now, by stack."""
        rows = await self._jobs.store.unfinished()
        return {orjson.loads(row.arguments)["stack"]: row.id for row in rows if row.kind == INSTALL}

    async def start(self, wanted: Wanted, by: str) -> JobRow:
        """Answers may be secrets, so the journal has them sealed."""
        row = ids.new_id("stk")
        answers = orjson.dumps({app: dict(given) for app, given in wanted.answers.items()}).decode()
        arguments = {
            "stack": wanted.stack, "name": wanted.name, "store": wanted.store, "apps": list(wanted.apps),
            "given": {app: dict(texts) for app, texts in wanted.given.items()}, "accepted": list(wanted.accepted),
            "row": row, "sealed": self._secrets.seal(answers, purpose=_PURPOSE, row=row), "by": by,
        }  # fmt: skip
        async with self._starting:
            if wanted.stack in await self.at_work():
                raise Conflict(f"{wanted.name} is being installed just now. Wait until that has ended, or cancel it.")
            return await self._jobs.start(
                INSTALL, f"Install {wanted.name}", arguments, scope=SCOPE, by=by, subject=f"stack:{wanted.stack}"
            )

    # --- the job ---

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        members, common = (
            arguments["apps"],
            {key: arguments[key] for key in ("store", "accepted", "row", "sealed", "by")},
        )
        for number, (app, name) in enumerate(members):
            await job.progress(name, number, len(members))
            try:
                given = arguments["given"].get(app, {})
                child = await job.step("stacks.member", app=app, given=given, **common)
                if child is not None:
                    await self._follow(job, child, name)
            except TalomeError as error:
                raise Unavailable(_stopped(arguments["name"], name, number, len(members), error.message)) from error
            await job.log(f"{name} is there." if child else f"{name} was there already.")
        await job.progress("Done", len(members), len(members))

    async def _follow(self, job: Job, child: str, name: str) -> None:
        """Tells its stages as our own until it has ended; raises where it did not end well."""
        while (row := await self._jobs.get(child)).finished_at is None:
            stage = f"{name}: {row.stage}" if row.stage else name
            if stage != job.row.stage:
                await job.progress(stage, job.row.done, job.row.total)
            await asyncio.sleep(_LOOK_S)
        if row.state != "done":
            raise Unavailable(row.reason or "Its installation did not end well.")

    async def _begin(self, step: dict[str, Any]) -> str | None:
        """The job that installs the app; None where it is there."""
        store, app = step["store"], step["app"]
        if (child := await self._goes_on(store, app)) is not None:
            return child
        there = await self._installed(store)
        if app in there:
            return None
        answers = orjson.loads(self._secrets.open(step["sealed"], purpose=_PURPOSE, row=step["row"])).get(app, {})
        known = {other: await self._known(store, other, there) for other in sources(step["given"]) if other in there}
        given = {name: filled(text, known) for name, text in step["given"].items() if name not in answers}
        wanted = NewApp(app_id=app, store_id=store, env={**given, **answers}, accept_risks=app in step["accepted"])
        return (await self._apps.install(wanted, by=step["by"])).id

    async def _installed(self, store: str) -> dict[str, InstalledApp]:
        """By their ids in that store. One of another store is another app, whatever its name."""
        return {one.store.partition(":")[2]: one for one in await self._apps.all() if one.store.startswith(f"{store}:")}

    async def _known(self, store: str, app: str, there: Mapping[str, InstalledApp]) -> Known:
        manifest = (await self._find(app, store)).manifest
        return known_inside(manifest, await self._apps.inside(there[app].id))

    async def _goes_on(self, store: str, app: str) -> str | None:
        """The job that installs this app just now."""
        for row in await self._jobs.store.unfinished():
            if row.kind == "apps.install" and orjson.loads(row.arguments)["row"]["source"] == f"{store}:{app}":
                return row.id
        return None

    async def _break_off(self, step: dict[str, Any], child: str | None) -> None:
        """Only an installation that goes on; what is whole stays."""
        child = child or await self._goes_on(step["store"], step["app"])
        while child is not None and (await self._jobs.get(child)).finished_at is None:
            with suppress(Conflict):  # it has ended just now, or the start has not come to it yet
                await self._jobs.cancel(child)
            await asyncio.sleep(_LOOK_S)


def _stopped(stack: str, name: str, done: int, total: int, reason: str) -> str:
    sentence = reason if reason.endswith((".", "!", "?", ")")) else f"{reason}."
    kept = f" The {done} before it are there and stay." if done > 1 else " The one before it is there and stays." * done
    which = f"{name}, number {done + 1} of {total}, could not be installed"
    return f"{which}: {sentence}{kept} Install {stack} again to go on."
