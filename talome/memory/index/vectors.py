"""Vectors of one shelf in memory: a bit for the sign of each number picks, a byte for each number decides.

Numbers are compared with the shelf's mean before their signs are taken, since vectors of one kind of text all lean the
same way. Nothing here is kept: it is read from the database, and numpy is imported with the first vector.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from talome.engines.embeddings.models import Vectors

_EXACT: Final = 768
"""Up to here every vector is compared."""
_LEAST_PICKED: Final = 300
_PICKED_OF: Final = 200
_FIRST_ROOM: Final = 64
_FAR: Final = np.uint32(1 << 20)


def packed(vectors: Vectors) -> list[tuple[float, bytes]]:
    """Each as a scale and a byte for each number."""
    scales = np.abs(vectors).max(axis=1, keepdims=True) / 127.0
    codes = np.rint(vectors / np.maximum(scales, 1e-12)).astype(np.int8)
    return [(float(scale), row.tobytes()) for scale, row in zip(scales[:, 0], codes, strict=True)]


class ShelfVectors:
    """A place for each item that has a vector; a place whose item went is used again."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._places: dict[int, int] = {}
        self._free: list[int] = []
        self._numbers = np.zeros(0, np.int64)
        self._codes = np.zeros((0, dimensions), np.int8)
        self._scales = np.zeros(0, np.float32)
        self._bits: Any = None
        self._mean = np.zeros(dimensions, np.float32)
        self._meant_for = 0
        self._used = 0

    def __len__(self) -> int:
        return len(self._places)

    def put(self, rows: Sequence[tuple[int, float, bytes]]) -> None:
        """What is not of this model's size is left out."""
        rows = [row for row in rows if len(row[2]) == self._dimensions]
        if not rows:
            return
        places = [self._place(number) for number, _, _ in rows]
        self._numbers[places] = [number for number, _, _ in rows]
        self._scales[places] = [scale for _, scale, _ in rows]
        self._codes[places] = np.frombuffer(b"".join(codes for _, _, codes in rows), np.int8).reshape(len(rows), -1)
        if self._bits is not None and len(self) <= 2 * self._meant_for:
            self._bits[places] = self._signs(self._rows(places))
        else:
            self._bits = None

    def drop(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            place = self._places.pop(number, None)
            if place is not None:
                self._free.append(place)
                self._numbers[place] = -1

    def nearest(self, wanted: Vectors, most: int, allowed: "frozenset[int] | None") -> dict[int, float]:
        """The cosines of the closest items."""
        live = self._numbers[: self._used] >= 0
        if allowed is not None:
            live &= np.isin(self._numbers[: self._used], np.fromiter(allowed, np.int64, len(allowed)))
        places = np.flatnonzero(live)
        if len(places) > _EXACT:
            places = self._picked(wanted, live, len(places))
        if not len(places):
            return {}
        cosines = self._rows(places) @ wanted
        best = np.argsort(-cosines, kind="stable")[:most]
        return dict(zip(self._numbers[places[best]].tolist(), cosines[best].tolist(), strict=True))

    def cosines(self, wanted: Vectors, numbers: Iterable[int]) -> dict[int, float]:
        known = [number for number in numbers if number in self._places]
        return dict(zip(known, (self.rows(known) @ wanted).tolist(), strict=True))

    def rows(self, numbers: Sequence[int]) -> Vectors:
        """The vectors of items that have one."""
        return self._rows([self._places[number] for number in numbers])

    def __contains__(self, number: int) -> bool:
        return number in self._places

    def _rows(self, places: Any) -> Vectors:
        rows: Vectors = self._codes[places].astype(np.float32)
        rows *= self._scales[places][:, None]
        return rows

    def _picked(self, wanted: Vectors, live: Any, size: int) -> Any:
        """Places whose signs differ least from those that are wanted."""
        if self._bits is None:
            self._take_signs()
        wanted_bits = self._signs(wanted[None, :])[0]
        counts = np.bitwise_count(self._bits[: self._used] ^ wanted_bits)
        differing = counts[:, 0].astype(np.uint32)
        for word in range(1, self._words):  # a sum over so short rows takes five times as long
            differing += counts[:, word]
        differing[~live] = _FAR
        most = min(size, max(_LEAST_PICKED, size // _PICKED_OF))
        return np.sort(np.argpartition(differing, most - 1)[:most])

    def _take_signs(self) -> None:
        """Anew for all, with the mean of what is there now."""
        places = np.flatnonzero(self._numbers[: self._used] >= 0)
        total = np.zeros(self._dimensions, np.float64)
        for start in range(0, len(places), 4096):
            total += self._rows(places[start : start + 4096]).sum(axis=0)
        self._mean = (total / max(1, len(places))).astype(np.float32)
        self._meant_for = len(places)
        self._bits = np.zeros((len(self._numbers), self._words), np.uint64)
        for start in range(0, self._used, 4096):
            part = slice(start, min(start + 4096, self._used))
            self._bits[part] = self._signs(self._rows(part))

    @property
    def _words(self) -> int:
        return -(-self._dimensions // 64)

    def _signs(self, rows: Vectors) -> Any:
        bits = np.zeros((len(rows), self._words * 8), np.uint8)
        found = np.packbits(rows > self._mean, axis=1)
        bits[:, : found.shape[1]] = found
        return bits.view(np.uint64)

    def _place(self, number: int) -> int:
        place = self._places.get(number)
        if place is None:
            place = self._free.pop() if self._free else self._used
            if place == self._used:
                self._used += 1
                self._make_room()
            self._places[number] = place
        return place

    def _make_room(self) -> None:
        room = len(self._numbers)
        if self._used <= room:
            return
        more = max(_FIRST_ROOM, room // 2)
        self._numbers = np.concatenate([self._numbers, np.full(more, -1, np.int64)])
        self._scales = np.concatenate([self._scales, np.zeros(more, np.float32)])
        self._codes = np.concatenate([self._codes, np.zeros((more, self._dimensions), np.int8)])
        if self._bits is not None:
            self._bits = np.concatenate([self._bits, np.zeros((more, self._words), np.uint64)])
