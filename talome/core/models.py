"""Base of everything that crosses the wire: snake_case in Python, camelCase in JSON, times in UTC with `Z`."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Wire(BaseModel):
    """A JSON shape. Inputs refuse unknown names, so that a typing error is told and not swallowed."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, defer_build=True
    )


class Done(Wire):
    """The answer where there is nothing to tell: `{"ok": true}`."""

    ok: bool = True
