"""What crosses the wire about stacks."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.models import Wire
from talome.home.apps.models import Answers, Plan
from talome.home.manifest import AppId, FormField
from talome.home.stores.models import AppSummary

"""`store:stack`, or a stack alone: then of the first store that has it."""
AppIds = Annotated[list[AppId], Field(max_length=20)]
AnswersByApp = Annotated[dict[AppId, Answers], Field(max_length=20)]


class StackMember(Wire):
    """An app of a stack. `app` is null where the store does not have it; `problem` says what keeps it from being
    installed."""

    columns: ClassVar[tuple[str, ...]] = ("app_id", "name", "installed", "why", "problem")

    app_id: str
    name: str
    installed: str | None
    """The name it is installed by; null where it is not."""
    why: str
    app: AppSummary | None
    problem: str | None


class StackLink(Wire):
    """What makes two of the apps work together. `by_itself`: Talome sets it when it installs the first. `done` tells
    whether that is so now; null where it cannot be told, since an app is missing or a person does it."""

    app_id: str
    to: str
    what: str
    by_itself: bool
    done: bool | None


class Stack(Wire):
    """A bundle of apps, in the order in which they are installed; `installed` of `total` are there."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "installed", "total", "tagline")

    id: str
    store: str
    name: str
    tagline: str
    description: str
    icon: str
    """The name of a drawing."""
    installed: int
    total: int
    members: list[StackMember]
    wiring: list[StackLink]
    job: str | None
    """The installation that goes on now."""


class GivenAnswer(Wire):
    """What an app is told about another one when it is installed; `name` is that of its form's field."""

    name: str
    label: str
    value: str
    from_app: str


class PlannedMember(Wire):
    """What would become of one app of the stack. `fields` is what it asks; `given` is answered already."""

    columns: ClassVar[tuple[str, ...]] = ("app_id", "name", "outcome", "problem")

    app_id: str
    name: str
    outcome: Literal["installed", "kept", "left_out", "impossible"]
    problem: str | None
    plan: Plan | None
    fields: list[FormField]
    given: list[GivenAnswer]


class StackPlan(Wire):
    """What an installation would do; nothing has been done. `accept` names the apps whose rights over this machine must
    be accepted first."""

    id: str
    name: str
    members: list[PlannedMember]
    images: int
    images_missing: int
    accept: list[str]
    free_bytes: int
    ready: bool
    """Whether every app that is not left out can be installed as it stands."""
