"""What crosses the wire about apps that are given to others."""

from datetime import datetime
from typing import ClassVar, Literal

from talome.core.models import Wire
from talome.home.stores.models import StoreId

How = Literal["folder", "patch"]


class CommunitySource(Wire):
    """A store that may be given apps. `folder`: it lies on this machine, so an app can be put there; else it takes a
    patch."""

    id: StoreId
    name: str
    url: str
    folder: bool


class PublishPlan(Wire):
    """What publishing would write; nothing has been. `replaces` is the version that is there now."""

    app_id: str
    name: str
    version: str
    store: str
    files: list[str]
    replaces: str | None


class AppPatch(Wire):
    """A patch in the form of `git format-patch`, for `git am`."""

    name: str
    text: str
    replaces: str | None


class Submission(Wire):
    """An app that was given away. `store` is null for a patch that is for no store of this house."""

    columns: ClassVar[tuple[str, ...]] = ("at", "name", "version", "how", "store", "by")

    id: str
    app_id: str
    name: str
    version: str
    store: str | None
    how: How
    by: str
    at: datetime
