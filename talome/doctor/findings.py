"""What a check found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`action` tells what to do where `state` is not ok. A warning leaves Talome running, a problem does not."""

    id: str
    title: str
    state: State
    detail: str
    action: str | None = None
