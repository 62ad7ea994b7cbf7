"""Talome's own parts, and how each tells that it is well."""

from talome.core.background import Background
from talome.core.db import Database
from talome.core.jobs.service import Jobs
from talome.home.containers.service import Containers
from talome.home.metrics.service import History
from talome.home.services.service import Part, PartHealth


def parts_of_talome(
    db: Database, containers: Containers, sampler: Background, history: History, jobs: Jobs
) -> tuple[Part, ...]:
    async def database() -> PartHealth:
        await jobs.store.recent(1)
        return PartHealth("ok", f"The database {db.path.name} answers.")

    async def docker() -> PartHealth:
        state = containers.engine_state
        if state.stale:
            return PartHealth("critical", state.reason or "Docker does not answer.", state.since)
        return PartHealth("ok", f"Docker {state.version or ''} answers.".replace("  ", " "), state.since)

    async def usage() -> PartHealth:
        if not sampler.running:
            return PartHealth("critical", "What containers use is not measured any more. Restart Talome.")
        return PartHealth("ok", "What containers use is measured.")

    async def metrics() -> PartHealth:
        if not history.running:
            return PartHealth("critical", "The history is not written any more. Restart Talome.")
        if history.problem is not None:
            return PartHealth("warning", history.problem, history.sampled_at)
        return PartHealth("ok", "The history is written.", history.sampled_at)

    async def work() -> PartHealth:
        running = jobs.running
        return PartHealth("ok", "Nothing is being worked on." if running == 0 else f"Jobs being worked on: {running}.")

    return (
        Part("database", "Database", database),
        Part("docker", "Docker", docker),
        Part("usage", "Usage of containers", usage),
        Part("metrics", "History", metrics),
        Part("jobs", "Jobs", work),
    )
