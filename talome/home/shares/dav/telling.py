"""What a PROPFIND tells of a file or folder, as XML."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from talome.core.errors import TalomeError
from talome.core.http.server import DAV
from talome.home.files.service import etag_of, media_type
from talome.home.shares.dav import xml
from talome.home.shares.dav.locks import Lock, Locks
from talome.home.shares.dav.places import Met, where_of

LIVE: Final = frozenset(
    map(
        xml.dav,
        (
            *("creationdate", "displayname", "getcontentlength", "getcontenttype", "getetag", "getlastmodified"),
            *("lockdiscovery", "resourcetype", "supportedlock", "quota-available-bytes", "quota-used-bytes"),
        ),
    )
)
_QUOTA: Final = frozenset(map(xml.dav, ("quota-available-bytes", "quota-used-bytes")))
_SUPPORTED: Final = "".join(
    f"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    for scope in ("exclusive", "shared")
)


def told(locks: Locks, met: Met, wanted: list[str] | None, *, names_only: bool) -> str:
    """One `response` of a multistatus."""
    known = dict(_properties(locks, met))
    if wanted is not None and _QUOTA.intersection(wanted):
        known |= _room(met)
    chosen = [*known] if wanted is None or names_only else wanted
    found = "".join(xml.empty(name) if names_only else known[name] for name in chosen if name in known)
    missing = "".join(xml.empty(name) for name in chosen if name not in known)
    parts = propstat(found, "200 OK") if found or not missing else ""
    parts += propstat(missing, "404 Not Found") if missing else ""
    return f"<D:response><D:href>{escape(_href(met))}</D:href>{parts}</D:response>"


def _properties(locks: Locks, met: Met) -> Iterator[tuple[str, str]]:
    """Each property by name, as the element."""
    yield xml.dav("resourcetype"), _element("resourcetype", "<D:collection/>" if met.is_folder else "")
    name = "Talome" if met.place is None else met.place.name
    if xml.is_text(name):
        yield xml.dav("displayname"), _element("displayname", escape(name))
    path = "/" if met.place is None else met.place.path
    held = "".join(map(active, locks.on(where_of(path))))
    yield xml.dav("lockdiscovery"), _element("lockdiscovery", held)
    yield xml.dav("supportedlock"), _element("supportedlock", _SUPPORTED)
    if met.known is not None:
        changed = datetime.fromtimestamp(met.known.st_mtime, UTC)
        yield xml.dav("getlastmodified"), _element("getlastmodified", format_datetime(changed, usegmt=True))
        yield xml.dav("creationdate"), _element("creationdate", f"{changed:%Y-%m-%dT%H:%M:%SZ}")
        if not stat.S_ISDIR(met.known.st_mode):
            kind = media_type(name) or "application/octet-stream"
            yield xml.dav("getcontentlength"), _element("getcontentlength", str(met.known.st_size))
            yield xml.dav("getcontenttype"), _element("getcontenttype", escape(kind))
            yield xml.dav("getetag"), _element("getetag", escape(etag_of(met.known)))
    yield from met.properties.items()


def _room(met: Met) -> dict[str, str]:
    """RFC 4331: told only where it is asked for by name."""
    if met.place is None or not met.is_folder:
        return {}
    try:
        with met.place.open() as root:
            room = os.fstatvfs(root.descriptor)
    except (TalomeError, OSError):
        return {}
    free, used = room.f_bavail * room.f_frsize, (room.f_blocks - room.f_bfree) * room.f_frsize
    return {
        xml.dav("quota-available-bytes"): _element("quota-available-bytes", str(free)),
        xml.dav("quota-used-bytes"): _element("quota-used-bytes", str(used)),
    }


def _href(met: Met) -> str:
    path = "" if met.place is None else met.place.path
    return quote(f"{DAV}{path}/" if met.is_folder else f"{DAV}{path}")


def _element(local: str, content: str) -> str:
    return f"<D:{local}>{content}</D:{local}>" if content else f"<D:{local}/>"


def propstat(content: str, status: str) -> str:
    return f"<D:propstat><D:prop>{content}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"


def active(lock: Lock) -> str:
    scope, depth = ("exclusive" if lock.exclusive else "shared"), ("infinity" if lock.deep else "0")
    root = escape(quote(f"{DAV}/{'/'.join(lock.where)}"))
    return (
        f"<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:{scope}/></D:lockscope>"
        f"<D:depth>{depth}</D:depth>{lock.owner}<D:timeout>Second-{lock.seconds_left}</D:timeout>"
        f"<D:locktoken><D:href>{escape(lock.token)}</D:href></D:locktoken>"
        f"<D:lockroot><D:href>{root}</D:href></D:lockroot></D:activelock>"
    )
