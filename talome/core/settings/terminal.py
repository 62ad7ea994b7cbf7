"""What the environment says about a terminal."""

import os
from collections.abc import Mapping


def wants_colour(environment: Mapping[str, str] | None = None) -> bool:
    """False where `NO_COLOR` is set to anything (https://no-color.org) or the terminal is `dumb`."""
    env = os.environ if environment is None else environment
    return not env.get("NO_COLOR") and env.get("TERM") != "dumb"
