"""Folders that the kernel tells nothing of, which are looked at in turn."""


class Turns:
    """A set that hands out its members, so that everyone's turn comes before anybody's second."""

    def __init__(self) -> None:
        self._members: set[int] = set()
        self._left: list[int] = []

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: int) -> None:
        self._members.add(member)

    def discard(self, member: int) -> None:
        self._members.discard(member)

    def take(self, most: int) -> list[int]:
        """Whose turn it is."""
        if not self._left:
            self._left = sorted(self._members, reverse=True)
        taken = [self._left.pop() for _ in range(min(most, len(self._left)))]
        return [member for member in taken if member in self._members]
