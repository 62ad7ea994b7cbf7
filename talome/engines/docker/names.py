"""Ids and names are checked before they become part of a URL: `../images/json?` never reaches the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from talome.core.errors import Invalid

_ID = re.compile(r"[a-f0-9]{12,64}")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}")
_REFERENCE = re.compile(r"(?:sha256:)?[a-zA-Z0-9][a-zA-Z0-9_.-]*(?::[0-9]+(?=/))?(?:/[a-zA-Z0-9][a-zA-Z0-9_.-]*)*")
# What a registry takes: a host (with a port, or an IPv6 address in brackets), then a path in lower case.
_HOST = re.compile(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
    r"|\[[a-fA-F0-9:]+\])(?::[0-9]{1,5})?"
)
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG_WORD = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}")
_DOCKER_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com")
_LONGEST_NAME = 255
_ID_ONLY = re.compile(r"[a-f0-9]{64}")
_TAG = re.compile(r"(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?")


def check_id(id: str, what: str) -> str:
    """A hex id or a name, unchanged; `what` names the thing in the sentence ("container")."""
    if _ID.fullmatch(id) or _NAME.fullmatch(id):
        return id
    raise Invalid(f"This is not the id or name of a {what}.", field="id")


def check_name(name: str, what: str) -> str:
    if _NAME.fullmatch(name):
        return name
    raise Invalid(
        f"A {what} is named with letters, digits, dots, dashes and underscores, and begins with a letter or digit.",
        field="name",
    )


def check_reference(reference: str) -> str:
    """`nginx`, `registry:5000/a/b:1.2@sha256:...` or `sha256:...`, unchanged."""
    match = _REFERENCE.match(reference)
    if match and len(reference) <= 512 and _TAG.fullmatch(reference, match.end()):
        return reference
    raise Invalid("This is not the name or id of an image.", field="id")


@dataclass(frozen=True, slots=True)
class ImageName:
    """A reference taken apart. `name` is what was written ("nginx", "ghcr.io/a/b"); `registry` is where it lives."""

    name: str
    registry: str
    tag: str | None
    digest: str | None

    @property
    def version(self) -> str:
        """What is asked of a registry: the digest, else the tag, else "latest"."""
        return self.digest or self.tag or "latest"


def parse_image_name(reference: str) -> ImageName:
    """`[host[:port]/]path[:tag][@sha256:...]`, as registries read it. `Invalid` for everything else, image ids too."""
    rest, at, digest = reference.partition("@")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    name = f"{head}{slash}{last}"
    first, cut, path = name.partition("/")
    hosted = bool(cut) and (first == "localhost" or any(sign in first for sign in ".:["))
    good = (
        len(name) <= _LONGEST_NAME
        and _PATH.fullmatch(path if hosted else name)
        and name != "sha256"  # an id, and not a name with a tag
        and not _ID_ONLY.fullmatch(name)
        and (not hosted or _HOST.fullmatch(first))
        and (not colon or _TAG_WORD.fullmatch(tag))
        and (not at or _DIGEST.fullmatch(digest))
    )
    if not good:
        raise Invalid(
            "This is not the name of an image: it is written like registry.example/folder/name:tag.", field="image"
        )
    return ImageName(name, first if hosted else "docker.io", tag or None, digest or None)


def parse_registry(text: str) -> str:
    """The registry's host as `ImageName.registry` has it. Addresses and other names of Docker Hub are understood."""
    host = text.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    host = re.sub(r"/v[12]$", "", host)
    if host in _DOCKER_HUB:
        return "docker.io"
    if _HOST.fullmatch(host) and (host == "localhost" or any(sign in host for sign in ".:[")):
        return host
    raise Invalid("A registry is named by its host, such as ghcr.io or registry.home:5000.", field="host")
