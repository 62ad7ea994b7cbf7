"""What crosses the wire about what was found on this machine."""

from typing import Annotated, Literal

from pydantic import Field

from talome.core.models import Wire
from talome.home.apps.models import Plan

FoundId = Annotated[str, Field(min_length=1, max_length=200)]


class FoundApp(Wire):
    """A Compose project, or a container that belongs to none. `id` is the project's name, or `container:` and the
    container's name."""

    id: str
    name: str
    kind: Literal["project", "container"]
    maker: str
    """Who made it, such as “Portainer”; “by hand” where nothing tells."""
    folder: str
    """Where its Compose file lies, as its labels say."""
    containers: list[str]
    images: list[str]
    state: Literal["running", "partly", "stopped"]
    refusal: str | None
    """Why it cannot be taken over; null where it can."""


class AdoptionPlan(Wire):
    """What taking it over would do; nothing has been done."""

    found: FoundApp
    source: Literal["file", "containers"]
    """Whether its own Compose file is gone by, or what Docker says of its containers."""
    files: list[str]
    untouched: list[str]
    """Parts that go on as they are, and that Compose has no reason to make anew later."""
    made_anew_now: list[str]
    """Parts that are stopped and made anew from the same image as soon as it is taken over."""
    made_anew_later: list[str]
    """Parts that go on as they are, and are made anew when Talome starts or changes the app next."""
    written_bytes: int | None
    """What the container that is made anew has written outside its volumes, which would be gone; null if none is."""
    warnings: list[str]
    difference: str
    """From what was found to what Talome would write, as a unified diff; secrets are not in it."""
    plan: Plan
