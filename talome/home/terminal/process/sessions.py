"""What runs: sessions with their scroll-back, and the viewers' places in it."""

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from talome.core.errors import Conflict, NotFound, TooMany
from talome.engines.docker.attach import DockerWire
from talome.home.terminal.process.recording import Recording
from talome.home.terminal.process.ring import Ring
from talome.home.terminal.process.sources import Source, Wanted, open_source

MOST_SESSIONS: Final = 64
_AHEAD_BYTES: Final = 128 * 1024
"""How far output may run ahead of the quickest viewer before the program is held up."""
_PIECE_BYTES: Final = 64 * 1024
_ENDED_KEPT_S: Final = 300.0
_LONGEST_TITLE: Final = 100
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class View:
    """One viewer's place in the scroll-back. `news` is set whenever there may be something to send."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.news = asyncio.Event()
        self.notices: list[dict[str, Any]] = []

    def tell(self, notice: dict[str, Any]) -> None:
        self.notices.append(notice)
        self.news.set()


class Session:
    """A terminal that runs or has run."""

    def __init__(self, id: str, wanted: Wanted, *, owner: str, owner_name: str, title: str, idle_s: float) -> None:
        self.id = id
        self.owner = owner
        self.owner_name = owner_name
        self.title = title
        self.wanted = wanted
        self.idle_s = idle_s
        self.columns, self.rows = wanted.columns, wanted.rows
        self.created_at = time.time()
        self.exit_code: int | None = None
        self.ring = Ring()
        self.views: set[View] = set()
        self.recording: Recording | None = None
        self.source: Source | None = None
        self._held_up = False
        self._active_at = time.monotonic()
        self.ended_at: float | None = None

    @property
    def read_only(self) -> bool:
        return self.wanted.kind in ("logs", "compose")

    def described(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "owner": self.owner,
            "ownerName": self.owner_name,
            "title": self.title,
            "kind": self.wanted.kind,
            "container": self.wanted.container,
            "project": self.wanted.project,
            "user": self.wanted.user,
            "cols": self.columns,
            "rows": self.rows,
            "createdAt": self.created_at,
            "viewers": len(self.views),
            "exitCode": self.exit_code,
            "recording": self.recording.name if self.recording else None,
        }

    def took(self, data: bytes) -> None:
        """Output of the program."""
        self._active_at = time.monotonic()
        self.ring.append(data)
        if self.recording is not None:
            self.recording.output(data)
        for view in self.views:
            view.news.set()
        self.balance()

    def ended(self, code: int) -> None:
        self.exit_code = code
        self.ended_at = time.monotonic()
        self.stop_recording()
        for view in self.views:
            view.news.set()

    def join(self) -> View:
        view = View(self.ring.replay_from())
        self.views.add(view)
        return view

    def leave(self, view: View) -> None:
        self.views.discard(view)
        self._active_at = time.monotonic()
        self.balance()

    def next_piece(self, view: View) -> bytes:
        """What this viewer has not seen yet. One that fell behind the scroll-back is put where it begins."""
        if view.position < self.ring.start:
            start = self.ring.replay_from()
            view.tell({"skipped": start - view.position})
            view.position = start
            return b""
        piece = self.ring.read(view.position, _PIECE_BYTES)
        view.position += len(piece)
        self.balance()
        return piece

    def balance(self) -> None:
        """Hold the program up while even the quickest viewer is far behind; with nobody looking it runs freely."""
        if self.source is None:
            return
        behind = self.ring.end - max((view.position for view in self.views), default=self.ring.end)
        if not self._held_up and behind > _AHEAD_BYTES:
            self._held_up = True
            self.source.pause()
        elif self._held_up and behind <= _AHEAD_BYTES // 2:
            self._held_up = False
            self.source.resume()

    async def write(self, data: bytes) -> None:
        self._active_at = time.monotonic()
        if self.source is not None and self.exit_code is None and not self.read_only:
            await self.source.write(data)

    async def resize(self, columns: int, rows: int) -> None:
        if (columns, rows) == (self.columns, self.rows) or self.exit_code is not None:
            return
        self.columns, self.rows = columns, rows
        if self.source is not None:
            await self.source.resize(columns, rows)
        if self.recording is not None:
            self.recording.resized(columns, rows)
        self._tell({"size": {"cols": columns, "rows": rows}})

    def rename(self, title: str) -> None:
        self.title = title
        self._tell({"title": title})

    def _tell(self, notice: dict[str, Any]) -> None:
        for view in self.views:
            view.tell(notice)

    def record(self, folder: Path) -> None:
        if self.recording is None:
            self.recording = Recording(
                folder, self.id, title=self.title, owner=self.owner, columns=self.columns, rows=self.rows
            )

    def stop_recording(self) -> None:
        if self.recording is not None:
            self.recording.close()
            self.recording = None

    def is_stale(self) -> bool:
        """Nobody looks, and it is over, or nothing has come for its idle time."""
        if self.views:
            return False
        at = time.monotonic()
        if self.ended_at is not None:
            return at - self.ended_at > _ENDED_KEPT_S
        return at - self._active_at > self.idle_s


class Sessions:
    """All sessions of this process."""

    def __init__(self, docker: DockerWire, recordings: Path) -> None:
        self._docker = docker
        self._recordings = recordings
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def all(self) -> list[Session]:
        return list(self._sessions.values())

    def get(self, id: str) -> Session:
        if (session := self._sessions.get(id)) is None:
            raise NotFound("There is no such terminal.")
        return session

    async def create(self, asked: Mapping[str, Any]) -> Session:
        """`asked` as the server sends it; it has checked everything."""
        if len(self._sessions) >= MOST_SESSIONS:
            raise TooMany("There are as many terminals as there can be. Close some first.", retry_after_s=60)
        wanted = Wanted(
            asked["kind"], asked.get("container"), asked.get("user"), asked["cols"], asked["rows"], asked.get("project")
        )
        id = "term_" + secrets.token_hex(12)
        session = Session(
            id,
            wanted,
            owner=asked["owner"],
            owner_name=asked["ownerName"],
            title=asked["title"],
            idle_s=float(asked["idleS"]),
        )
        self._sessions[id] = session
        try:
            session.source = await open_source(wanted, self._docker, session.took, session.ended)
            session.balance()
        except BaseException:
            del self._sessions[id]
            raise
        if asked.get("record"):
            session.record(self._recordings)
        return session

    def record(self, id: str, *, on: bool) -> Session:
        session = self.get(id)
        if on and session.exit_code is not None:
            raise Conflict("This terminal has ended.")
        if on:
            session.record(self._recordings)
        else:
            session.stop_recording()
        return session

    async def close(self, id: str) -> None:
        """End it; its viewers see the exit code."""
        session = self.get(id)
        del self._sessions[id]
        if session.source is not None and session.exit_code is None:
            await session.source.close()

    async def close_stale(self) -> None:
        for session in self.all():
            if session.is_stale():
                await self.close(session.id)

    async def close_all(self) -> None:
        await asyncio.gather(*(self.close(session.id) for session in self.all()))


def clean_title(text: str) -> str:
    """One line without control characters, which could steer somebody's terminal."""
    return _CONTROL.sub("", text).strip()[:_LONGEST_TITLE]
