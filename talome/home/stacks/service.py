"""The stacks of all stores: what they hold, what an installation would do, and having it done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from talome.core.errors import Forbidden, Invalid, NotFound, TalomeError
from talome.core.jobs.store import JobRow
from talome.home.apps.models import InstalledApp, NewApp, Plan
from talome.home.apps.service import Apps, Find
from talome.home.manifest import AppManifest, StackFile, StackWire
from talome.home.stacks.install import StackInstall, Wanted
from talome.home.stacks.models import GivenAnswer, PlannedMember, Stack, StackLink, StackMember, StackPlan
from talome.home.stacks.wiring import Known, filled, known_inside, known_planned, shown
from talome.home.stores.models import AppSummary

Answers = Mapping[str, Mapping[str, str]]
ReadStacks = Callable[[], Awaitable[list[tuple[str, StackFile]]]]
"""Of all stores, each with its store's id."""
Summary = Callable[[str], AppSummary]
_GONE: Final = "The store does not have this app any more."


class Stacks:
    """`read` gives the stacks, `summary` what a list shows of an app, `find` the whole of it."""

    def __init__(self, read: ReadStacks, summary: Summary, find: Find, apps: Apps, install: StackInstall) -> None:
        self._read = read
        self._summary = summary
        self._find = find
        self._apps = apps
        self._install = install

    async def all(self) -> list[Stack]:
        at_work, there = await self._install.at_work(), await self._there()
        return [await self._shown(store, file, at_work, there) for store, file in await self._read()]

    async def get(self, id: str) -> Stack:
        store, file = await self._find_file(id)
        return await self._shown(store, file, await self._install.at_work(), await self._there())

    async def plan(self, id: str, answers: Answers, without: Sequence[str]) -> StackPlan:
        stack = await self._find_file(id)
        return await _Planning(self._apps, self._find, stack, answers=answers, without=without).plan()

    async def install(
        self, id: str, answers: Answers, without: Sequence[str], *, accept_risks: bool, by: str
    ) -> JobRow:
        """Raises `Invalid` where an app cannot be installed, `Forbidden` where its risks were not accepted."""
        store, file = await self._find_file(id)
        planning = _Planning(self._apps, self._find, (store, file), answers=answers, without=without)
        plan = await planning.plan()
        for member in plan.members:
            if member.outcome == "impossible":
                raise Invalid(
                    f"{member.name}: {member.problem} Leave it out, or answer what it asks.", app=member.app_id
                )
        if plan.accept and not accept_risks:
            names = ", ".join(plan.accept)
            raise Forbidden(f"{names}: these want rights over this whole machine. Look at them and accept them first.")
        new = [(member.app_id, member.name) for member in plan.members if member.outcome == "installed"]
        if not new:
            raise Invalid(f"All apps of {file.name} are there already, or are left out.")
        accepted = [one.app_id for one in plan.members if one.plan and one.plan.sheet.needs_typed_confirmation]
        given = {app: planning.given(app) for app, _ in new}
        return await self._install.start(Wanted(f"{store}:{file.id}", file.name, new, answers, given, accepted), by)

    async def _find_file(self, id: str) -> tuple[str, StackFile]:
        wanted_store, _, name = id.rpartition(":")
        for store, file in await self._read():
            if file.id == name and wanted_store in ("", store):
                return store, file
        raise NotFound("There is no stack of this name.")

    async def _there(self) -> dict[str, InstalledApp]:
        return {one.store: one for one in await self._apps.all()}

    async def _shown(
        self, store: str, file: StackFile, at_work: Mapping[str, str], there: Mapping[str, InstalledApp]
    ) -> Stack:
        id = f"{store}:{file.id}"
        members = [self._member(store, one.app, one.why, there.get(f"{store}:{one.app}")) for one in file.apps]
        return Stack(
            id=id,
            store=store,
            name=file.name,
            tagline=file.tagline,
            description=file.description.strip(),
            icon=file.icon,
            installed=sum(member.installed is not None for member in members),
            total=len(members),
            members=members,
            wiring=[await self._link(store, wire, there) for wire in file.wiring],
            job=at_work.get(id),
        )

    def _member(self, store: str, app: str, why: str, there: InstalledApp | None) -> StackMember:
        found: AppSummary | None = None
        with suppress(NotFound):
            found = self._summary(f"{store}:{app}")
        problem = _GONE if found is None else found.incompatible or " ".join(found.lacks) or None
        name = found.name if found is not None else there.name if there is not None else app
        installed = there.id if there is not None else None
        return StackMember(app_id=app, name=name, installed=installed, why=why, app=found, problem=problem)

    async def _link(self, store: str, wire: StackWire, there: Mapping[str, InstalledApp]) -> StackLink:
        done = None
        if wire.set and f"{store}:{wire.app}" in there and f"{store}:{wire.to}" in there:
            with suppress(TalomeError):  # an app that cannot be looked into is neither wired nor not
                done = await self._is_wired(store, wire, there)
        return StackLink(app_id=wire.app, to=wire.to, what=wire.what, by_itself=bool(wire.set), done=done)

    async def _is_wired(self, store: str, wire: StackWire, there: Mapping[str, InstalledApp]) -> bool:
        other = there[f"{store}:{wire.to}"]
        manifest = (await self._find(wire.to, store)).manifest
        known = {wire.to: known_inside(manifest, await self._apps.inside(other.id))}
        inside = await self._apps.inside(there[f"{store}:{wire.app}"].id)
        return all(inside.answers.get(name) == filled(text, known) for name, text in wire.set.items())


class _Planning:
    """One plan: the apps in their order, each told about those before it."""

    def __init__(
        self, apps: Apps, find: Find, stack: tuple[str, StackFile], *, answers: Answers, without: Sequence[str]
    ) -> None:
        store, file = stack
        members = [member.app for member in file.apps]
        for name in (*answers, *without):
            if name not in members:
                raise Invalid(f"“{name}” is not one of the apps of {file.name}.")
        self._apps = apps
        self._find = find
        self._store = store
        self._file = file
        self._answers = answers
        self._without = frozenset(without)
        self._known: dict[str, Known] = {}
        self._plans: list[Plan] = []

    async def plan(self) -> StackPlan:
        there = {one.store: one for one in await self._apps.all()}
        self._left_out = {app for app in self._without if f"{self._store}:{app}" not in there}
        members = [
            await self._member(member.app, there.get(f"{self._store}:{member.app}")) for member in self._file.apps
        ]
        plans = self._plans
        images = {image.image: image.present for plan in plans for image in plan.images}
        return StackPlan(
            id=f"{self._store}:{self._file.id}",
            name=self._file.name,
            members=members,
            images=len(images),
            images_missing=sum(not present for present in images.values()),
            accept=[plan.name for plan in plans if plan.sheet.needs_typed_confirmation],
            free_bytes=min((plan.free_bytes for plan in plans), default=0),
            ready=not any(member.outcome == "impossible" for member in members),
        )

    def given(self, app: str) -> dict[str, str]:
        """What the stack answers for an app: a person's own answers go before, and what is left out tells nothing."""
        wires = [wire for wire in self._file.wiring if wire.app == app and wire.to not in self._left_out]
        own = self._answers.get(app, {})
        return {name: text for wire in wires for name, text in wire.set.items() if name not in own}

    async def _member(self, app: str, installed: InstalledApp | None) -> PlannedMember:
        try:
            manifest = (await self._find(app, self._store)).manifest
        except NotFound:
            return _outcome(app, app, "kept" if installed else "impossible", problem=_GONE)
        if installed is not None:
            self._known[app] = known_inside(manifest, await self._apps.inside(installed.id))
            return _outcome(app, manifest.name, "kept")
        if app in self._left_out:
            return _outcome(app, manifest.name, "left_out", manifest=manifest)
        try:
            plan, given = await self._planned(app, manifest)
        except TalomeError as error:
            return _outcome(app, manifest.name, "impossible", problem=error.message, manifest=manifest)
        return _outcome(app, manifest.name, "installed", manifest=manifest, plan=plan, given=given)

    async def _planned(self, app: str, manifest: AppManifest) -> tuple[Plan, list[GivenAnswer]]:
        texts, own = self.given(app), self._answers.get(app, {})
        answers = {**{name: filled(text, self._known) for name, text in texts.items()}, **own}
        plan = await self._apps.plan_install(NewApp(app_id=app, store_id=self._store, env=answers), self._plans)
        self._plans.append(plan)
        self._known[app] = known_planned(manifest, plan.ports, answers)
        labels = {one.name: one.label for one in manifest.fields}
        tellers = {name: wire.to for wire in self._file.wiring if wire.app == app for name in wire.set}
        return plan, [
            GivenAnswer(name=name, label=labels.get(name, name), value=shown(text, self._known), from_app=tellers[name])
            for name, text in texts.items()
        ]


def _outcome(
    app: str, name: str, outcome: str, *, problem: str | None = None, manifest: AppManifest | None = None,
    plan: Plan | None = None, given: Sequence[GivenAnswer] = (),
) -> PlannedMember:  # fmt: skip
    return PlannedMember.model_validate(
        {
            "app_id": app, "name": name, "outcome": outcome, "problem": problem, "plan": plan,
            "fields": manifest.fields if manifest else [], "given": list(given),
        }
    )  # fmt: skip
