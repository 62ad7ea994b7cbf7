"""Base of everything that crosses the wire: snake_case in Python, camelCase in JSON, times in UTC with `Z`."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Identifier = Annotated[str, Field(pattern=r"^[0-9a-z_]{1,80}$")]
"""Of a row that may be there, and safe as a name in a path. That there is none of this id is for its feature to say."""


class Wire(BaseModel):
    """A JSON shape. Inputs refuse unknown names, so that a typing error is told and not swallowed."""

    columns: ClassVar[tuple[str, ...]] = ()
    """The fields that a table of many shows, in this order; all of them where it is empty."""
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, defer_build=True
    )


class Done(Wire):
    """The answer where there is nothing to tell: `{"ok": true}`."""

    ok: bool = True


class Plain(BaseModel):
    """A JSON shape whose names cross as they are written, for the routes of `/v1` that say snake_case."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
