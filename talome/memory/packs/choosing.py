"""What goes in: the best, but not the same twice, each section its share, and what a share leaves goes to the others.

Diversity by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from talome.memory.packs.lines import Line
from talome.memory.packs.models import Dropped, SectionName

_RELEVANCE: Final = 0.8
_SAME_WORDS: Final = 0.9
_SAME_MEANING: Final = (0.95, 0.8)
"""Two lines say the same with so many words in common, or with vectors as near as this and fewer words; never with
other numbers, which is what two notes of one thing differ in."""
_NO_ROOM: Final = "no room left in the budget"


@dataclass(slots=True)
class Choice:
    """`heads` is what the head of each section costs, which is paid with its first line."""

    budget: int
    heads: Mapping[SectionName, int]
    closeness: Mapping[tuple[str, str], float]
    taken: list[Line] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    spent: int = 0
    _opened: set[SectionName] = field(default_factory=set)

    def fill(self, lines: list[Line], room: int) -> list[Line]:
        """Take the best that fit into this much; returns those that did not."""
        waiting, left = self._without_repetitions(lines, self.taken), []
        nearest = {line.id: max((self.likeness(line, other) for other in self.taken), default=0.0) for line in waiting}
        room = min(room, self.budget - self.spent)
        while waiting:
            best = max(waiting, key=lambda line: (_worth(line, nearest[line.id]), line.id))
            waiting.remove(best)
            cost = self.cost(best)
            if cost > room:
                left.append(best)
                continue
            room -= cost
            self._take(best, cost)
            waiting = self._without_repetitions(waiting, [best])
            for line in waiting:
                nearest[line.id] = max(nearest[line.id], self.likeness(line, best))
        return left

    def _without_repetitions(self, lines: list[Line], taken: list[Line]) -> list[Line]:
        kept = []
        for line in lines:
            if any(self._is_same(line, other) for other in taken):
                self._drop(line, "says nearly the same as something in the pack")
            else:
                kept.append(line)
        return kept

    def _is_same(self, one: Line, other: Line) -> bool:
        if one.kind != other.kind or one.numbers != other.numbers:
            return False
        common, least = _common(one, other), _SAME_MEANING
        return common >= _SAME_WORDS or (common >= least[1] and self._nearness(one, other) >= least[0])

    def _nearness(self, one: Line, other: Line) -> float:
        """By their vectors; 0 where there are none."""
        return self.closeness.get((one.id, other.id), self.closeness.get((other.id, one.id), 0.0))

    def cost(self, line: Line) -> int:
        return line.tokens + (0 if line.section in self._opened else self.heads[line.section])

    def _take(self, line: Line, cost: int) -> None:
        self.taken.append(line)
        self.spent += cost
        self._opened.add(line.section)

    def _drop(self, line: Line, reason: str) -> None:
        self.dropped.append(
            Dropped(id=line.id, kind=line.kind, score=round(line.score, 4), tokens=line.tokens, reason=reason)
        )

    def leave_out(self, lines: list[Line]) -> None:
        for line in sorted(lines, key=lambda one: (-one.score, one.id)):
            self._drop(line, _NO_ROOM)

    def likeness(self, one: Line, other: Line) -> float:
        """By their vectors where there are some, and by their words."""
        return max(self._nearness(one, other), _common(one, other)) if one.kind == other.kind else 0.0


def _common(one: Line, other: Line) -> float:
    """How many of their words they share."""
    both = len(one.words & other.words)
    return both / (len(one.words) + len(other.words) - both) if both else 0.0


def _worth(line: Line, nearest: float) -> float:
    return _RELEVANCE * line.score - (1 - _RELEVANCE) * nearest


def choose(choice: Choice, lines: Mapping[SectionName, list[Line]], shares: Mapping[SectionName, int]) -> Choice:
    """Each section up to its share, then what is left to whatever is best."""
    left: list[Line] = []
    for section, share in shares.items():
        left += choice.fill(lines.get(section, []), share)
    found = [line for line in left if line.kind in ("memory", "source")]
    rest = choice.fill(found, choice.budget - choice.spent)
    rest += choice.fill([line for line in left if line.kind not in ("memory", "source")], choice.budget - choice.spent)
    choice.leave_out(rest)
    return choice
