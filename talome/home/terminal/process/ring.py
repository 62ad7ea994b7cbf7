"""The last bytes of a terminal, addressed by how many came before them."""

from typing import Final

SCROLLBACK_BYTES: Final = 256 * 1024
_ALIGN_BYTES: Final = 4096


class Ring:
    """Keeps at least the last `size` bytes, whole once that much has come. Positions count from the first byte ever."""

    def __init__(self, size: int = SCROLLBACK_BYTES) -> None:
        self._size = size
        self._data = bytearray()
        self.end = 0

    @property
    def start(self) -> int:
        """Position of the oldest byte that is still there."""
        return self.end - len(self._data)

    def append(self, data: bytes) -> None:
        self._data += data
        self.end += len(data)
        if len(self._data) > 2 * self._size:
            del self._data[: len(self._data) - self._size]

    def read(self, position: int, most: int) -> bytes:
        """Up to `most` bytes from a position that is still there."""
        first = position - self.start
        return bytes(self._data[first : first + most])

    def replay_from(self) -> int:
        """Where somebody who comes now begins: a line's beginning where one is near, else a character's."""
        start = max(self.start, self.end - self._size)
        if start == 0:
            return 0
        first = start - self.start
        newline = self._data.find(b"\n", first, first + _ALIGN_BYTES)
        if newline >= 0:
            return start + newline + 1 - first
        while first < len(self._data) and self._data[first] & 0xC0 == 0x80:
            first += 1
        return self.start + first
