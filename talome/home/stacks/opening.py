"""Puts the parts of the stacks together."""

from talome.core.jobs.service import Jobs
from talome.core.secrets import Secrets
from talome.home.apps.service import Apps, Find
from talome.home.stacks.api import StacksApi
from talome.home.stacks.install import StackInstall
from talome.home.stacks.service import ReadStacks, Stacks, Summary


def open_stacks(  # noqa: PLR0917 - what every part of the house is given
    jobs: Jobs, secrets: Secrets, apps: Apps, find: Find, read: ReadStacks, summary: Summary
) -> StacksApi:
    """The stacks, with their job registered."""
    return StacksApi(Stacks(read, summary, find, apps, StackInstall(jobs, apps, find, secrets)))
