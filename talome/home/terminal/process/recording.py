"""Recordings in asciicast v2 (docs.asciinema.org/manual/asciicast/v2): what was shown, never what was typed."""

import codecs
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

LONGEST_BYTES: Final = 100 * 1024 * 1024


class Recording:
    """A file with mode 0600 in `folder`, whose name is `name`. Ends by itself at 100 MiB or when the disk is full."""

    def __init__(self, folder: Path, session: str, *, title: str, owner: str, columns: int, rows: int) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{session}.cast"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.fdopen(os.open(folder / self.name, flags, 0o600), "wb", buffering=64 * 1024)
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._began = time.monotonic()
        self._written = 0
        head = {"version": 2, "width": columns, "height": rows, "timestamp": int(time.time()), "title": title}
        self._line({**head, "owner": owner, "env": {"TERM": "xterm-256color"}})

    def output(self, data: bytes) -> None:
        if text := self._text.decode(data):
            self._event("o", text)

    def resized(self, columns: int, rows: int) -> None:
        self._event("r", f"{columns}x{rows}")

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()

    def _event(self, kind: str, text: str) -> None:
        if not self._file.closed:
            self._line([round(time.monotonic() - self._began, 6), kind, text])

    def _line(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        self._written += len(line)
        try:
            self._file.write(line)
        except OSError:
            self._written = LONGEST_BYTES
        if self._written >= LONGEST_BYTES:
            self.close()
