"""What Compose writes to stderr, in words for people: warnings, progress, and the one reason why it failed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from talome.core.errors import Conflict, Invalid, StorageFull, TalomeError, Unavailable

Kind = Literal["progress", "warning", "error", "other"]
_WORDS: Final = 600
_PLAIN = re.compile(r"\s*(Network|Volume|Container|Image) (\S+)\s+(\S.*)")
_LOGFMT = re.compile(r'time="[^"]*" level=(\w+) msg=("(?:[^"\\]|\\.)*"|\S+)')
_STATES: Final = ("Working", "Done", "Warning", "Error")  # newer versions put the verb into "text"
_FAILED: Final = ("Error", "error")


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    text: str


def read_line(line: str, project: str) -> Line:
    """One line of stderr, whichever version wrote it: JSON (2.29 and newer) or text."""
    text = line.strip()
    if text.startswith("{"):
        try:
            said = json.loads(text)
        except ValueError:
            return Line("other", _clean(text))
        return _structured(said, project)
    if logged := _LOGFMT.match(text):
        return Line("warning" if logged[1].startswith("warn") else "other", _clean(_unquoted(logged[2])))
    if (plain := _PLAIN.fullmatch(text)) and not plain[3].startswith(_FAILED):
        return Line("progress", _told(f"{plain[1]} {plain[2]}", plain[3], project))
    return Line("other", _clean(text))


def _structured(said: dict[str, Any], project: str) -> Line:
    if said.get("error"):
        return Line("error", _clean(str(said.get("message") or "")))
    if "level" in said:
        return Line("warning" if str(said["level"]).startswith("warn") else "other", _clean(str(said.get("msg", ""))))
    id, status, text = (str(said.get(key) or "") for key in ("id", "status", "text"))
    verb = text if status in _STATES and text else status
    if status == "Error" or verb.startswith(_FAILED) or not id or not verb:
        return Line("other", _clean(verb))
    return Line("progress", _told(id, verb, project))


def _told(id: str, verb: str, project: str) -> str:
    """`Container shop-db-1`, `Created` as "Container db: created"."""
    kind, _, name = id.partition(" ")
    name = name.removeprefix(f"{project}-").removeprefix(f"{project}_")
    if kind == "Container":
        name = re.sub(r"-\d+$", "", name)
    return _clean(f"{kind} {name}: {verb[:1].lower()}{verb[1:]}")


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text)) if text.startswith('"') else text
    except ValueError:
        return text


def _clean(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_WORDS].strip()


def why(stderr: Sequence[str], *, project: str, folder: str, checking: bool) -> TalomeError:
    """The reason that matters, as an error. `checking`: nothing was asked of the engine, so the file is at fault."""
    lines = [read_line(line, project) for line in stderr]
    errors = [line.text for line in lines if line.kind == "error" and line.text]
    others = [line.text for line in lines if line.kind == "other" and line.text]
    words = (errors or others or ["Docker Compose failed and did not say why."])[-1]
    words = words.replace(f"{folder}/", "").replace("Error response from daemon: ", "")
    return _known(words, project) or _plain(words, checking)


def _plain(words: str, checking: bool) -> TalomeError:
    low = words.lower()
    if "cannot connect to the docker daemon" in low or "error during connect" in low or "failed to connect to" in low:
        return Unavailable("The Docker engine is not running.", code="engine_unreachable")
    if "permission denied while trying to connect" in low:
        return Unavailable("Talome may not use Docker's socket.", code="engine_unreachable")
    if "no space left on device" in low:
        return StorageFull(f"The disk of the Docker engine is full: {words}")
    return Invalid(words) if checking else Conflict(words, code="compose_failed")


# In this order, the first that is found in the words; `{1}` is the first group of the pattern.
_REASONS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), code, sentence)
    for pattern, code, sentence in (
        (r"Bind for \S*?:(\d+) failed: port is already allocated", "port_taken",
         "Port {1} is already in use on this machine."),
        (r"listen (?:tcp|udp)\d? \S*?:(\d+): bind: address already in use", "port_taken",
         "Port {1} is already in use on this machine."),
        (r"failed to bind (?:host )?port (?:for )?\S*?:(\d+)[:/].*address already in use", "port_taken",
         "Port {1} is already in use on this machine."),
        (r"no such image: ([^\s:]\S*)", "image_missing", "The image {1} is not on this machine."),
        (r"unable to find image '(\S+)' locally", "image_missing", "The image {1} is not on this machine."),
        (r'container name "/?([^"]+)" is already in use', "name_taken",
         "Another container is already called {1}."),
        (r"container (\S+) is unhealthy", "unhealthy",
         "{1} runs but does not get healthy, so what needs it was not started."),
        (r"container (\S+) exited \((\d+)\)", "dependency_failed",
         "{1} ended with exit code {2}, so what needs it was not started."),
        (r'service "([^"]+)" didn\'t complete successfully: exit (\d+)', "dependency_failed",
         "{1} ended with exit code {2}, so what needs it was not started."),
        (r"container (\S+) has no healthcheck configured", "no_healthcheck",
         "Something waits until {1} is healthy, but it has no health check."),
        (r"network (\S+) declared as external, but could not be found", "network_missing",
         "The network {1} does not exist on this machine."),
        (r'external volume "([^"]+)" not found', "volume_missing", "The volume {1} does not exist on this machine."),
        (r"Pool overlaps with other one on this address space", "network_overlap",
         "Its network has the addresses of another network of this machine."),
        (r"address pools have been fully subnetted", "networks_used_up",
         "Docker has no addresses left for one more network: remove networks that nothing uses."),
        (r'gathering device information while adding custom device "([^"]+)"', "device_missing",
         "This machine has no device {1}."),
        (r"could not select device driver", "device_missing", "Docker on this machine cannot give it a GPU."),
        (r"bind source path does not exist: (\S+)", "path_missing", "The folder {1} does not exist on this machine."),
    )
)  # fmt: skip


def _known(words: str, project: str) -> TalomeError | None:
    for pattern, code, sentence in _REASONS:
        if found := pattern.search(words):
            groups = [group.rstrip(".,") for group in found.groups()]
            if code in ("unhealthy", "dependency_failed", "no_healthcheck"):
                groups[0] = re.sub(r"-\d+$", "", groups[0].removeprefix(f"{project}-"))
            details = {"subject": groups[0]} if groups else {}
            return Conflict(sentence.format("", *groups), code=code, **details)
    return None
