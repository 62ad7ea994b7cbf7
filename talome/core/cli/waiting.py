"""`--wait`: follows the jobs of an answer to their end, and fails where one of them did."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

from talome.core.cli.client import Request, Server
from talome.core.cli.exits import FAILED, OK
from talome.core.cli.render import Output
from talome.core.cli.text import harmless
from talome.core.operations import Operation

_EVERY_S: Final = 0.5


def begins_jobs(operation: Operation) -> bool:
    """Whether the answer may be a job, or hold one."""
    return operation.risk != "read" and any("finishedAt" in str(arm) for arm in _schemas(operation))


def wait_for_jobs(server: Server, answer: Any, output: Output) -> int:
    """The exit code. Stages go to standard error, the jobs as they ended to standard output."""
    ended = [_followed(server, job, output) for job in _jobs_in(answer)]
    refused = [one for one in answer if one.get("error")] if isinstance(answer, list) else []
    output.result(ended[0] if isinstance(answer, dict) and len(ended) == 1 else [*ended, *refused])
    return FAILED if refused or any(job["state"] != "done" for job in ended) else OK


def _schemas(operation: Operation) -> Iterator[Any]:
    if operation.result is not None:
        yield operation.result.json_schema(by_alias=True)


def _jobs_in(answer: Any) -> Iterator[dict[str, Any]]:
    if isinstance(answer, list):
        for one in answer:
            yield from _jobs_in(one)
    elif isinstance(answer, dict) and str(answer.get("id", "")).startswith("job_"):
        yield answer
    elif isinstance(answer, dict) and isinstance(answer.get("job"), dict):
        yield answer["job"]


def _followed(server: Server, job: dict[str, Any], output: Output) -> dict[str, Any]:
    told = None
    while job["finishedAt"] is None:
        if (stage := job["stage"] or job["state"]) != told and not output.as_json:
            output.error(f"{harmless(job['title'])}: {harmless(stage)}")
            told = stage
        time.sleep(_EVERY_S)
        with closing(server.answers(Request("GET", f"/api/jobs/{job['id']}"))) as answers:
            job = next(value for _, value in answers)
    return job
