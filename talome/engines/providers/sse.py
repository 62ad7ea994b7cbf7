"""Takes a stream of server-sent events apart, whatever the pieces it arrives in."""

from typing import Final

from talome.engines.providers.models import UpstreamError

_LARGEST_EVENT_BYTES: Final = 16_000_000
_COMMENT: Final = ord(":")


class Events:
    """Gives the data of each complete event; comments, names and other fields of an event are left out."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._held = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that this piece completes."""
        if self._held or b"\r" in piece:
            piece = self._plain(piece)
        rest = self._rest
        if not rest and piece.endswith(b"\n\n"):
            whole = piece[:-2]
        else:
            looked_at = max(0, len(rest) - 1)
            rest += piece
            end = rest.rfind(b"\n\n", looked_at)
            if end < 0:
                self._check_size()
                return []
            whole = bytes(rest[:end])
            del rest[: end + 2]
            self._check_size()
        return [
            data
            for event in whole.split(b"\n\n")
            if (data := event[6:] if event.startswith(b"data: ") and b"\n" not in event else _data(event))
        ]

    def end(self) -> list[bytes]:
        """What is left when the connection ended well, though without the last empty line."""
        data = _data(bytes(self._rest).strip(b"\n"))
        self._rest.clear()
        return [data] if data else []

    def _check_size(self) -> None:
        if len(self._rest) > _LARGEST_EVENT_BYTES:
            raise UpstreamError("too_large", "The model's endpoint sent an event that is too large.")

    def _plain(self, piece: bytes) -> bytes:
        """With line ends of one byte. A carriage return at the very end waits for what follows it."""
        piece = self._held + piece
        self._held = b"\r" if piece.endswith(b"\r") else b""
        return piece[: len(piece) - len(self._held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _data(event: bytes) -> bytes:
    if event.startswith(b"data:") and b"\n" not in event:
        return event[5:].removeprefix(b" ")
    if not event or (event[0] == _COMMENT and b"\n" not in event):
        return b""
    lines = (line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:"))
    return b"\n".join(lines)
